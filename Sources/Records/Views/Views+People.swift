internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: AccountCreated, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO account(number, id, kind, name, registration_scheme, registration_number)
            VALUES(?, ?, ?, ?, ?, ?)
            """,
            .integer(entry.sequence), .identifier(fact.account), .text(fact.kind.rawValue), .text(fact.name),
            (fact.registration?.scheme.rawValue).map(Value.text) ?? .null,
            (fact.registration?.number).map(Value.text) ?? .null)
    }

    func project(_ fact: UserAdded) throws {
        try connection.run(
            "INSERT INTO user(id, account, roles, person) VALUES(?, ?, ?, ?)",
            .identifier(fact.user), .identifier(fact.account), .list(fact.roles.map(\.rawValue)), .digest(fact.person))
    }

    func project(_ fact: TokenIssued, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO token(digest, user, at) VALUES(?, ?, ?)", .digest(fact.token), .identifier(fact.user), .instant(entry.event.at))
    }

    func project(_ fact: TokenEnded) throws {
        try connection.run(
            "UPDATE token SET ended = ? WHERE digest = ? AND user = ?", .instant(fact.from), .digest(fact.token),
            .identifier(fact.user))
        try expectOne("token")
    }
}
