import Foundation
import Linux
import OpenSSL
import Synchronization

/// Many small deposits over kept connections, each connection with its own thread.
struct Deposits {
    let port: UInt16
    let context: TLSContext
    let path: String
    let fields: [String]
    let document: [UInt8]

    init(port: UInt16, ca: String, path: String, fields: [String], bytes: Int) throws {
        signal(SIGPIPE, SIG_IGN)
        self.port = port
        context = try TLSContext(trustedFile: ca)
        self.path = path
        self.fields = fields
        document = try Random.bytes(bytes)
    }

    private struct Tally {
        var next = 0
        var milliseconds: [Double] = []
        var failure: String?
    }
    private final class Shared: Sendable { let tally = Mutex(Tally()) }

    /// Stops at the first answer that is not 201 or 204 (nginx, writing over a file).
    func run(count: Int, connections: Int) throws -> String {
        let shared = Shared()
        let connections = try (0..<connections).map { _ in
            Transferred(try KeptConnection(port: port, context: context))
        }
        let began = ContinuousClock.now
        let threads = try connections.map { connection in
            try OSThread.start(name: "deposits") { [self] in
                work(connection.value, count: count, shared)
            }
        }
        for thread in threads { thread.join() }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let tally = shared.tally.withLock { $0 }
        if let failure = tally.failure { throw KeptConnection.Failed(description: failure) }
        let sorted = tally.milliseconds.sorted()
        let quantile = { (part: Double) in sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] }
        return String(
            format: "%d %.3f %.1f %.1f %.1f %.1f", count, seconds, Double(count) / seconds, quantile(0.5), quantile(0.99),
            sorted.last ?? 0)
    }

    private func work(_ connection: KeptConnection, count: Int, _ shared: Shared) {
        while true {
            let taken = shared.tally.withLock { tally -> Int? in
                guard tally.next < count, tally.failure == nil else { return nil }
                tally.next += 1
                return tally.next
            }
            guard let taken else { return }
            do {
                let began = ContinuousClock.now
                let status = try connection.exchange(head(taken), document)
                let took = (ContinuousClock.now - began) / .milliseconds(1)
                guard status == 201 || status == 204 else {
                    throw KeptConnection.Failed(description: "deposit \(taken) was answered \(status)")
                }
                shared.tally.withLock { $0.milliseconds.append(took) }
            } catch {
                shared.tally.withLock { $0.failure = $0.failure ?? "\(error)" }
                return
            }
        }
    }

    private func head(_ number: Int) -> [UInt8] {
        let target = path.replacing("%", with: String(number))
        let lines = ["PUT \(target) HTTP/1.1", "Host: localhost:\(port)", "Content-Length: \(document.count)"] + fields
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

/// A connection that its maker hands to one thread and uses no more.
private struct Transferred: @unchecked Sendable {
    let value: KeptConnection
    init(_ value: KeptConnection) { self.value = value }
}
