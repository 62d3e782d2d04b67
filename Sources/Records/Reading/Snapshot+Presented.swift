public import Canonical
public import Procurement
internal import SQLite

/// A receipt that was presented after a loss, with the place of the event that says so.
public struct PresentedEntry: Sendable {
    public let log: Log
    public let position: Int64
    public let at: Instant
    public let fact: ReceiptPresented
}

extension Snapshot {
    /// By the leaf that it is of.
    public func presented(leaf: Digest) throws -> PresentedEntry? {
        try connection.first(
            """
            SELECT event.log, event.position, event.bytes FROM presented JOIN event USING(sequence) WHERE presented.leaf = ?
            """, .digest(leaf), read: Self.presentedEntry)
    }

    /// In the order in which they came.
    public func presented(in consultation: Identifier) throws -> [PresentedEntry] {
        try connection.all(
            """
            SELECT event.log, event.position, event.bytes FROM presented JOIN event USING(sequence)
            WHERE presented.consultation = ? ORDER BY sequence
            """, .identifier(consultation), read: Self.presentedEntry)
    }

    private static func presentedEntry(_ row: borrowing Row) throws -> PresentedEntry {
        let event = try Event(canonical: row.blob(2))
        guard let fact = event.fact as? ReceiptPresented else {
            throw RegisterFailure.invalid("a view names an event of another type")
        }
        return PresentedEntry(log: try row.word(0), position: row.integer(1), at: event.at, fact: fact)
    }
}
