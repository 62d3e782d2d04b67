public import Canonical

/// Who a request comes from, once its token was found: a user, the account it acts for, and its roles.
public struct Principal: Sendable, Equatable {
    public let user: Identifier
    public let account: Identifier
    public let kind: AccountKind
    public let accountName: String
    public let registration: Registration?
    /// SHA-256(salt ‖ person), as the user's event has it: what is logged of the person.
    public let person: Digest
    public let roles: Set<Role>

    public init(
        user: Identifier, account: Identifier, kind: AccountKind, accountName: String, registration: Registration?,
        person: Digest, roles: Set<Role>
    ) {
        self.user = user
        self.account = account
        self.kind = kind
        self.accountName = accountName
        self.registration = registration
        self.person = person
        self.roles = roles
    }
}
