public import Canonical

/// A draft as the register knows it: whose it is, and what became of it. Its documents are files of the reception.
public struct DraftEntry: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case open, submitted, dropped
    }

    public let bid: Identifier
    public let consultation: Identifier
    public let depositor: Identifier
    public let user: Identifier
    /// Digest of the bid code.
    public let bidCode: Digest
    public let keys: Digest
    public let started: Instant
    public let awaited: Int64?
    public let intent: Intent
    public let sealedBy: SealedBy
    public let state: State

    public init(
        bid: Identifier, consultation: Identifier, depositor: Identifier, user: Identifier, bidCode: Digest, keys: Digest,
        started: Instant, awaited: Int64?, intent: Intent, sealedBy: SealedBy, state: State
    ) {
        self.bid = bid
        self.consultation = consultation
        self.depositor = depositor
        self.user = user
        self.bidCode = bidCode
        self.keys = keys
        self.started = started
        self.awaited = awaited
        self.intent = intent
        self.sealedBy = sealedBy
        self.state = state
    }
}
