internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: ConsultationCreated, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO consultation(
                number, id, log, account, buyer, reference, title, object, time_zone, parts, limit_document, limit_bid,
                limit_documents, deadline, deadline_version, published, archived)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0)
            """,
            .integer(entry.sequence), .identifier(fact.consultation), .text(entry.event.log.rawValue),
            .identifier(fact.account), .text(fact.buyer), .text(fact.reference), .text(fact.title),
            fact.object.map(Value.text) ?? .null,
            .text(fact.timeZone), .list(fact.parts), .integer(fact.limits.document), .integer(fact.limits.bid),
            .integer(fact.limits.documents), .instant(fact.deadline))
    }

    /// The last set is the one in force; the same set again changes nothing.
    func project(_ fact: KeysSet) throws {
        try connection.run(
            """
            INSERT INTO key_set(consultation, fingerprint, k, n, not_before) VALUES(?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            .identifier(fact.consultation), .digest(fact.fingerprint), .integer(Int64(fact.k)), .integer(Int64(fact.n)),
            .instant(fact.notBefore))
        for (ordinal, part) in fact.parts.enumerated() {
            try connection.run(
                """
                INSERT INTO key_part(consultation, fingerprint, ordinal, part, certificate, capsule, secret)
                VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
                .identifier(fact.consultation), .digest(fact.fingerprint), .integer(Int64(ordinal)), .text(part.part),
                .digest(part.certificate), .digest(part.capsule), .digest(part.secret))
        }
        try connection.run(
            "UPDATE consultation SET keys = ? WHERE id = ?", .digest(fact.fingerprint), .identifier(fact.consultation))
        try expectOne("consultation")
    }

    func project(_ fact: KeyAccepted) throws {
        try connection.run(
            "INSERT INTO acceptance(consultation, fingerprint, member, acceptance) VALUES(?, ?, ?, ?)",
            .identifier(fact.consultation), .digest(fact.fingerprint), .integer(Int64(fact.member)),
            .digest(fact.acceptance))
    }

    func project(_ fact: Published) throws {
        try connection.run(
            "UPDATE consultation SET published = 1, deadline = ?, deadline_version = ? WHERE id = ?",
            .instant(fact.deadline), .integer(Int64(fact.deadlineVersion)), .identifier(fact.consultation))
        try expectOne("consultation")
    }

    /// A closing is for one version of the deadline: with a new version there is none yet.
    func project(_ fact: DeadlineExtended) throws {
        try connection.run(
            "UPDATE consultation SET deadline = ?, deadline_version = ?, closed = NULL, closing = NULL WHERE id = ?",
            .instant(fact.deadline), .integer(Int64(fact.deadlineVersion)), .identifier(fact.consultation))
        try expectOne("consultation")
    }
}
