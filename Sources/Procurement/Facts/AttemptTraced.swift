public import Canonical

/// What is kept of an attempt at a deposit that did not end in a bid, under the number that its depositor was shown. One
/// attempt may have two: how its body ended, and what was answered.
public struct AttemptTraced: Fact {
    public static let type = "attempt-traced"
    /// The number; a bid that an attempt becomes has the same.
    public let attempt: Identifier
    public let consultation: Identifier?
    public let account: Identifier
    public let user: Identifier
    public let started: Instant
    /// Bytes that the request announced, and those of the body that had arrived.
    public let announced: Int64?
    public let offset: Int64?
    /// The stable word of an `attempt-failed`, or of the problem that was shown.
    public let cause: String
    /// The status answered, and the reference shown with it; absent where there was nobody left to answer.
    public let status: Int64?
    public let reference: String?
    /// Those in force, by name.
    public let limits: [Limit]

    public struct Limit: Sendable, Equatable {
        public let name: String
        public let value: Int64

        public init(name: String, value: Int64) {
            self.name = name
            self.value = value
        }
    }

    public init(
        attempt: Identifier, consultation: Identifier?, account: Identifier, user: Identifier, started: Instant,
        announced: Int64?, offset: Int64?, cause: String, status: Int64?, reference: String?, limits: [Limit]
    ) {
        self.attempt = attempt
        self.consultation = consultation
        self.account = account
        self.user = user
        self.started = started
        self.announced = announced
        self.offset = offset
        self.cause = Word.standing(for: cause)
        self.status = status
        self.reference = reference
        self.limits = limits
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "attempt": .identifier(attempt), "account": .identifier(account), "user": .identifier(user),
            "started": .instant(started), "cause": .string(cause),
            "limits": .array(limits.map { .object(["name": .string($0.name), "value": .integer($0.value)]) }),
        ]
        fields["consultation"] = consultation.map(JSON.identifier)
        fields["announced"] = announced.map(JSON.integer)
        fields["offset"] = offset.map(JSON.integer)
        fields["status"] = status.map(JSON.integer)
        fields["reference"] = reference.map(JSON.string)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        attempt = try reader.identifier("attempt")
        consultation = try reader.optionalIdentifier("consultation")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        started = try reader.instant("started")
        announced = try reader.optionalInteger("announced", in: 0...(1 << 52))
        offset = try reader.optionalInteger("offset", in: 0...(1 << 52))
        cause = try reader.word("cause")
        status = try reader.optionalInteger("status", in: 100...599)
        reference = try reader.optionalString("reference", max: 64)
        var limits: [Limit] = []
        for value in try reader.array("limits", max: 64) {
            var entry = try FieldReader(value)
            let name = try entry.string("name", max: 64)
            guard !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) })
            else { throw CanonicalError(reason: "`limits.name` is no name") }
            limits.append(Limit(name: name, value: try entry.integer("value")))
            try entry.finish()
        }
        self.limits = limits
    }
}
