/// What a server serves.
public protocol Application: AnyObject, Sendable {
    /// A head is complete. Called on a loop's thread: it must not block, but hand the exchange to another thread or answer
    /// at once.
    func handle(_ request: Request, from peer: Peer, _ exchange: any Exchange)

    /// A connection ended before a whole head, or was refused by the server itself (malformed, too large, too slow, too many):
    /// for counting. The server has answered, or will, where an answer can be read.
    func refused(_ reason: StaticString, from peer: Peer)
}

/// One request and its answer, seen from the application. Any thread may call it; calls take effect on the connection's
/// loop, in order. Calls after the answer, or after the connection's end, do nothing, except that a receiver is always told its
/// end.
public protocol Exchange: AnyObject, Sendable {
    /// Answers, once. While the body is not wholly received it will not be: the client gets the answer, then the connection
    /// closes, and the receiver hears nothing more.
    func respond(_ response: Response)

    /// Takes the body, once: tells a client that waits to go on (100), then delivers.
    /// - Parameter limit: in bytes. A longer Content-Length is the application's to refuse before; a chunked body that
    ///   crosses it is abandoned as `tooLarge`.
    func receive(_ receiver: any BodyReceiver, limit: Int64)

    /// Goes on after `pause`.
    func resume()
}

/// Where a body goes. Called on the one loop thread that owns the connection, never after `finish` or `abandon`.
public protocol BodyReceiver: AnyObject {
    /// Bytes of the body, in order, valid during the call only.
    func receive(_ bytes: Span<UInt8>) -> Flow

    /// The body is complete. The answer may come later, from any thread.
    func finish()

    /// The body will not be complete. Unless it was `cut`, the exchange may still be answered; if it is not, the server
    /// answers for it.
    func abandon(_ cause: BodyEnd)
}

public enum Flow: Sendable {
    case proceed
    /// Deliver nothing more until `Exchange.resume()`, and let the client's connection fill up. Time does not count meanwhile.
    case pause
    /// Deliver nothing more at all: the receiver has answered, or will.
    case stop
}

/// Why a body was not wholly received.
public enum BodyEnd: Sendable, Hashable {
    /// The connection ended.
    case cut
    /// No byte came for too long.
    case idle
    /// Fewer bytes came than the slowest rate allows.
    case tooSlow
    /// More bytes came than the limit.
    case tooLarge
    /// The server is stopping.
    case stopping
    /// The chunked coding was broken.
    case malformed
}

/// Who is at the other end.
public struct Peer: Sendable, Hashable {
    /// Numeric, without a port; `local` on a unix socket.
    public let address: String
    /// The network it belongs to, for counting: IPv4 /24, IPv6 /48; `local` on a unix socket.
    public let prefix: String
    /// It came over a unix socket of this host.
    public let isLocal: Bool
    /// On a unix socket, the effective user of the process that connected.
    public let uid: UInt32?

    public init(address: String, prefix: String, isLocal: Bool, uid: UInt32?) {
        self.address = address
        self.prefix = prefix
        self.isLocal = isLocal
        self.uid = uid
    }
}
