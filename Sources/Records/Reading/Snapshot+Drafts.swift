public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func draft(_ bid: Identifier) throws -> DraftEntry? {
        try connection.first(
            """
            SELECT id, consultation, depositor, user, code, keys, started, awaited, intent, sealed_by, state FROM draft WHERE id = ?
            """, .identifier(bid), read: Self.draftEntry)
    }

    public func openDrafts(of consultation: Identifier, depositor: Identifier?) throws -> Int {
        let count: Int64?
        if let depositor {
            count = try connection.first(
                "SELECT count(*) FROM draft WHERE consultation = ? AND depositor = ? AND state = 'open'",
                .identifier(consultation), .identifier(depositor)) { $0.integer(0) }
        } else {
            count = try connection.first(
                "SELECT count(*) FROM draft WHERE consultation = ? AND state = 'open'", .identifier(consultation)
            ) { $0.integer(0) }
        }
        return Int(count ?? 0)
    }

    /// All that are open, in the order in which they were opened: for housekeeping.
    public func openDrafts() throws -> [DraftEntry] {
        try connection.all(
            """
            SELECT id, consultation, depositor, user, code, keys, started, awaited, intent, sealed_by, state FROM draft
            WHERE state = 'open' ORDER BY number
            """, read: Self.draftEntry)
    }

    private static func draftEntry(_ row: borrowing Row) throws -> DraftEntry {
        DraftEntry(
            bid: try row.identifier(0), consultation: try row.identifier(1), depositor: try row.identifier(2),
            user: try row.identifier(3), bidCode: try row.digest(4), keys: try row.digest(5),
            started: Instant(milliseconds: row.integer(6)), awaited: row.isNull(7) ? nil : row.integer(7),
            intent: try row.word(8), sealedBy: try row.word(9), state: try row.word(10))
    }
}

extension Snapshot {
    public func notices(account: Identifier, limit: Int) throws -> [Notice] {
        try connection.all(
            "SELECT consultation, bid, kind, at FROM outbox WHERE account = ? ORDER BY sequence DESC LIMIT ?",
            .identifier(account), .integer(Int64(limit))
        ) {
            Notice(
                consultation: try $0.identifier(0), bid: try $0.identifier(1), kind: try $0.word(2),
                at: Instant(milliseconds: $0.integer(3)))
        }
    }

    /// Bids that are not withdrawn, and open drafts, sealed to other keys than those in force, whose bidders were not told so since
    /// those keys were added. None once the list is closed.
    ///
    /// - Parameter after: number of the last one that was told; 0 at the beginning.
    public func untoldOfKeys(
        _ consultation: Identifier, after: Int64 = 0, limit: Int
    ) throws -> [(number: Int64, depositor: Identifier, bid: Identifier)] {
        try connection.all(
            """
            SELECT w.number, w.depositor, w.id FROM (
                SELECT number, depositor, id, keys FROM bid WHERE consultation = ?1 AND withdrawn IS NULL
                UNION ALL SELECT number, depositor, id, keys FROM draft WHERE consultation = ?1 AND state = 'open'
            ) w JOIN consultation c ON c.id = ?1 JOIN key_set s ON s.consultation = c.id AND s.fingerprint = c.keys
            WHERE c.added IS NOT NULL AND c.closed IS NULL AND w.keys <> s.original AND w.number > ?3 AND NOT EXISTS (
                SELECT 1 FROM outbox o WHERE o.bid = w.id AND o.kind = 'keys-added' AND o.at >= c.added)
            ORDER BY w.number LIMIT ?2
            """, .identifier(consultation), .integer(Int64(limit)), .integer(after)
        ) { (number: $0.integer(0), depositor: try $0.identifier(1), bid: try $0.identifier(2)) }
    }

    /// When keys were added last; nil where none were.
    public func keysAdded(to consultation: Identifier) throws -> Instant? {
        try connection.first("SELECT added FROM consultation WHERE id = ? AND added IS NOT NULL", .identifier(consultation)) { $0.instant(0) }
    }

    /// Consultations to which keys were added, and whose list is not closed.
    public func withAddedKeys() throws -> [Identifier] {
        try connection.all(
            "SELECT id FROM consultation WHERE added IS NOT NULL AND closed IS NULL AND NOT archived ORDER BY number"
        ) { try $0.identifier(0) }
    }

    /// Whether this was said of a bid since an instant.
    public func wasNoticed(_ kind: NoticeDue.Kind, of bid: Identifier, since: Instant) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM outbox WHERE bid = ? AND kind = ? AND at >= ?", .identifier(bid), .text(kind.rawValue), .instant(since)
        ) { _ in true } ?? false
    }
}

extension Snapshot {
    /// The copies of safeguard of a consultation, in the order in which they were registered.
    public func copies(of consultation: Identifier) throws -> [CopyEntry] {
        try connection.all(
            """
            SELECT event.bytes, safeguard.decision FROM safeguard JOIN event USING(sequence)
            WHERE safeguard.consultation = ? ORDER BY safeguard.sequence
            """, .identifier(consultation)
        ) { row in
            guard let fact = try Event(canonical: row.blob(0)).fact as? CopyRegistered else {
                throw RegisterFailure.invalid("a copy of safeguard is another event")
            }
            return CopyEntry(registered: fact, decision: row.isNull(1) ? nil : try row.word(1))
        }
    }
}
