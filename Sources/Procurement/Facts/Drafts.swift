public import Canonical

/// A bid of several documents is being prepared. It is no bid: nothing of it counts before it is submitted.
public struct DraftOpened: Fact {
    public static let type = "draft-opened"
    /// Documents after whose last byte a draft may ask to be submitted by itself.
    public static let awaitable: ClosedRange<Int64> = 1...1_000_000

    /// The number that the bid will have.
    public let bid: Identifier
    public let consultation: Identifier
    /// The company's account.
    public let account: Identifier
    public let user: Identifier
    /// Fingerprint of the key set to whose certificates its documents are sealed.
    public let keys: Digest
    /// Digest of the bid code.
    public let bidCode: Digest
    /// Head of its first request.
    public let started: Instant
    /// It submits itself once so many documents are whole; nil where it waits to be submitted.
    public let awaited: Int64?
    /// What it will say of an earlier bid of the same depositor, where it submits itself.
    public let intent: Intent
    /// Who seals its documents: the platform as they arrive, or their bidder before.
    public let sealedBy: SealedBy

    public init(
        bid: Identifier, consultation: Identifier, account: Identifier, user: Identifier, keys: Digest, bidCode: Digest,
        started: Instant, awaited: Int64?, intent: Intent, sealedBy: SealedBy
    ) {
        self.bid = bid
        self.consultation = consultation
        self.account = account
        self.user = user
        self.keys = keys
        self.bidCode = bidCode
        self.started = started
        self.awaited = awaited
        self.intent = intent
        self.sealedBy = sealedBy
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "bid": .identifier(bid), "consultation": .identifier(consultation), "account": .identifier(account),
            "user": .identifier(user), "keys": .digest(keys), "bidCodeHash": .digest(bidCode), "started": .instant(started),
            "intent": .string(intent.rawValue), "sealedBy": .string(sealedBy.rawValue),
        ]
        fields["awaited"] = awaited.map(JSON.integer)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        keys = try reader.digest("keys")
        bidCode = try reader.digest("bidCodeHash")
        started = try reader.instant("started")
        intent = try reader.word("intent", of: Intent.self)
        awaited = try reader.optionalInteger("awaited", in: Self.awaitable)
        sealedBy = try reader.word("sealedBy", of: SealedBy.self)
    }
}

/// A draft is no more, and no bid came of it. What had been received of it is deleted.
public struct DraftDropped: Fact {
    public static let type = "draft-dropped"

    public enum Cause: String, Sendable, CaseIterable {
        /// Its depositor gave it up.
        case abandoned
        /// Incomplete, a day after the deadline.
        case expired
    }

    public let bid: Identifier
    public let consultation: Identifier
    public let account: Identifier
    public let cause: Cause

    public init(bid: Identifier, consultation: Identifier, account: Identifier, cause: Cause) {
        self.bid = bid
        self.consultation = consultation
        self.account = account
        self.cause = cause
    }

    public var fields: [String: JSON] {
        [
            "bid": .identifier(bid), "consultation": .identifier(consultation), "account": .identifier(account),
            "cause": .string(cause.rawValue),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        cause = try reader.word("cause", of: Cause.self)
    }
}
