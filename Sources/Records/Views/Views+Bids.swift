internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: BidReceived, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO bid(
                id, consultation, position, leaf, depositor, verdict, seal, documents, outcome_key, outcome_answer)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .identifier(fact.bid), .identifier(fact.consultation), .integer(entry.position), .digest(entry.leaf),
            .identifier(fact.depositor), .text(fact.verdict.rawValue), .digest(fact.seal),
            .integer(Int64(fact.documents)), (fact.outcome?.key).map(Value.digest) ?? .null,
            (fact.outcome?.answer).map(Value.digest) ?? .null)
        try count(fact.consultation, .identifier(fact.depositor))
        try count(fact.consultation, .text(""))
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
        try connection.run(
            "UPDATE consultation SET closed = ?, closing = ? WHERE id = ? AND deadline_version = ?",
            .digest(entry.digest), .integer(entry.position), .identifier(fact.consultation),
            .integer(Int64(fact.deadlineVersion)))
        try expectOne("consultation with this version of the deadline")
    }
}
