import Canonical
import HTTP
import Linux
import OpenSSL
import Procurement
import Testing

@testable import Portal
@testable import Reception

/// What the operator and the collector are told of certificates that end.
@Suite("Certificates that end") struct ExpiryTests {
    private let house: House

    init() throws { house = try House() }

    /// In use from now on, each good for so many days from the dial's.
    private func hold(_ days: [(HostKeyKind, Int64, isCurrent: Bool)]) throws {
        let now = house.dial.clock.now.second
        let keys = try days.map { kind, days, isCurrent in
            HostKey(
                kind,
                try Certificate.selfSigned(
                    PrivateKey.generateP256(), commonName: kind.rawValue, usage: .sealing, notBefore: 0, notAfter: now + days * 86_400 + 3600),
                isCurrent: isCurrent)
        }
        house.vault.use(house.vault.timeLock, keys: keys)
    }

    private func told() -> [String] { house.told.change { $0 }.filter { $0.contains("certificate") } }

    @Test func theLogIsToldOnceADay() throws {
        try hold([(.timeLock, 59, true), (.timeLock, 3, false), (.timestamp, 6, true), (.tls, -1, true), (.recovery, 61, true)])
        house.vault.tendExpiry()
        let first = told()
        // Neither the one that has time nor the one that is not in use.
        #expect(first.count == 3, "\(first)")
        #expect(first[0].hasPrefix("the time-lock certificate expires in 59 days (") && first[0].hasSuffix("sceaud key add time-lock"))
        #expect(first[1].hasPrefix("the timestamp certificate expires in 6 days (") && first[1].contains("then nothing is stamped"))
        #expect(first[2].hasPrefix("the tls certificate has expired ("))
        for hours in [1, 11, 11] {
            house.dial.pass(Int64(hours) * 3600)
            house.vault.tendExpiry()
            #expect(told().count == 3)
        }
        house.dial.pass(3600)
        house.vault.tendExpiry()
        #expect(told().count == 6 && told()[3].hasPrefix("the time-lock certificate expires in 58 days ("))
        // A clock that stepped back: what was said is of another day.
        house.dial.set(to: "10:00:00.000")
        house.vault.tendExpiry()
        #expect(told().count == 9)
    }

    @Test func theDayIsKeptByTheHousekeeping() throws {
        try hold([(.tls, 29, true)])
        for _ in 1...3 { house.vault.tend() }
        #expect(told().count == 1)
        house.dial.pass(86_400)
        house.vault.tend()
        #expect(told().count == 2)
    }

    private final class Heard: Exchange, @unchecked Sendable {
        let body = Monitor<[UInt8]?>(nil)

        func respond(_ response: Response) {
            guard case .bytes(let bytes) = response.body else { return }
            body.change { $0 = bytes }
        }
        func receive(_ receiver: any BodyReceiver, limit: Int64) {}
        func resume() {}
    }

    @Test func theMetricCountsTheSecondsOfTheKeysInUse() throws {
        func metrics() -> [String] {
            let exchange = Heard()
            MetricsDesk(vault: house.vault).handle(
                Request(
                    method: .get, path: ["metrics"], query: [], fields: Fields([]), host: "localhost", contentLength: nil, isChunked: false,
                    expectsContinue: false, closes: false),
                from: Peer(address: "127.0.0.1", prefix: "127.0.0.0/24", isLocal: false, uid: nil), exchange)
            let text = String(decoding: exchange.body.wait(milliseconds: 60_000) { $0 } ?? [], as: UTF8.self)
            return text.split(separator: "\n").map(String.init).filter { $0.contains("sceau_key_expiry_seconds") }
        }
        #expect(metrics().isEmpty, "no keys, no metric")
        try hold([(.timeLock, 10, true), (.timeLock, 3, false), (.tls, -1, true)])
        let lines = metrics()
        #expect(lines.suffix(2) == [
            "sceau_key_expiry_seconds{kind=\"time-lock\"} \(10 * 86_400 + 3600)", "sceau_key_expiry_seconds{kind=\"tls\"} \(3600 - 86_400)",
        ])
        #expect(lines.contains("# TYPE sceau_key_expiry_seconds gauge"))
        house.dial.pass(600)
        #expect(metrics().contains("sceau_key_expiry_seconds{kind=\"time-lock\"} \(10 * 86_400 + 3000)"))
    }
}
