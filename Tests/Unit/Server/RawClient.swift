import Linux

/// A plain connection that says exactly what a test wants said.
final class RawClient {
    let socket: FileDescriptor
    private var received: [UInt8] = []

    struct Answer {
        let status: Int
        let head: String
        let body: String
        /// Bytes of the body.
        let length: Int

        var closes: Bool { head.lowercased().contains("connection: close") }
    }

    enum Failure: Error {
        case ended(String), slow
    }

    init(port: UInt16) throws {
        socket = try Sockets.connect(SocketAddress(bytes: [127, 0, 0, 1], port: port), milliseconds: 10_000)
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            if let count = try Sockets.write(socket.raw, bytes.span.extracting(sent..<bytes.count)) {
                sent += count
            } else if try !Sockets.wait(socket.raw, for: .writable, milliseconds: 60_000) {
                throw Failure.slow
            }
        }
    }

    /// Sends until the kernel takes no more for a while; how many bytes it took.
    func sendUntilFull(_ piece: [UInt8], atMost: Int) throws -> Int {
        var sent = 0
        while sent < atMost {
            if let count = try Sockets.write(socket.raw, piece.span) {
                sent += count
            } else if try !Sockets.wait(socket.raw, for: .writable, milliseconds: 300) {
                break
            }
        }
        return sent
    }

    /// Reads more; false at the end of the stream.
    @discardableResult
    func readMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            var span = buffer.mutableSpan
            if let count = try Sockets.read(socket.raw, into: &span) {
                received += buffer[..<count]
                return count > 0
            }
            guard try Sockets.wait(socket.raw, for: .readable, milliseconds: 60_000) else { throw Failure.slow }
        }
    }

    /// The next answer, whole; interim ones are `status` 100 without a body.
    func answer(hasBody: Bool = true) throws -> Answer {
        while true {
            if let end = headEnd() {
                let head = String(decoding: received[..<end], as: UTF8.self)
                let length =
                    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
                    .flatMap { Int($0.dropFirst(16)) } ?? 0
                let needed = end + 4 + (hasBody ? length : 0)
                while received.count < needed {
                    guard try readMore() else { throw Failure.ended(head) }
                }
                defer { received.removeFirst(needed) }
                return Answer(
                    status: Int(head.split(separator: " ")[1]) ?? 0, head: head,
                    body: String(decoding: received[(end + 4)..<needed], as: UTF8.self),
                    length: needed - end - 4)
            }
            guard try readMore() else { throw Failure.ended(String(decoding: received, as: UTF8.self)) }
        }
    }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (0...(received.count - 4)).first { received[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
    }

    /// The server has ended its stream, in order and with nothing more said.
    func isEnded() throws -> Bool {
        let more = try readMore()
        return !more && received.isEmpty
    }

    func endWriting() { Sockets.shutdownWriting(socket.raw) }
}
