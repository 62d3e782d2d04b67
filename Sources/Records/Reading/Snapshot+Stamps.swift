public import Canonical
public import Procurement
internal import SQLite

/// A bid or a closing, and its stamp once it has one.
public struct StampEntry: Sendable, Equatable {
    public let kind: Timestamped.Kind
    /// A bid's identifier, or the digest of a closing in hex.
    public let id: String
    public let consultation: Identifier
    public let log: Log
    public let position: Int64
    public let stamp: Stamp?

    public struct Stamp: Sendable, Equatable {
        public let subject: Digest
        /// The token's object.
        public let token: Digest
        public let authority: String
        public let instant: Instant
    }
}

extension Snapshot {
    /// What lacks its stamp, oldest first.
    public func unstamped(limit: Int) throws -> [StampEntry] {
        try connection.all(
            """
            SELECT kind, id, consultation, log, position, subject, token, authority, instant FROM stamp
            WHERE token IS NULL ORDER BY sequence LIMIT ?
            """, .integer(Int64(limit)), read: Self.stampEntry)
    }

    public func unstampedCount() throws -> Int64 {
        try connection.first("SELECT count(*) FROM stamp WHERE token IS NULL") { $0.integer(0) } ?? 0
    }

    /// nil where nothing of that kind was recorded.
    public func stamp(_ kind: Timestamped.Kind, _ id: String) throws -> StampEntry? {
        try connection.first(
            """
            SELECT kind, id, consultation, log, position, subject, token, authority, instant FROM stamp
            WHERE kind = ? AND id = ?
            """, .text(kind.rawValue), .text(id), read: Self.stampEntry)
    }

    private static func stampEntry(_ row: borrowing Row) throws -> StampEntry {
        var stamp: StampEntry.Stamp?
        if !row.isNull(6) {
            stamp = StampEntry.Stamp(
                subject: try row.digest(5), token: try row.digest(6), authority: row.text(7), instant: row.instant(8))
        }
        return StampEntry(
            kind: try row.word(0), id: row.text(1), consultation: try row.identifier(2), log: try row.word(3),
            position: row.integer(4), stamp: stamp)
    }
}
