internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: DraftOpened, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO draft(id, number, consultation, depositor, user, code, keys, started, awaited, intent, sealed_by, state)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')
            """,
            .identifier(fact.bid), .integer(entry.sequence), .identifier(fact.consultation), .identifier(fact.account),
            .identifier(fact.user), .digest(fact.bidCode), .digest(fact.keys), .instant(fact.started),
            fact.awaited.map(Value.integer) ?? .null, .text(fact.intent.rawValue), .text(fact.sealedBy.rawValue))
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

extension Views {
    func project(_ fact: BidWithdrawn, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE bid SET withdrawn = ? WHERE id = ? AND depositor = ? AND withdrawn IS NULL", .integer(entry.position),
            .identifier(fact.bid), .identifier(fact.account))
        try expectOne("bid that was not withdrawn")
    }

    func project(_ fact: IntentStated, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE bid SET intent = ?, stated = ? WHERE id = ? AND depositor = ? AND intent = 'unstated'",
            .text(fact.intent.rawValue), .integer(entry.position), .identifier(fact.bid), .identifier(fact.account))
        try expectOne("bid whose intent is unstated")
    }

    func project(_ fact: NoticeDue, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO outbox(sequence, account, consultation, bid, kind, at) VALUES(?, ?, ?, ?, ?, ?)",
            .integer(entry.sequence), .identifier(fact.account), .identifier(fact.consultation), .identifier(fact.bid),
            .text(fact.kind.rawValue), .instant(entry.event.at))
    }
}

extension Views {
    func project(_ fact: CopyRegistered, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO safeguard(copy, sequence, consultation) VALUES(?, ?, ?)", .identifier(fact.copy),
            .integer(entry.sequence), .identifier(fact.consultation))
    }

    func project(_ fact: CopyDecided) throws {
        try connection.run(
            "UPDATE safeguard SET decision = ? WHERE copy = ? AND consultation = ?", .text(fact.decision.rawValue),
            .identifier(fact.copy), .identifier(fact.consultation))
        try expectOne("copy of safeguard")
    }
}
