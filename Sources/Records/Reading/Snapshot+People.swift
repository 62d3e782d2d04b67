public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func principal(token: Digest) throws -> Principal? {
        try connection.first(
            """
            SELECT user.id, account.id, account.kind, account.name, user.roles, user.person,
                account.registration_scheme, account.registration_number
            FROM token JOIN user ON user.id = token.user JOIN account ON account.id = user.account
            WHERE token.digest = ?
            """, .digest(token)
        ) { row in
            Principal(
                user: try row.identifier(0), account: try row.identifier(1), kind: try row.word(2),
                accountName: row.text(3), registration: try Self.registration(row.optionalText(6), row.optionalText(7)),
                person: try row.digest(5), roles: Set(try row.list(4).compactMap(Role.init(rawValue:))))
        }
    }

    private static func registration(_ scheme: String?, _ number: String?) throws -> Registration? {
        guard let scheme = scheme.flatMap(Registration.Scheme.init(rawValue:)), let number else { return nil }
        return switch scheme {
        case .siret: try Registration(siret: number)
        case .foreign: try Registration(foreign: number)
        }
    }

    public func holder() throws -> Identifier? {
        try connection.first("SELECT id FROM account WHERE kind = 'holder' ORDER BY number LIMIT 1") { row in
            try row.identifier(0)
        }
    }

    /// The first of that name.
    public func account(named name: String) throws -> (id: Identifier, kind: AccountKind)? {
        try connection.first("SELECT id, kind FROM account WHERE name = ? ORDER BY number LIMIT 1", .text(name)) {
            row in
            (id: try row.identifier(0), kind: try row.word(1))
        }
    }
}
