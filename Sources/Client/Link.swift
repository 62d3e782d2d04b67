internal import Linux

/// What one attempt to move bytes came to. Nothing here blocks; who waits decides how long.
enum LinkStep: Equatable {
    case moved(Int)
    /// Call again when the descriptor is readable, or writable.
    case wantsRead, wantsWrite
    /// The peer ended its side in good order.
    case ended
}

/// A connected stream, in the clear or under TLS.
protocol Link: AnyObject {
    var descriptor: Int32 { get }
    func read(into bytes: inout MutableSpan<UInt8>) throws(ClientError) -> LinkStep
    func write(_ bytes: Span<UInt8>) throws(ClientError) -> LinkStep
}

/// A unix socket, or TCP in the clear.
final class PlainLink: Link {
    private let socket: FileDescriptor

    init(path: String) throws(ClientError) {
        do { socket = try Sockets.connect(unix: path) } catch {
            throw ClientError.unreachable("\(path): \(error)")
        }
    }

    init(host: String, port: UInt16, limits: TimeLimits) throws(ClientError) {
        do {
            socket = try Sockets.connect(host: host, port: port, milliseconds: Int32(clamping: limits.connect))
        } catch {
            if error.operation.description == "getaddrinfo" {
                throw ClientError.unreachable("no address is known for \(host)")
            }
            throw ClientError.unreachable("\(host), port \(port): \(error)")
        }
    }

    var descriptor: Int32 { socket.raw }

    func read(into bytes: inout MutableSpan<UInt8>) throws(ClientError) -> LinkStep {
        do {
            guard let count = try Sockets.read(socket.raw, into: &bytes) else { return .wantsRead }
            return count == 0 ? .ended : .moved(count)
        } catch { throw ClientError.cut(afterSending: false) }
    }

    func write(_ bytes: Span<UInt8>) throws(ClientError) -> LinkStep {
        do {
            guard let count = try Sockets.write(socket.raw, bytes) else { return .wantsWrite }
            return .moved(count)
        } catch { throw ClientError.cut(afterSending: false) }
    }
}
