public import Canonical

/// What a deposit came to, once its last byte was read and its envelope sealed: what the rules give a verdict on.
public struct Submission: Sendable, Equatable {
    public let bid: Identifier
    /// SHA-256 of `seal.json`.
    public let seal: Digest
    /// Fingerprint of the key set under which it was sealed.
    public let keys: Digest
    public let sealedBy: SealedBy
    public let intent: Intent
    /// How many documents the envelope holds.
    public let documents: Int
    /// Head of its first request; first byte; last byte of the submission.
    public let started: Instant
    public let firstByte: Instant
    public let received: Instant
    /// Digest of the bid code.
    public let bidCode: Digest
    public let outcome: BidReceived.Outcome?

    public init(
        bid: Identifier, seal: Digest, keys: Digest, sealedBy: SealedBy, intent: Intent, documents: Int,
        started: Instant, firstByte: Instant, received: Instant, bidCode: Digest, outcome: BidReceived.Outcome?
    ) {
        self.bid = bid
        self.seal = seal
        self.keys = keys
        self.sealedBy = sealedBy
        self.intent = intent
        self.documents = documents
        self.started = started
        self.firstByte = firstByte
        self.received = received
        self.bidCode = bidCode
        self.outcome = outcome
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        seal = try reader.digest("seal")
        keys = try reader.digest("keys")
        sealedBy = try reader.word("sealedBy", of: SealedBy.self)
        intent = try reader.word("intent", of: Intent.self)
        documents = try reader.count("documents", in: 1...1_000_000)
        started = try reader.instant("started")
        firstByte = try reader.instant("firstByte")
        received = try reader.instant("received")
        bidCode = try reader.digest("bidCodeHash")
        if var inner = try reader.optionalObject("outcome") {
            outcome = BidReceived.Outcome(key: try inner.digest("key"), answer: try inner.digest("answer"))
            try inner.finish()
        } else {
            outcome = nil
        }
    }
}

/// Who turned plaintext into ciphertext: the platform on arrival, or the bidder before sending.
public enum SealedBy: String, Sendable, CaseIterable {
    case platform, bidder
}

/// What a bidder says of an earlier bid of its own (R2151-6).
public enum Intent: String, Sendable, CaseIterable {
    /// Nothing said: the last bid on time is the one opened.
    case unstated
    case replaces, complements
}
