public import Canonical

extension Role {
    /// Whether a user of such an account may hold this role: companies bid, public bodies buy, and the host is run by the
    /// holder's own people. Nobody does both sides.
    public func fits(_ kind: AccountKind) -> Bool {
        switch self {
        case .admin: true
        case .bidder: kind == .company
        case .operator: kind == .holder
        case .buyer, .validator, .opener, .auditor: kind != .company
        }
    }
}

extension AccountCreated {
    public static func creating(
        _ account: Identifier, kind: AccountKind, name: String, registration: Registration?
    ) throws(Refusal) -> AccountCreated {
        try PlainText.check(name, "account", max: longestName)
        return AccountCreated(account: account, kind: kind, name: name, registration: registration)
    }
}

extension UserAdded {
    /// - Parameter kind: of the account.
    public static func adding(
        _ user: Identifier, to account: Identifier, of kind: AccountKind, roles: Set<Role>, person: Digest
    ) throws(Refusal) -> UserAdded {
        guard !roles.isEmpty else { throw Refusal(.invalid, "roles: at least one.") }
        for role in Role.allCases where roles.contains(role) && !role.fits(kind) {
            throw Refusal(.invalid, "roles: \(role.rawValue) is no role in the account of a \(kind.rawValue).")
        }
        return UserAdded(user: user, account: account, roles: Array(roles), person: person)
    }
}

extension Person {
    public static func named(_ name: String) throws(Refusal) -> Person {
        try PlainText.check(name, "name", max: AccountCreated.longestName)
        return Person(name: name)
    }
}
