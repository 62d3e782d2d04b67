internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    /// The last one under a name is in force; those before it stay.
    func project(_ fact: CommitteeSet, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO committee(sequence, account, name, committee, at) VALUES(?, ?, ?, ?, ?)",
            .integer(entry.sequence), .identifier(fact.account), .text(fact.name), .digest(fact.committee),
            .instant(entry.event.at))
    }

    /// Who accepts has opened its share.
    func begin(_ fact: KeyAccepted, at instant: Instant) throws {
        try connection.run(
            "INSERT INTO rehearsal(consultation, fingerprint, member, since) VALUES(?, ?, ?, ?)",
            .identifier(fact.consultation), .digest(fact.fingerprint), .integer(Int64(fact.member)), .instant(instant))
    }

    func project(_ fact: ShareRehearsed, _ entry: LogEntry) throws {
        try connection.run(
            """
            UPDATE rehearsal SET since = ?, rehearsed = ?, reminded = NULL
            WHERE consultation = ? AND fingerprint = ? AND member = ?
            """,
            .instant(entry.event.at), .instant(fact.memberInstant), .identifier(fact.consultation),
            .digest(fact.fingerprint), .integer(Int64(fact.member)))
        try expectOne("accepted share")
    }

    func project(_ fact: RehearsalDue, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE rehearsal SET reminded = ? WHERE consultation = ? AND fingerprint = ? AND member = ?",
            .instant(entry.event.at), .identifier(fact.consultation), .digest(fact.fingerprint),
            .integer(Int64(fact.member)))
        try expectOne("accepted share")
    }
}
