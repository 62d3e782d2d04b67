/// Why there is no answer. What the server *said* is never one of these.
public enum ClientError: Error, Sendable, Equatable {
    case badAddress(String)
    /// No name, no route, nobody listens.
    case unreachable(String)
    /// The certificate does not hold for this host and these authorities, or the handshake failed.
    case untrusted(String)
    /// The bound of a phase passed; the name of the phase.
    case timedOut(String)
    /// The connection ended before the answer did. Whether the server acted on the request is unknown if
    /// `afterSending`.
    case cut(afterSending: Bool)
    /// Not HTTP as RFC 9112 has it.
    case malformed(String)
    /// The answer crosses the bound that the caller set.
    case tooLarge
    /// The file to be sent could not be read, or changed its length meanwhile.
    case upload(String)
}
