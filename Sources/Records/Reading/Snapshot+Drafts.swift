public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func draft(_ bid: Identifier) throws -> DraftEntry? {
        try connection.first(
            """
            SELECT id, consultation, depositor, user, code, keys, started, awaited, intent, state FROM draft WHERE id = ?
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
            SELECT id, consultation, depositor, user, code, keys, started, awaited, intent, state FROM draft
            WHERE state = 'open' ORDER BY number
            """, read: Self.draftEntry)
    }

    private static func draftEntry(_ row: borrowing Row) throws -> DraftEntry {
        DraftEntry(
            bid: try row.identifier(0), consultation: try row.identifier(1), depositor: try row.identifier(2),
            user: try row.identifier(3), bidCode: try row.digest(4), keys: try row.digest(5),
            started: Instant(milliseconds: row.integer(6)), awaited: row.isNull(7) ? nil : row.integer(7),
            intent: try row.word(8), state: try row.word(9))
    }
}
