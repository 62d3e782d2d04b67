public import Canonical

/// A bidder took its bid back before the deadline. Nothing is deleted: the bid stays sealed, and is not opened.
public struct BidWithdrawn: Fact {
    public static let type = "bid-withdrawn"
    public let bid: Identifier
    public let consultation: Identifier
    public let account: Identifier
    public let user: Identifier
    /// When the last byte of the request was read, and the deadline it was held against.
    public let received: Instant
    public let deadline: Instant
    public let deadlineVersion: Int

    public init(
        bid: Identifier, consultation: Identifier, account: Identifier, user: Identifier, received: Instant, deadline: Instant,
        deadlineVersion: Int
    ) {
        self.bid = bid
        self.consultation = consultation
        self.account = account
        self.user = user
        self.received = received
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
    }

    public var fields: [String: JSON] {
        [
            "bid": .identifier(bid), "consultation": .identifier(consultation), "account": .identifier(account),
            "user": .identifier(user), "received": .instant(received), "deadline": .instant(deadline),
            "deadlineVersion": .integer(Int64(deadlineVersion)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        received = try reader.instant("received")
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
    }
}

/// A bidder says before the deadline what a bid that it had left unstated is beside its earlier one (R2151-6).
public struct IntentStated: Fact {
    public static let type = "intent-stated"
    public let bid: Identifier
    public let consultation: Identifier
    public let account: Identifier
    public let user: Identifier
    public let intent: Intent
    public let received: Instant

    public init(
        bid: Identifier, consultation: Identifier, account: Identifier, user: Identifier, intent: Intent, received: Instant
    ) {
        self.bid = bid
        self.consultation = consultation
        self.account = account
        self.user = user
        self.intent = intent
        self.received = received
    }

    public var fields: [String: JSON] {
        [
            "bid": .identifier(bid), "consultation": .identifier(consultation), "account": .identifier(account),
            "user": .identifier(user), "intent": .string(intent.rawValue), "received": .instant(received),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        intent = try reader.word("intent", of: Intent.self)
        received = try reader.instant("received")
    }
}

/// Something that a company must be told of, beyond the answer that one of its users got: a row of its outbox.
public struct NoticeDue: Fact {
    public static let type = "notice-due"

    public enum Kind: String, Sendable, CaseIterable {
        /// A complete draft that nobody submitted, an hour and a quarter of an hour before the deadline.
        case draft60 = "draft-60"
        case draft15 = "draft-15"
        case withdrawn
        /// A later bid of the same depositor replaces this one.
        case replaced
        /// Somebody with a session of the company asked to withdraw this bid without its code.
        case withdrawalRefused = "withdrawal-refused"
        /// The buyer admitted this late bid.
        case lateAdmitted = "late-admitted"
        /// Keys were added: this bid, or draft, is sealed to those before, and may be deposited again under the new.
        case keysAdded = "keys-added"
    }

    public let account: Identifier
    public let consultation: Identifier
    public let bid: Identifier
    public let kind: Kind

    public init(account: Identifier, consultation: Identifier, bid: Identifier, kind: Kind) {
        self.account = account
        self.consultation = consultation
        self.bid = bid
        self.kind = kind
    }

    public var fields: [String: JSON] {
        [
            "account": .identifier(account), "consultation": .identifier(consultation), "bid": .identifier(bid),
            "kind": .string(kind.rawValue),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        account = try reader.identifier("account")
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        kind = try reader.word("kind", of: Kind.self)
    }
}
