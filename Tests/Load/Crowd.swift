import Foundation
import Linux
import OpenSSL

/// Very many connections on one thread, each from one of many loopback addresses and with one of many tokens: idle, trickling,
/// or all finishing a bid in the same seconds.
final class Crowd {
    enum Act: String {
        /// Stands there, between two requests.
        case idle
        /// Sends a document at little more than the slowest rate that is allowed.
        case trickle
        /// Sends a whole document at its own moment within ``seconds``, and waits for its receipt.
        case rush
    }

    private enum Phase { case waiting, connecting, sending, receiving, standing, done, failed }

    private final class Member {
        let number: Int
        /// Milliseconds after the start at which it begins.
        let due: Double
        var phase = Phase.waiting
        var tls: TLSConnection?
        var raw: Int32 = -1
        var head: [UInt8] = []
        var sent = 0
        var allowed = 0
        var answer: [UInt8] = []
        var finished: Double = 0

        init(_ number: Int, due: Double) {
            self.number = number
            self.due = due
        }
    }

    private let act: Act
    private let port: UInt16
    private let path: String
    private let tokens: [String]
    private let seconds: Double
    private let context: TLSContext
    private let document: [UInt8]
    private let epoll: Epoll
    private var members: [Member] = []
    private let began = ContinuousClock.now
    private var latencies: [Double] = []
    private var onTime = 0
    private var causes: [String: Int] = [:]
    private var buffer = [UInt8](repeating: 0, count: 16384)
    private static let trickle = 1500.0

    init(_ act: Act, port: UInt16, ca: String, path: String, tokens: [String], count: Int, bytes: Int, seconds: Double) throws {
        signal(SIGPIPE, SIG_IGN)
        _ = try Descriptors.raiseLimit()
        (self.act, self.port, self.path, self.tokens, self.seconds) = (act, port, path, tokens, seconds)
        context = try TLSContext(trustedFile: ca)
        document = try Random.bytes(max(1, bytes))
        epoll = try Epoll()
        // Connections are opened a little apart: a listener's backlog is not what is measured.
        let spread = act == .rush ? seconds * 1000 / Double(count) : 0.7
        members = (0..<count).map { Member($0, due: Double($0) * spread) }
    }

    private var now: Double { (ContinuousClock.now - began) / .milliseconds(1) }

    /// - Parameter ready: called once all connections stand, or trickle.
    /// - Returns: one line of figures.
    func run(ready: () -> Void) throws -> String {
        var events: [Epoll.Event] = []
        var next = 0
        var isReady = false
        var end = Double.infinity
        var lastTick = 0.0
        while true {
            let time = now
            while next < members.count, members[next].due <= time {
                step(members[next]) { try self.connect(self.members[next]) }
                next += 1
            }
            if act == .trickle, time - lastTick >= 200 {
                lastTick = time
                for member in members where member.phase == .sending {
                    member.allowed = min(document.count, member.allowed + Int(Self.trickle / 5))
                    step(member) { try self.send(member) }
                }
            }
            let isSettled = next == members.count && !members.contains { $0.phase == .connecting || $0.phase == .waiting }
            if act != .rush, isSettled, !isReady {
                isReady = true
                ready()
                end = now + seconds * 1000
            }
            if act == .rush, next == members.count, members.allSatisfy({ $0.phase == .done || $0.phase == .failed }) { break }
            if time > end || time > seconds * 1000 + 300_000 { break }
            try epoll.wait(into: &events, max: 1024, milliseconds: 5)
            for event in events {
                let member = members[Int(event.token)]
                step(member) { try self.move(member) }
            }
        }
        let failed = members.count { $0.phase == .failed }
        let sorted = latencies.sorted()
        let quantile = { (part: Double) in sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] }
        let why = causes.sorted { $0.value > $1.value }.prefix(3).map { "\($0.value) × \($0.key)" }.joined(separator: "; ")
        if failed > 0 { FileHandle.standardError.write(Data("load: \(failed) of \(members.count) failed: \(why)\n".utf8)) }
        return String(
            format: "%d %d %d %.1f %.1f %.1f", members.count, failed, onTime, quantile(0.5), quantile(0.99), sorted.last ?? 0)
    }

    private func step(_ member: Member, _ body: () throws -> Void) {
        do { try body() } catch {
            causes["\(error)", default: 0] += 1
            member.phase = .failed
            close(member)
        }
    }

    /// TLS first, which uses the socket.
    private func close(_ member: Member) {
        member.tls = nil
        guard member.raw >= 0 else { return }
        try? epoll.remove(member.raw)
        _ = Glibc.close(member.raw)
        member.raw = -1
    }

    // MARK: One member

    private func connect(_ member: Member) throws {
        let raw = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard raw >= 0 else { throw KeptConnection.Failed(description: "socket: \(errno)") }
        member.raw = raw
        // 127.1.0.1 and up: a hundred members an address.
        let group = member.number / 100 + 1
        var local = Self.address([127, 1, UInt8(group / 250), UInt8(group % 250 + 1)], 0)
        var remote = Self.address([127, 0, 0, 1], port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &local) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, size) } }
        guard bound == 0 else { throw KeptConnection.Failed(description: "bind: \(errno)") }
        let made = withUnsafePointer(to: &remote) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(raw, $0, size) }
        }
        guard made == 0 || errno == EINPROGRESS else { throw KeptConnection.Failed(description: "connect: \(errno)") }
        member.tls = try TLSConnection(connecting: context, socket: raw, host: "localhost")
        try epoll.add(raw, [.readable, .writable], token: UInt64(member.number))
        member.phase = .connecting
        let token = tokens.isEmpty ? "" : "Authorization: Bearer \(tokens[member.number % tokens.count])\r\n"
        let target = path.replacing("%", with: String(member.number))
        switch act {
        case .idle: member.head = Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        case .trickle, .rush:
            member.head = Array("PUT \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(document.count)\r\n\(token)\r\n".utf8)
        }
    }

    private static func address(_ bytes: [UInt8], _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
        return address
    }

    private func move(_ member: Member) throws {
        switch member.phase {
        case .connecting:
            guard let tls = member.tls else { return }
            if case .complete = try settled(tls.handshake()) {
                member.phase = .sending
                member.allowed = act == .rush ? document.count : 0
                try send(member)
            }
        case .sending: try send(member)
        case .receiving: try receive(member)
        case .standing: try listen(member)
        case .waiting, .done, .failed: break
        }
    }

    /// What cannot go on now goes on at the next event.
    private func settled(_ outcome: TLSOutcome) throws -> TLSOutcome {
        switch outcome {
        case .ended: throw KeptConnection.Failed(description: "the server ended the connection")
        case .failed(let error): throw error
        default: return outcome
        }
    }

    private func send(_ member: Member) throws {
        guard let tls = member.tls else { return }
        let whole = member.head.count + (act == .idle ? 0 : member.allowed)
        while member.sent < whole {
            let piece: [UInt8] =
                member.sent < member.head.count
                ? Array(member.head[member.sent...])
                : Array(document[(member.sent - member.head.count)..<min(member.allowed, member.sent - member.head.count + 65536)])
            guard case .complete(let count) = try settled(tls.write(piece.span)) else {
                return try epoll.modify(member.raw, [.readable, .writable], token: UInt64(member.number))
            }
            member.sent += count
        }
        try epoll.modify(member.raw, .readable, token: UInt64(member.number))
        guard act == .idle || member.sent == member.head.count + document.count else { return }
        member.finished = now
        member.phase = .receiving
        try receive(member)
    }

    private func receive(_ member: Member) throws {
        guard let tls = member.tls else { return }
        while true {
            var span = buffer.mutableSpan
            guard case .complete(let count) = try settled(tls.read(into: &span)) else { return }
            member.answer += buffer[..<count]
            let text = String(decoding: member.answer, as: UTF8.self)
            guard text.contains("\r\n\r\n"), text.contains("}") else { continue }
            if act == .idle {
                member.phase = .standing
                member.answer = []
                return
            }
            guard text.contains(" 201 ") else { throw KeptConnection.Failed(description: String(text.prefix(300))) }
            if text.contains("\"verdict\":\"on-time\"") { onTime += 1 }
            latencies.append(now - member.finished)
            member.phase = .done
            close(member)
            return
        }
    }

    /// Whatever comes now is the server's goodbye.
    private func listen(_ member: Member) throws {
        guard let tls = member.tls else { return }
        var span = buffer.mutableSpan
        _ = try settled(tls.read(into: &span))
    }
}
