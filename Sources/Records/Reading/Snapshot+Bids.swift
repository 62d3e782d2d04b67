public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func bids(of consultation: Identifier) throws -> [BidEntry] {
        try connection.all(
            """
            SELECT position, leaf, id, consultation, depositor, verdict, seal, documents FROM bid
            WHERE consultation = ? ORDER BY position
            """, .identifier(consultation), read: Self.entry)
    }

    public func bid(_ id: Identifier) throws -> BidEntry? {
        try connection.first(
            """
            SELECT position, leaf, id, consultation, depositor, verdict, seal, documents FROM bid WHERE id = ?
            """, .identifier(id), read: Self.entry)
    }

    public func standing(of depositor: Identifier, in consultation: Identifier) throws -> Standing {
        let all = try tally(consultation, .text(""))
        let own = try tally(consultation, .identifier(depositor))
        return Standing(bids: all, own: own, last: try lastBid(of: depositor, in: consultation))
    }

    private func tally(_ consultation: Identifier, _ depositor: Value) throws -> Int {
        try connection.first(
            "SELECT bids FROM tally WHERE consultation = ? AND depositor = ?", .identifier(consultation), depositor
        ) { Int($0.integer(0)) } ?? 0
    }

    /// `last` of the standing alone, without counting: for who must not take long.
    public func lastBid(of depositor: Identifier, in consultation: Identifier) throws -> Identifier? {
        try connection.first(
            "SELECT id FROM bid WHERE consultation = ? AND depositor = ? ORDER BY position DESC LIMIT 1",
            .identifier(consultation), .identifier(depositor)
        ) { try $0.identifier(0) }
    }

    public func attempts(of consultation: Identifier) throws -> Int64 {
        try connection.first(
            "SELECT count(*) FROM journal WHERE consultation = ? AND type = 'attempt-failed'", .identifier(consultation)
        ) { $0.integer(0) } ?? 0
    }

    public func outcome(
        account: Identifier, consultation: Identifier, key: Digest
    ) throws -> (bid: Identifier, outcome: BidReceived.Outcome)? {
        try connection.first(
            """
            SELECT id, outcome_key, outcome_answer FROM bid
            WHERE depositor = ? AND consultation = ? AND outcome_key = ?
            """, .identifier(account), .identifier(consultation), .digest(key)
        ) { row in
            (
                bid: try row.identifier(0),
                outcome: BidReceived.Outcome(key: try row.digest(1), answer: try row.digest(2))
            )
        }
    }

    /// The objects in which the lists of a bid's documents are sealed; nil for a bid recorded before there were any.
    public func keptReceipt(of bid: Identifier) throws -> ReceiptKept? {
        try connection.first(
            "SELECT manifests, token_manifests FROM receipt WHERE bid = ?", .identifier(bid)
        ) { row in
            ReceiptKept(
                bid: bid, manifests: try row.digest(0), tokenManifests: row.isNull(1) ? nil : try row.digest(1))
        }
    }

    private static func entry(_ row: borrowing Row) throws -> BidEntry {
        BidEntry(
            position: row.integer(0), leaf: try row.digest(1), bid: try row.identifier(2),
            consultation: try row.identifier(3), depositor: try row.identifier(4), verdict: try row.word(5),
            seal: try row.digest(6), documents: Int(row.integer(7)))
    }
}
