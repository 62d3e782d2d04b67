internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: ConsultationCreated, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO consultation(
                number, id, log, account, buyer, reference, title, object, time_zone, parts, limit_document, limit_bid,
                limit_documents, deadline, deadline_version, published, held, disclosed, archived)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0, 0, 0)
            """,
            .integer(entry.sequence), .identifier(fact.consultation), .text(entry.event.log.rawValue),
            .identifier(fact.account), .text(fact.buyer), .text(fact.reference), .text(fact.title),
            fact.object.map(Value.text) ?? .null,
            .text(fact.timeZone), .list(fact.parts), .integer(fact.limits.document), .integer(fact.limits.bid),
            .integer(fact.limits.documents), .instant(fact.deadline))
        try addDeadline(fact.consultation, fact.deadline, version: 1)
    }

    /// The last set is the one in force, or, once bids may have come, the one proposed; the same set again changes nothing.
    func project(_ fact: KeysSet) throws {
        try connection.run(
            """
            INSERT INTO key_set(consultation, fingerprint, original, k, n, not_before) VALUES(?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            .identifier(fact.consultation), .digest(fact.fingerprint), .digest(fact.fingerprint), .integer(Int64(fact.k)),
            .integer(Int64(fact.n)), .instant(fact.notBefore))
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
            "UPDATE consultation SET proposed = ? WHERE id = ? AND published", .digest(fact.fingerprint), .identifier(fact.consultation))
        guard connection.changes == 0 else { return }
        try connection.run(
            "UPDATE consultation SET keys = ?, pending = NULL WHERE id = ?", .digest(fact.fingerprint), .identifier(fact.consultation))
        try expectOne("consultation")
    }

    /// What it takes over from stands beside it, with what a re-share has dealt of it.
    func project(_ fact: KeysAdded, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO earlier_keys(consultation, ordinal, keys, pending)
            SELECT id, (SELECT count(*) FROM earlier_keys e WHERE e.consultation = c.id), keys, pending FROM consultation c
            WHERE id = ? AND proposed = ? AND keys IS NOT NULL
            """, .identifier(fact.consultation), .digest(fact.fingerprint))
        try expectOne("consultation with these keys proposed")
        try connection.run(
            "UPDATE consultation SET keys = proposed, pending = NULL, proposed = NULL, added = ? WHERE id = ?", .instant(entry.event.at),
            .identifier(fact.consultation))
        try expectOne("consultation")
    }

    func project(_ fact: KeyAccepted, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO acceptance(consultation, fingerprint, member, acceptance) VALUES(?, ?, ?, ?)",
            .identifier(fact.consultation), .digest(fact.fingerprint), .integer(Int64(fact.member)),
            .digest(fact.acceptance))
        try begin(fact, at: entry.event.at)
    }

    func project(_ fact: Published) throws {
        try connection.run(
            "UPDATE consultation SET published = 1, deadline = ?, deadline_version = ? WHERE id = ?",
            .instant(fact.deadline), .integer(Int64(fact.deadlineVersion)), .identifier(fact.consultation))
        try expectOne("consultation")
    }

    func project(_ fact: DeadlineExtended) throws {
        try move(fact.consultation, to: fact.deadline, version: fact.deadlineVersion)
    }

    func project(_ fact: ConsultationArchived) throws {
        try connection.run("UPDATE consultation SET archived = 1 WHERE id = ?", .identifier(fact.consultation))
        try expectOne("consultation")
    }

    /// Openings under way end, and who was late is not, under the new deadline.
    func project(_ fact: Reopened) throws {
        try move(fact.consultation, to: fact.deadline, version: fact.deadlineVersion)
        try connection.run(
            "UPDATE opening SET voided = 1 WHERE consultation = ? AND NOT concluded AND committee IS NULL",
            .identifier(fact.consultation))
        try connection.run(
            "UPDATE bid SET verdict = 'on-time' WHERE consultation = ? AND verdict = 'late'",
            .identifier(fact.consultation))
    }

    /// A closing is for one version of the deadline: with a new version there is none yet.
    private func move(_ consultation: Identifier, to deadline: Instant, version: Int) throws {
        try connection.run(
            """
            UPDATE consultation SET deadline = ?, deadline_version = ?, closed = NULL, closing = NULL, held = 0,
                disclosed = 0 WHERE id = ?
            """,
            .instant(deadline), .integer(Int64(version)), .identifier(consultation))
        try expectOne("consultation")
        try addDeadline(consultation, deadline, version: version)
    }

    private func addDeadline(_ consultation: Identifier, _ deadline: Instant, version: Int) throws {
        try connection.run(
            "INSERT INTO deadline(consultation, version, instant) VALUES(?, ?, ?)", .identifier(consultation),
            .integer(Int64(version)), .instant(deadline))
    }
}
