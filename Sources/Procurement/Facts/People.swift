public import Canonical

/// The first event of a log.
public struct LogOpened: Fact {
    public static let type = "log-opened"
    public let instance: Identifier

    public init(instance: Identifier) { self.instance = instance }
    public var fields: [String: JSON] { ["instance": .identifier(instance)] }
    public init(from reader: inout FieldReader) throws(CanonicalError) { instance = try reader.identifier("instance") }
}

/// An account: a public body or a company. Its name and number are those of a legal person.
public struct AccountCreated: Fact {
    public static let type = "account-created"
    /// Bytes of UTF-8, of an account's name and of a person's.
    public static let longestName = 400

    public let account: Identifier
    public let kind: AccountKind
    public let name: String
    public let registration: Registration?

    public init(account: Identifier, kind: AccountKind, name: String, registration: Registration?) {
        self.account = account
        self.kind = kind
        self.name = name
        self.registration = registration
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "account": .identifier(account), "kind": .string(kind.rawValue), "name": .string(name),
        ]
        fields["registration"] = registration?.json
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        account = try reader.identifier("account")
        kind = try reader.word("kind", of: AccountKind.self)
        name = try reader.string("name", max: AccountCreated.longestName)
        registration = try Registration.optional("registration", &reader)
    }
}

/// A user. Its name stands in a ``Person``, kept apart: the event holds only the person's digest.
public struct UserAdded: Fact {
    public static let type = "user-added"
    public let user: Identifier
    public let account: Identifier
    /// In the order of their names, each once.
    public let roles: [Role]
    public let person: Digest

    public init(user: Identifier, account: Identifier, roles: [Role], person: Digest) {
        self.user = user
        self.account = account
        self.roles = Set(roles).sorted { $0.rawValue < $1.rawValue }
        self.person = person
    }

    public var fields: [String: JSON] {
        [
            "user": .identifier(user), "account": .identifier(account),
            "roles": .array(roles.map { .string($0.rawValue) }), "person": .digest(person),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        user = try reader.identifier("user")
        account = try reader.identifier("account")
        var roles: [Role] = []
        for value in try reader.array("roles", max: Role.allCases.count) {
            guard case .string(let name) = value, let role = Role(rawValue: name) else {
                throw CanonicalError(reason: "roles: not a known role")
            }
            guard roles.last.map({ $0.rawValue < role.rawValue }) ?? true else {
                throw CanonicalError(reason: "`roles` is not in order")
            }
            roles.append(role)
        }
        guard !roles.isEmpty else { throw CanonicalError(reason: "`roles` is empty") }
        self.roles = roles
        person = try reader.digest("person")
    }
}

/// What is about a person: erasable, while the event that holds SHA-256(salt ‖ object) still verifies.
public struct Person: CanonicalObject {
    public static let format = "sceau/person/1"
    public let name: String

    public init(name: String) { self.name = name }
    public var fields: [String: JSON] { ["name": .string(name)] }
    public init(from reader: inout FieldReader) throws(CanonicalError) { name = try reader.string("name", max: AccountCreated.longestName) }
}

/// A bearer token was given to a user: its SHA-256, never the token (256 random bits, so that the digest tells nothing).
public struct TokenIssued: Fact {
    public static let type = "token-issued"
    public let user: Identifier
    public let token: Digest

    public init(user: Identifier, token: Digest) {
        self.user = user
        self.token = token
    }

    public var fields: [String: JSON] { ["user": .identifier(user), "tokenHash": .digest(token)] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        user = try reader.identifier("user")
        token = try reader.digest("tokenHash")
    }
}
