public import Canonical

/// An account's standing committee, new or changed: the object `sceau/standing-committee/1` that holds from now on.
public struct CommitteeSet: Fact {
    public static let type = "committee-set"
    /// Bytes of a committee's name.
    public static let longestName = 64
    /// Of one account, by their names.
    public static let most = 100

    public let account: Identifier
    public let user: Identifier
    public let name: String
    /// SHA-256 of the object, which the register keeps.
    public let committee: Digest

    public init(account: Identifier, user: Identifier, name: String, committee: Digest) {
        self.account = account
        self.user = user
        self.name = name
        self.committee = committee
    }

    public var fields: [String: JSON] {
        [
            "account": .identifier(account), "user": .identifier(user), "name": .string(name),
            "committee": .digest(committee),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        name = try reader.string("name", max: Self.longestName)
        committee = try reader.digest("committee")
    }
}

/// A standing committee in force, as the register lists it.
public struct CommitteeEntry: Sendable, Equatable {
    public let name: String
    public let committee: Digest
    /// Since when.
    public let at: Instant

    public init(name: String, committee: Digest, at: Instant) {
        self.name = name
        self.committee = committee
        self.at = at
    }
}
