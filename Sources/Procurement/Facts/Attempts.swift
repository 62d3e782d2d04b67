public import Canonical

/// A deposit that began and did not end in a bid: nothing of it is kept but this trace.
public struct AttemptFailed: Fact {
    public static let type = "attempt-failed"
    public let consultation: Identifier
    public let account: Identifier
    public let user: Identifier
    public let started: Instant
    /// Bytes that the request announced; absent where it came in chunks.
    public let announced: Int64?
    /// Bytes of the body that had arrived.
    public let offset: Int64
    /// A stable word: `cut`, `idle`, `too-slow`, `too-large`, `stopping`, `malformed`, `storage` …
    public let cause: String

    public init(
        consultation: Identifier, account: Identifier, user: Identifier, started: Instant, announced: Int64?,
        offset: Int64, cause: String
    ) {
        self.consultation = consultation
        self.account = account
        self.user = user
        self.started = started
        self.announced = announced
        self.offset = offset
        self.cause = Word.standing(for: cause)
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "account": .identifier(account), "user": .identifier(user),
            "started": .instant(started), "offset": .integer(offset), "cause": .string(cause),
        ]
        fields["announced"] = announced.map(JSON.integer)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        started = try reader.instant("started")
        announced = try reader.optionalInteger("announced", in: 0...(1 << 52))
        offset = try reader.integer("offset", in: 0...(1 << 52))
        cause = try reader.word("cause")
    }
}

/// A signed-in user asked for what the rules refuse. Rate-limited by the one who records it.
public struct Refused: Fact {
    public static let type = "refused"
    public let user: Identifier
    public let account: Identifier
    public let action: String
    public let reason: String
    public let consultation: Identifier?

    public init(user: Identifier, account: Identifier, action: String, reason: String, consultation: Identifier?) {
        self.user = user
        self.account = account
        self.action = Word.standing(for: action)
        self.reason = Word.standing(for: reason)
        self.consultation = consultation
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "user": .identifier(user), "account": .identifier(account), "action": .string(action),
            "reason": .string(reason),
        ]
        fields["consultation"] = consultation.map(JSON.identifier)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        user = try reader.identifier("user")
        account = try reader.identifier("account")
        action = try reader.word("action")
        reason = try reader.word("reason")
        consultation = try reader.optionalIdentifier("consultation")
    }
}

/// Refusals that have no event of their own: anonymous ones, and a user's beyond the rate. One event for each source,
/// reason and minute.
public struct RefusalsCounted: Fact {
    public static let type = "refusals-counted"
    /// An address prefix (/24 or /48), a user's identifier, or `others` where there were too many to tell apart.
    public let source: String
    public let reason: String
    /// Its beginning.
    public let minute: Instant
    public let count: Int64

    public init(source: String, reason: String, minute: Instant, count: Int64) {
        self.source = source
        self.reason = Word.standing(for: reason)
        self.minute = minute
        self.count = count
    }

    public var fields: [String: JSON] {
        [
            "source": .string(source), "reason": .string(reason), "minute": .instant(minute), "count": .integer(count),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        source = try reader.string("source", max: 64)
        reason = try reader.word("reason")
        minute = try reader.instant("minute")
        guard minute.milliseconds % 60_000 == 0 else { throw CanonicalError(reason: "`minute` is not a whole one") }
        count = try reader.integer("count", in: 1...(1 << 52))
    }
}

/// A file found at the start that no event names: moved to `lost+found`, never deleted.
public struct SetAside: Fact {
    public static let type = "set-aside"
    /// The file's name below `envelopes/`.
    public let file: String
    public let length: Int64

    public init(file: String, length: Int64) {
        self.file = file
        self.length = length
    }

    public var fields: [String: JSON] { ["file": .string(file), "length": .integer(length)] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        file = try reader.string("file", max: 600)
        length = try reader.integer("length", in: 0...(1 << 52))
    }
}
