internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    /// What was recorded and has no stamp yet. `id` is a bid's identifier, or the digest of a closing in hex.
    func lacksStamp(_ kind: Timestamped.Kind, _ id: String, of consultation: Identifier, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO stamp(kind, id, consultation, log, position, sequence) VALUES(?, ?, ?, ?, ?, ?)",
            .text(kind.rawValue), .text(id), .identifier(consultation), .text(entry.event.log.rawValue),
            .integer(entry.position), .integer(entry.sequence))
    }

    /// The first stamp counts; the rules let no second one in.
    func project(_ fact: Timestamped) throws {
        try connection.run(
            """
            UPDATE stamp SET subject = ?, token = ?, authority = ?, instant = ?
            WHERE kind = ? AND id = ? AND consultation = ? AND token IS NULL
            """,
            .digest(fact.subject), .digest(fact.token), .text(fact.authority), .instant(fact.instant),
            .text(fact.kind.rawValue), .text(fact.bid?.text ?? fact.subject.hex), .identifier(fact.consultation))
        try expectOne("bid or closing without a stamp")
    }
}
