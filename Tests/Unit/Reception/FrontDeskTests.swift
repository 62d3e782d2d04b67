import Canonical
import HTTP
import Linux
import OpenSSL
import Procurement
import Testing

@testable import Portal
@testable import Reception

/// What a connection would be told, and the receiver that its body would go to.
private final class HeardExchange: Exchange, @unchecked Sendable {
    private struct State {
        var status: Int?
        var fields: [(String, String)] = []
        var limit: Int64?
        var receiver: (any BodyReceiver)?
    }

    private let state = Monitor(State())

    func respond(_ response: Response) {
        state.change { state in (state.status, state.fields) = (response.status, response.fields) }
    }

    var fields: [(String, String)] { state.change { $0.fields } }

    func receive(_ receiver: any BodyReceiver, limit: Int64) {
        state.change { state in (state.receiver, state.limit) = (receiver, limit) }
    }

    func resume() {}

    /// The status of an answer, or nil where the body is wanted; 0 where nothing was heard for a minute.
    func status() -> Int? {
        state.wait(milliseconds: 60_000) { state in
            state.status.map { .some($0) } ?? (state.limit == nil ? nil : .some(nil))
        } ?? 0
    }

    var isAnswered: Bool { state.change { $0.status != nil || $0.limit != nil } }

    /// The client goes away.
    func cut() {
        let receiver = state.change { $0.receiver.take() }
        receiver?.abandon(.cut)
    }
}

@Suite("The portal before a vault")
struct FrontDeskTests {
    private let house: House
    private let desk: FrontDesk

    init() throws {
        house = try House()
        desk = FrontDesk(vault: house.vault, publicLimits: PublicLimits([:]))
    }

    private func ask(
        _ method: String, _ path: String, by user: House.User, length: Int64, fields: [(String, String)] = []
    ) -> HeardExchange {
        let exchange = HeardExchange()
        let token = String(decoding: user.token, as: UTF8.self)
        desk.handle(
            Request(
                method: Method(method), path: ["api", "v1"] + path.split(separator: "/").map(String.init), query: [],
                fields: Fields([("Authorization", "Bearer \(token)")] + fields), host: "localhost", contentLength: length,
                isChunked: false, expectsContinue: false, closes: false),
            from: Peer(address: "192.0.2.1", prefix: "192.0.2.0/24", isLocal: false, uid: nil), exchange)
        return exchange
    }

    /// Whoever floods the daemon with other requests keeps no bid out.
    @Test func aBidWaitsForNoOtherRequest() throws {
        let (id, _) = try house.published()
        let gate = Monitor(false)
        // Both of the house's readers, and more behind them.
        for _ in 0..<100 { #expect(house.vault.perform { _ = gate.wait { $0 ? true : nil } }) }
        let bid = ask("PUT", "consultations/\(id)/bid/offre.zip", by: house.bidder, length: 1)
        #expect(bid.status() == nil)
        gate.change { $0 = true }
        bid.cut()
    }

    /// More waits than is let to wait: told so at once, and when to come again.
    @Test func aFullQueueIsToldBeforeItGrows() throws {
        let gate = Monitor(false)
        defer { gate.change { $0 = true } }
        var queued = 0
        while house.vault.perform({ _ = gate.wait { $0 ? true : nil } }) { queued += 1 }
        #expect(queued <= 2002, "fewer than there are connections")
        // A thread may just have made room for one.
        var refused = ask("GET", "consultations", by: house.bidder, length: 0)
        for _ in 0..<3 where !refused.isAnswered { refused = ask("GET", "consultations", by: house.bidder, length: 0) }
        #expect(refused.isAnswered && refused.status() == 503)
        #expect(refused.fields.contains { $0 == ("Retry-After", "5") })
    }

    /// Nor does one who asks a great many things of a draft that is held.
    @Test func aBidWaitsForNoDraft() throws {
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.otherBidder)
        try draft.create(1)
        try house.vault.drafts.hold(draft.bid, for: house.bidder.principal.account)
        let fields = [
            ("Tus-Resumable", "1.0.0"), ("Bid-Code", draft.code), ("Upload-Offset", "0"), ("Content-Type", "application/offset+octet-stream"),
        ]
        let waiting = (0..<6).flatMap { _ in
            ["PATCH", "HEAD"].map { ask($0, "documents/\(draft.bid)-1", by: house.otherBidder, length: 1, fields: fields) }
        }
        let bid = ask("PUT", "consultations/\(id)/bid/offre.zip", by: house.bidder, length: 1)
        #expect(bid.status() == nil)
        #expect(ask("GET", "consultations/\(id)", by: house.bidder, length: 0).status() == 200)
        #expect(waiting.allSatisfy { !$0.isAnswered }, "they do wait")
        house.vault.drafts.letGo(draft.bid)
        bid.cut()
        for call in waiting {
            _ = call.status()
            call.cut()
        }
    }

    @Test func bodiesUnderWayHaveSoMuchRoomForEachAccount() throws {
        let (id, _) = try house.published()
        let minutes = "consultations/\(id)/openings/\(identifier(7))/minutes"
        let half = BodyRoom.mostOfAccount / 2
        let first = ask("POST", minutes, by: house.opener, length: half)
        let second = ask("POST", minutes, by: house.otherOpener, length: half)
        #expect(first.status() == nil && second.status() == nil)
        #expect(ask("POST", minutes, by: house.opener, length: 1).status() == 503)
        // Until one of them ends, however it ends.
        first.cut()
        var third = ask("POST", minutes, by: house.opener, length: half)
        for _ in 0..<1000 where third.status() == 503 { third = ask("POST", minutes, by: house.opener, length: half) }
        #expect(third.status() == nil)
        second.cut()
        third.cut()
    }

    @Test func aBodyThatIsAnnouncedTooLongIsNotTaken() throws {
        #expect(ask("POST", "consultations", by: house.buyer, length: 64 << 10 + 1).status() == 413)
        let taken = ask("POST", "consultations", by: house.buyer, length: 64 << 10)
        #expect(taken.status() == nil)
        taken.cut()
    }
}

@Suite("The host's keys, as the API shows them") struct HostKeyAnswerTests {
    @Test(arguments: [(61, nil), (60, "approaching"), (30, "month"), (7, "week"), (-1, "expired")] as [(Int64, String?)])
    func whoAdministersIsToldOfAnEnd(days: Int64, notice: String?) throws {
        let now = Dial.instant("12:00:00.000")
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: "tls", usage: .server, notBefore: now.second - 86_400 * 400, notAfter: now.second + 86_400 * days)
        func said(_ isCurrent: Bool) -> JSON? {
            guard case .object(let fields) = HostKey(.tls, certificate, isCurrent: isCurrent).json(at: now) else { return nil }
            return fields["notice"]
        }
        #expect(said(true) == notice.map(JSON.string) && said(false) == nil)
    }
}
