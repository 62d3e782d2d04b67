internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: BidReceived, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO bid(
                id, number, consultation, position, leaf, depositor, verdict, intent, seal, keys, documents, outcome_key, outcome_answer)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .identifier(fact.bid), .integer(entry.sequence), .identifier(fact.consultation), .integer(entry.position), .digest(entry.leaf),
            .identifier(fact.depositor), .text(fact.verdict.rawValue), .text(fact.intent.rawValue),
            .digest(fact.seal), .digest(fact.keys),
            .integer(Int64(fact.documents)), (fact.outcome?.key).map(Value.digest) ?? .null,
            (fact.outcome?.answer).map(Value.digest) ?? .null)
        try submitted(fact.bid)
        try count(fact.consultation, .identifier(fact.depositor))
        try count(fact.consultation, .text(""))
        try lacksStamp(.bid, fact.bid.text, of: fact.consultation, entry)
    }

    func project(_ fact: VerdictGiven, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE bid SET verdict = ?, given = ? WHERE id = ? AND verdict = 'pending'", .text(fact.verdict.rawValue),
            .integer(entry.position), .identifier(fact.bid))
        try expectOne("bid that waits for a verdict")
    }

    /// How many bids there are is asked at each deposit: kept, not counted. Those of all stand under the empty depositor.
    private func count(_ consultation: Identifier, _ depositor: Value) throws {
        try connection.run(
            """
            INSERT INTO tally(consultation, depositor, bids) VALUES(?, ?, 1)
            ON CONFLICT(consultation, depositor) DO UPDATE SET bids = bids + 1
            """, .identifier(consultation), depositor)
    }

    func project(_ fact: ReceiptKept) throws {
        try connection.run(
            "INSERT INTO receipt(bid, manifests, token_manifests) VALUES(?, ?, ?)", .identifier(fact.bid),
            .digest(fact.manifests), fact.tokenManifests.map(Value.digest) ?? .null)
    }

    func project(_ fact: Closed, _ entry: LogEntry) throws {
        try close(fact.consultation, version: fact.deadlineVersion, isHeld: false, entry)
    }

    func project(_ fact: ClosingStated, _ entry: LogEntry) throws {
        try close(fact.consultation, version: fact.deadline.version, isHeld: fact.isHeld, entry)
    }

    /// Once for each version of the deadline.
    private func close(_ consultation: Identifier, version: Int, isHeld: Bool, _ entry: LogEntry) throws {
        try connection.run(
            """
            UPDATE consultation SET closed = ?, closing = ?, held = ?
            WHERE id = ? AND deadline_version = ? AND closed IS NULL
            """,
            .digest(entry.digest), .integer(entry.position), .integer(isHeld ? 1 : 0), .identifier(consultation),
            .integer(Int64(version)))
        try expectOne("consultation with this version of the deadline, or it is closed")
        try lacksStamp(.closing, entry.digest.hex, of: consultation, entry)
    }

    func project(_ fact: BidJudged, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE bid SET line = ?, judged = ? WHERE id = ? AND consultation = ?", .integer(entry.position),
            .digest(fact.statement), .identifier(fact.bid), .identifier(fact.consultation))
        try expectOne("bid")
    }

    func project(_ fact: HoldWaived) throws {
        try connection.run(
            "UPDATE consultation SET held = 0 WHERE id = ? AND closed = ?", .identifier(fact.consultation),
            .digest(fact.statement))
        try expectOne("consultation with this statement")
    }

    func project(_ fact: LateBidAdmitted, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE bid SET admission = ?, admitted = ? WHERE id = ? AND consultation = ? AND verdict = 'late' AND admission IS NULL",
            .integer(entry.position), .instant(entry.event.at), .identifier(fact.bid), .identifier(fact.consultation))
        try expectOne("late bid, or it is admitted")
    }

    func project(_ fact: StatementDisclosed) throws {
        try connection.run(
            "UPDATE consultation SET disclosed = 1 WHERE id = ? AND closed = ?", .identifier(fact.consultation),
            .digest(fact.statement))
        try expectOne("consultation with this statement")
    }
}
