import Linux
import OpenSSL

/// A TLS connection that waits for each step.
final class TLSClient {
    let tls: TLSConnection
    private let socket: FileDescriptor

    init(port: UInt16, _ context: TLSContext, host: String) throws {
        socket = try Sockets.connect(SocketAddress(bytes: [127, 0, 0, 1], port: port), milliseconds: 10_000)
        tls = try TLSConnection(connecting: context, socket: socket.raw, host: host)
    }

    func handshake() throws -> TLSOutcome { try complete { tls.handshake() } }

    func write(_ text: String) throws -> TLSOutcome {
        let bytes = Array(text.utf8)
        return try complete { tls.write(bytes.span) }
    }

    /// All that comes, and whether the stream ended with close_notify.
    func readToEnd() throws -> (text: String, isEnded: Bool) {
        var text = ""
        while true {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let outcome = try complete {
                var span = buffer.mutableSpan
                return tls.read(into: &span)
            }
            switch outcome {
            case .complete(let count): text += String(decoding: buffer[..<count], as: UTF8.self)
            case .ended: return (text, true)
            default: return (text, false)
            }
        }
    }

    private func complete(_ step: () -> TLSOutcome) throws -> TLSOutcome {
        while true {
            let outcome = step()
            switch outcome {
            case .incompleteRead: _ = try Sockets.wait(socket.raw, for: .readable, milliseconds: 60_000)
            case .incompleteWrite: _ = try Sockets.wait(socket.raw, for: .writable, milliseconds: 60_000)
            default: return outcome
            }
        }
    }
}
