public import Canonical
public import Procurement
internal import SQLite

/// The register as it stood at one moment, for as long as the closure that got it runs.
public class Snapshot: RegisterReading {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    public func event(_ log: Log, at position: Int64) throws -> [UInt8]? {
        try connection.first(
            "SELECT bytes FROM event WHERE log = ? AND position = ?", .text(log.rawValue), .integer(position)
        ) { $0.blob(0) }
    }

    /// At most `limit` events of a log, in order, from a position on.
    public func events(_ log: Log, from position: Int64, limit: Int) throws -> [[UInt8]] {
        try connection.all(
            "SELECT bytes FROM event WHERE log = ? AND position >= ? ORDER BY position LIMIT ?",
            .text(log.rawValue), .integer(position), .integer(Int64(limit))
        ) { $0.blob(0) }
    }

    public func head(of log: Log) throws -> LogHead {
        try connection.first(
            "SELECT count, generation, root FROM head WHERE log = ? ORDER BY generation DESC LIMIT 1", .text(log.rawValue)
        ) { LogHead(count: $0.integer(0), generation: $0.integer(1), root: try $0.digest(2)) } ?? .empty
    }

    public func object(_ digest: Digest) throws -> [UInt8]? {
        try connection.first("SELECT bytes FROM object WHERE digest = ?", .digest(digest)) { $0.blob(0) }
    }

    /// nil once erased.
    public func person(_ digest: Digest) throws -> Person? {
        try connection.first("SELECT bytes FROM person WHERE digest = ?", .digest(digest)) {
            try Person(canonical: $0.blob(0))
        }
    }
}
