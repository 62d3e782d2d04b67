internal import Canonical
internal import Merkle
internal import Procurement
internal import SQLite

/// One log as a start finds it: its current generation, signed, with the right edge of its tree and its last events.
struct OpenedLog {
    let stored: StoredGeneration
    let edge: RightEdge
    /// Of the last event.
    let lastAt: Instant
    private let connection: Connection
    private let generations: [StoredGeneration]

    /// Events at the end that are read and hashed.
    private static let lastEvents: Int64 = 256

    /// - Throws: `RegisterError` naming what does not hold.
    init(_ connection: Connection, _ log: Log, instance: Identifier) throws {
        self.connection = connection
        generations = try Self.generations(connection, log)
        guard let stored = generations.last, stored.isSigned, stored.size > 0,
            stored.generation.key.name == Generation.origin(instance, log, stored.generation.number)
        else { throw RegisterError.head(log) }
        let source = TileStore(connection, stored.generation).hashes(size: stored.size)
        guard let edge = try? RightEdge(source), edge.root == stored.root else { throw RegisterError.head(log) }
        self.stored = stored
        self.edge = edge
        lastAt = try Self.last(connection, stored, source)
    }

    /// Rows that cannot be read are those of no head.
    private static func generations(_ connection: Connection, _ log: Log) throws -> [StoredGeneration] {
        do { return try StoredGeneration.all(connection, log) } catch is MerkleError { throw RegisterError.head(log) }
    }

    /// Hashes the last events and compares them with the tree's leaves.
    private static func last(
        _ connection: Connection, _ stored: StoredGeneration, _ source: TileHashes
    ) throws -> Instant {
        let log = stored.generation.log
        var next = max(stored.generation.base, stored.count - lastEvents)
        var bytes: [UInt8] = []
        try connection.run(
            "SELECT position, leaf, bytes FROM event WHERE log = ? AND position >= ? ORDER BY position",
            .text(log.rawValue), .integer(next)
        ) { row in
            bytes = row.blob(2)
            let leaf = LogHead.leaf(bytes)
            guard row.integer(0) == next, row.blob(1) == leaf.bytes,
                next < stored.count,
                try source.hash(of: Subtree(level: 0, index: Int(next - stored.generation.base))) == leaf
            else { throw RegisterError.broken(log, position: next) }
            next += 1
        }
        guard next == stored.count, let event = try? Event(canonical: bytes) else {
            throw RegisterError.broken(log, position: next)
        }
        return event.at
    }

    /// - Returns: how many events the mark does not know yet.
    /// - Throws: where the log is not the one of which the mark speaks, or more than a crash further on.
    func compare(with mark: LogHead) throws -> Int64 {
        let log = stored.generation.log
        guard mark.count <= stored.count else {
            throw RegisterError.shorter(log, register: stored.count, mark: mark.count)
        }
        guard let marked = generations.first(where: { $0.generation.number == mark.generation }),
            try Self.root(connection, marked, count: mark.count) == mark.root
        else { throw RegisterError.different(log, position: mark.count) }
        // The mark is written before the next commit begins, so at most one commit is above it.
        guard mark.count == stored.count || mark.count == stored.before else {
            throw RegisterError.longer(log, register: stored.count, mark: mark.count)
        }
        return stored.count - mark.count
    }

    /// The root that a generation's tree had when the log had `count` events; nil if it never had.
    static func root(_ connection: Connection, _ stored: StoredGeneration, count: Int64) throws -> Digest? {
        guard stored.generation.base <= count, count <= stored.count else { return nil }
        let source = TileStore(connection, stored.generation).hashes(size: stored.size)
        return try? source.root(size: Int(count - stored.generation.base))
    }
}
