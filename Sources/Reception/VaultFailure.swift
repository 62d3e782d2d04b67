/// What is nobody's refusal: the caller gets a bare 500, the cause stands in the daemon's log.
public enum VaultFailure: Error, Sendable {
    /// OpenSSL could not seal.
    case sealing
    /// An object that an event names is not in the register, or does not read.
    case register(String)
    /// A file of a draft is not as it was written.
    case draft(String)
    /// The work queue is full, or the daemon is stopping.
    case stopping
}
