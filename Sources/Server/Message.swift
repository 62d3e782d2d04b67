internal import HTTP
internal import Linux
internal import OpenSSL

/// What other threads ask of a loop.
enum Message: @unchecked Sendable {
    // Unchecked for the receiver alone: it crosses to the loop's thread once and is used there only.

    case adopt(Arrival)
    case receive(ExchangeKey, any BodyReceiver, limit: Int64)
    case resume(ExchangeKey)
    case respond(ExchangeKey, Response)
    /// The application let go of an exchange that it never answered.
    case forgotten(ExchangeKey)
    /// A piece of an answer's file, or nil if it could not be read.
    case piece(ExchangeKey, [UInt8]?)
    /// Close connections between requests, to make room.
    case shedIdle
    case reload(TLSContext?, ConnectionLimits)
    /// Take no more connections; end bodies at `bound` (milliseconds of the server's clock).
    case stop(bound: Int64)
}

/// One exchange on one connection of one loop.
struct ExchangeKey: Hashable, Sendable {
    let connection: Slab<Connection>.Key
    /// Which request of the connection, from 1.
    let number: UInt64
}
