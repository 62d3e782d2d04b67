internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: DraftOpened, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO draft(id, number, consultation, depositor, user, code, keys, started, awaited, intent, state)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')
            """,
            .identifier(fact.bid), .integer(entry.sequence), .identifier(fact.consultation), .identifier(fact.account),
            .identifier(fact.user), .digest(fact.bidCode), .digest(fact.keys), .instant(fact.started),
            fact.awaited.map(Value.integer) ?? .null, .text(fact.intent.rawValue))
    }

    func project(_ fact: DraftDropped) throws {
        try connection.run("UPDATE draft SET state = 'dropped' WHERE id = ? AND state = 'open'", .identifier(fact.bid))
        try expectOne("open draft")
    }

    /// Where the bid was a draft. Most never are.
    func submitted(_ bid: Identifier) throws {
        try connection.run("UPDATE draft SET state = 'submitted' WHERE id = ?", .identifier(bid))
    }
}
