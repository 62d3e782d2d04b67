public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    /// An event by its place.
    public struct Entry: Sendable {
        public let log: Log
        public let position: Int64
        public let bytes: [UInt8]
    }

    /// What is kept of an attempt that ended in no bid, in order; empty where there is nothing, or it is another account's.
    ///
    /// - Parameter account: whose it must be; nil for who may ask of any.
    public func traces(of attempt: Identifier, account: Identifier?) throws -> [Entry] {
        try connection.all(
            """
            SELECT event.log, event.position, event.bytes FROM attempt JOIN event USING(sequence)
            WHERE attempt.attempt = ?1 AND (?2 IS NULL OR attempt.account = ?2) ORDER BY sequence LIMIT 16
            """, .identifier(attempt), account.map(Value.identifier) ?? .null, read: Self.entry)
    }

    /// The last traces of an account's attempts, the newest first.
    public func traces(account: Identifier, limit: Int) throws -> [AttemptTraced] {
        try connection.all(
            "SELECT event.bytes FROM attempt JOIN event USING(sequence) WHERE attempt.account = ? ORDER BY sequence DESC LIMIT ?",
            .identifier(account), .integer(Int64(limit))
        ) { $0.blob(0) }.compactMap { try Event(canonical: $0).fact as? AttemptTraced }
    }

    /// The event that vouches for a statement already.
    public func attestation(of statement: Digest) throws -> Entry? {
        try connection.first(
            """
            SELECT event.log, event.position, event.bytes FROM attested JOIN event USING(sequence) WHERE attested.statement = ?
            """, .digest(statement), read: Self.entry)
    }

    private static func entry(_ row: borrowing Row) throws -> Entry {
        Entry(log: try row.word(0), position: row.integer(1), bytes: row.blob(2))
    }
}
