import Foundation
import HTTP
import Linux

/// Serves what the tests need, and remembers what it was told.
final class TestApplication: Application {
    struct Seen {
        var requests: [String] = []
        var refused: [String] = []
        var peers: [Peer] = []
        var ends: [BodyEnd] = []
        var finished = 0
        var bytes: Int64 = 0
        var largest = 0
        var exchanges: [any Exchange] = []
    }

    let seen = Monitor(Seen())

    func handle(_ request: Request, from peer: Peer, _ exchange: any Exchange) {
        seen.change {
            $0.requests.append("\(request.method) /\(request.path.joined(separator: "/"))")
            $0.peers.append(peer)
        }
        switch request.path.first {
        case "hello": exchange.respond(Response(status: 200, body: .bytes(Array("hello\n".utf8))))
        case "forget": break
        case "forbidden": exchange.respond(Response(status: 403, body: .bytes(Array("no\n".utf8))))
        case "sink": exchange.receive(Sink(self, exchange), limit: 1 << 40)
        case "small": exchange.receive(Sink(self, exchange), limit: 1000)
        case "unanswered": exchange.receive(Sink(self, exchange, answersAbandoned: false), limit: 1000)
        case "pausing": exchange.receive(Sink(self, exchange, pauses: true), limit: 1 << 40)
        case "stopping": exchange.receive(Sink(self, exchange, stopsAt: 100_000), limit: 1 << 40)
        case "file": exchange.respond(Response(status: 200, body: .file(Pattern(length: Int64(request.path[1])!))))
        case "broken": exchange.respond(Response(status: 200, body: .file(Pattern(length: 5_000_000, failsAt: 2_500_000))))
        case "injection": exchange.respond(Response(status: 200, fields: [("X", "a\r\nSet-Cookie: b")]))
        case "held": seen.change { $0.exchanges.append(exchange) }
        default: exchange.respond(Response(status: 404))
        }
    }

    func refused(_ reason: StaticString, from peer: Peer) {
        seen.change { $0.refused.append(reason.description) }
    }
}

/// Counts a body, checks that it is `Pattern`'s, and answers with the count.
final class Sink: BodyReceiver {
    private let application: TestApplication
    private let exchange: any Exchange
    private let pauses: Bool
    private let stopsAt: Int
    private let answersAbandoned: Bool
    private var count = 0
    private var isIntact = true

    init(
        _ application: TestApplication, _ exchange: any Exchange, pauses: Bool = false, stopsAt: Int = .max,
        answersAbandoned: Bool = true
    ) {
        self.application = application
        self.exchange = exchange
        self.pauses = pauses
        self.stopsAt = stopsAt
        self.answersAbandoned = answersAbandoned
    }

    func receive(_ bytes: Span<UInt8>) -> Flow {
        if !Pattern.matches(bytes, at: count) { isIntact = false }
        count += bytes.count
        application.seen.change {
            $0.bytes += Int64(bytes.count)
            $0.largest = max($0.largest, bytes.count)
            if pauses { $0.exchanges.append(exchange) }
        }
        if count >= stopsAt {
            exchange.respond(Response(status: 507, body: .bytes(Array("full\n".utf8))))
            return .stop
        }
        return pauses ? .pause : .proceed
    }

    func finish() {
        application.seen.change { $0.finished += 1 }
        exchange.respond(Response(status: 201, body: .bytes(Array("\(count) \(isIntact)\n".utf8))))
    }

    func abandon(_ cause: BodyEnd) {
        application.seen.change { $0.ends.append(cause) }
        let status: Int? =
            switch cause {
            case .cut: nil
            case .idle, .tooSlow: 408
            case .tooLarge: 413
            case .stopping: 503
            case .malformed: 400
            }
        if let status, answersAbandoned {
            exchange.respond(Response(status: status, body: .bytes(Array("\(cause)\n".utf8))))
        } else if !answersAbandoned {
            application.seen.change { $0.exchanges.append(exchange) }
        }
    }
}

/// A file of bytes that tell their place.
final class Pattern: FileSource {
    let length: Int64
    private let failsAt: Int64
    private let position = Monitor<Int64>(0)

    init(length: Int64, failsAt: Int64 = .max) {
        self.length = length
        self.failsAt = failsAt
    }

    /// Repeated; of no round length, so that a piece misplaced shows.
    private static let table = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    static func bytes(_ range: Range<Int64>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        while bytes.count < range.count {
            let start = (Int(range.lowerBound) + bytes.count) % table.count
            bytes += table[start..<min(table.count, start + range.count - bytes.count)]
        }
        return bytes
    }

    static func matches(_ bytes: Span<UInt8>, at position: Int) -> Bool {
        bytes.withUnsafeBytes { bytes in
            table.withUnsafeBytes { table in
                var done = 0
                while done < bytes.count {
                    let start = (position + done) % table.count
                    let count = min(bytes.count - done, table.count - start)
                    if memcmp(bytes.baseAddress! + done, table.baseAddress! + start, count) != 0 { return false }
                    done += count
                }
                return true
            }
        }
    }

    func read(max: Int) throws -> [UInt8] {
        let start = position.change { position in
            defer { position += Int64(max) }
            return position
        }
        if start + Int64(max) > failsAt { throw LinuxError(operation: "read", errno: 5) }
        return Self.bytes(start..<min(length, start + Int64(max)))
    }
}
