public import Canonical

/// A row of a company's outbox.
public struct Notice: Sendable, Equatable {
    public let consultation: Identifier
    public let bid: Identifier
    public let kind: NoticeDue.Kind
    public let at: Instant

    public init(consultation: Identifier, bid: Identifier, kind: NoticeDue.Kind, at: Instant) {
        self.consultation = consultation
        self.bid = bid
        self.kind = kind
        self.at = at
    }
}
