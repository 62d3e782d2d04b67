public import Canonical

/// Who a request comes from, once its token was found: a user, the account it acts for, and its roles.
public struct Principal: Sendable, Equatable {
    public let user: Identifier
    public let account: Identifier
    public let kind: AccountKind
    public let accountName: String
    public let roles: Set<Role>

    public init(user: Identifier, account: Identifier, kind: AccountKind, accountName: String, roles: Set<Role>) {
        self.user = user
        self.account = account
        self.kind = kind
        self.accountName = accountName
        self.roles = roles
    }
}
