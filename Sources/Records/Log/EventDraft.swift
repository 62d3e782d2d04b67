public import Canonical
public import Procurement

/// What a decision asks the scribe to append: it lacks the instant and the nonce, which are the scribe's to give.
public struct EventDraft: Sendable {
    public let log: Log
    public let fact: any Fact

    public init(log: Log, fact: any Fact) {
        self.log = log
        self.fact = fact
    }
}

/// An event that is in the register, on the disk, and below the high-water mark.
public struct CommittedEvent: Sendable {
    public let log: Log
    /// Position in its log, from 0.
    public let position: Int64
    public let at: Instant
    /// RFC 6962 leaf hash of `bytes`.
    public let leaf: Digest
    /// Canonical, as they were hashed.
    public let bytes: [UInt8]
    public let fact: any Fact
}
