public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func bids(of consultation: Identifier) throws -> [BidEntry] {
        try connection.all(
            """
            SELECT position, leaf, id, consultation, depositor, verdict, intent, seal, documents, withdrawn, admitted, keys FROM bid
            WHERE consultation = ? ORDER BY position
            """, .identifier(consultation), read: Self.entry)
    }

    public func bid(_ id: Identifier) throws -> BidEntry? {
        try connection.first(
            """
            SELECT position, leaf, id, consultation, depositor, verdict, intent, seal, documents, withdrawn, admitted, keys FROM bid WHERE id = ?
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

    /// The `verdict-given` event of a bid whose own verdict was `pending`.
    public func verdict(on bid: Identifier) throws -> [UInt8]? { try event("SELECT given FROM bid WHERE id = ?", of: bid) }

    /// The `bid-judged` event that speaks last of a bid.
    public func line(of bid: Identifier) throws -> (bytes: [UInt8], log: Log, position: Int64)? {
        guard let bytes = try event("SELECT line FROM bid WHERE id = ?", of: bid) else { return nil }
        let found = try connection.first(
            "SELECT c.log, b.line FROM bid b JOIN consultation c ON c.id = b.consultation WHERE b.id = ?", .identifier(bid)
        ) { (log: try $0.word(0) as Log, position: $0.integer(1)) }
        return found.map { (bytes, $0.log, $0.position) }
    }

    /// Bids, in log order, of which the closing statement in force speaks and no line was drawn yet.
    public func withoutLine(of consultation: Identifier, limit: Int) throws -> [Identifier] {
        try connection.all(
            """
            SELECT b.id FROM consultation c JOIN bid b ON b.consultation = c.id
            WHERE c.id = ? AND c.closed IS NOT NULL AND b.position < c.closing AND b.judged IS NOT c.closed
            ORDER BY b.position LIMIT ?
            """, .identifier(consultation), .integer(Int64(limit))
        ) { try $0.identifier(0) }
    }

    /// Consultations that have such bids. Looks at every bid: for the start.
    public func lackingLines() throws -> [Identifier] {
        try connection.all(
            """
            SELECT c.id FROM consultation c WHERE c.closed IS NOT NULL AND EXISTS(
                SELECT 1 FROM bid b WHERE b.consultation = c.id AND b.position < c.closing AND b.judged IS NOT c.closed)
            ORDER BY c.number
            """
        ) { try $0.identifier(0) }
    }

    /// The `bid-withdrawn` event of a bid.
    public func withdrawal(of bid: Identifier) throws -> (bytes: [UInt8], position: Int64)? {
        guard let bytes = try event("SELECT withdrawn FROM bid WHERE id = ?", of: bid) else { return nil }
        let position = try connection.first("SELECT withdrawn FROM bid WHERE id = ?", .identifier(bid)) { $0.integer(0) }
        return position.map { (bytes, $0) }
    }

    /// What the bidder said of a bid after it: `intent-stated`, then `bid-withdrawn`, where there are any.
    public func changes(of bid: Identifier) throws -> [[UInt8]] {
        [
            try event("SELECT stated FROM bid WHERE id = ?", of: bid), try event("SELECT withdrawn FROM bid WHERE id = ?", of: bid),
        ].compactMap { $0 }
    }

    /// The `late-bid-admitted` event of a bid.
    public func admission(of bid: Identifier) throws -> [UInt8]? { try event("SELECT admission FROM bid WHERE id = ?", of: bid) }

    private func event(_ position: StaticString, of bid: Identifier) throws -> [UInt8]? {
        let found = try connection.first(position, .identifier(bid)) { $0.isNull(0) ? nil : $0.integer(0) } ?? nil
        let log = try connection.first(
            "SELECT c.log FROM bid b JOIN consultation c ON c.id = b.consultation WHERE b.id = ?", .identifier(bid)
        ) { try $0.word(0) as Log }
        guard let found, let log else { return nil }
        return try event(log, at: found)
    }

    static func entry(_ row: borrowing Row) throws -> BidEntry {
        BidEntry(
            position: row.integer(0), leaf: try row.digest(1), bid: try row.identifier(2),
            consultation: try row.identifier(3), depositor: try row.identifier(4), verdict: try row.word(5),
            intent: try row.word(6), seal: try row.digest(7), keys: try row.digest(11), documents: Int(row.integer(8)), isWithdrawn: !row.isNull(9),
            admitted: row.isNull(10) ? nil : row.instant(10))
    }
}

/// Whose files an envelope is.
public struct EnvelopeEntry: Sendable {
    public let bid: Identifier
    public let consultation: Identifier
    public let documents: Int
}

extension Snapshot {
    /// Of all bids, in the order of their identifiers.
    public func envelopes(after bid: Identifier?, limit: Int) throws -> [EnvelopeEntry] {
        try connection.all(
            "SELECT id, consultation, documents FROM bid WHERE id > ? ORDER BY id LIMIT ?", .text(bid?.text ?? ""),
            .integer(Int64(limit))
        ) { EnvelopeEntry(bid: try $0.identifier(0), consultation: try $0.identifier(1), documents: Int($0.integer(2))) }
    }
}
