import Linux
import OpenSSL

/// A kept HTTPS connection to this machine, for one blocking exchange after another: as little client as will do, so that the
/// figures are the server's.
final class KeptConnection {
    struct Failed: Error, CustomStringConvertible { let description: String }

    private let tls: TLSConnection
    // After the connection above, which uses it: closed last.
    private let socket: FileDescriptor
    private var buffer = [UInt8](repeating: 0, count: 16384)

    init(port: UInt16, context: TLSContext) throws {
        socket = try Sockets.connect(SocketAddress(bytes: [127, 0, 0, 1], port: port), milliseconds: 5000)
        tls = try TLSConnection(connecting: context, socket: socket.raw, host: "localhost")
        while try !isDone(tls.handshake()) {}
    }

    /// Sends a request whose head and body are given, and reads the whole answer.
    ///
    /// - Returns: its status.
    func exchange(_ head: [UInt8], _ body: [UInt8]) throws -> Int {
        try send(head)
        try send(body)
        return try receive()
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            switch tls.write(bytes.span.extracting(sent..<bytes.count)) {
            case .complete(let count): sent += count
            case let other: _ = try isDone(other)
            }
        }
    }

    private func receive() throws -> Int {
        var answer: [UInt8] = []
        var whole: Int?
        while whole.map({ answer.count < $0 }) ?? true {
            var span = buffer.mutableSpan
            switch tls.read(into: &span) {
            case .complete(let count):
                answer += buffer[..<count]
                if whole == nil { whole = try Self.length(of: answer) }
            case let other: _ = try isDone(other)
            }
        }
        guard let status = Int(String(decoding: answer[9..<12], as: UTF8.self)) else {
            throw Failed(description: "an answer without a status")
        }
        return status
    }

    /// Head and body together, once the head is there.
    private static func length(of answer: [UInt8]) throws -> Int? {
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
        let head = text[..<end.lowerBound]
        let count = text.utf8.distance(from: text.startIndex, to: end.upperBound)
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                guard let length = Int(parts[1].drop { $0 == " " }) else { break }
                return count + length
            }
        }
        guard head.contains(" 204 ") || head.contains(" 304 ") else {
            throw Failed(description: "an answer without Content-Length: \(head)")
        }
        return count
    }

    /// Waits as an unfinished step asks; true when it was complete.
    private func isDone(_ outcome: TLSOutcome) throws -> Bool {
        switch outcome {
        case .complete: return true
        case .incompleteRead: try wait(.readable)
        case .incompleteWrite: try wait(.writable)
        case .ended: throw Failed(description: "the server ended the connection")
        case .failed(let error): throw error
        }
        return false
    }

    private func wait(_ readiness: Sockets.Readiness) throws {
        guard try Sockets.wait(socket.raw, for: readiness, milliseconds: 60_000) else {
            throw Failed(description: "the server did not answer for a minute")
        }
    }
}
