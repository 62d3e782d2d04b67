public import Canonical
public import Merkle
public import Procurement
internal import SQLite

/// A checkpoint that was made public.
public struct PublishedCheckpoint: Sendable {
    public let log: Log
    public let generation: Int64
    /// Leaves of the generation's tree.
    public let size: Int
    public let at: Instant
    /// As the log signed it.
    public let note: Note
}

extension Transaction {
    /// Makes the heads of all logs public as the last commit left them. What has not grown since is not published again.
    public func publishHeads() throws {
        for log in Log.allCases {
            guard let stored = try StoredGeneration.all(connection, log).last else { continue }
            try publish(stored)
        }
    }

    func publish(_ stored: StoredGeneration) throws {
        try connection.run(
            """
            INSERT INTO publication(log, generation, size, at, note) VALUES(?, ?, ?, ?, ?)
            ON CONFLICT(log, generation, size) DO NOTHING
            """,
            .text(stored.generation.log.rawValue), .integer(stored.generation.number), .integer(Int64(stored.size)),
            .instant(at), .blob(stored.note.encoded))
    }

    /// Keeps what a witness signed of a published checkpoint; the first of each witness.
    ///
    /// - Parameter note: the checkpoint's text and the witness's signature, verified.
    public func keep(_ note: Note, by witness: VerifierKey, of published: PublishedCheckpoint) throws {
        try connection.run(
            """
            INSERT INTO cosignature(log, generation, size, witness, note) VALUES(?, ?, ?, ?, ?)
            ON CONFLICT(log, generation, size, witness) DO NOTHING
            """,
            .text(published.log.rawValue), .integer(published.generation), .integer(Int64(published.size)),
            .text(witness.description), .blob(note.encoded))
    }
}

extension Snapshot {
    /// The newest checkpoint that is public of a generation; nil before the first.
    public func publishedCheckpoint(_ log: Log, generation: Int64) throws -> PublishedCheckpoint? {
        try connection.first(
            """
            SELECT size, at, note FROM publication WHERE log = ? AND generation = ? ORDER BY size DESC LIMIT 1
            """, .text(log.rawValue), .integer(generation)
        ) {
            PublishedCheckpoint(
                log: log, generation: generation, size: Int($0.integer(0)), at: $0.instant(1), note: try Note($0.blob(2)))
        }
    }

    /// The published checkpoint with this very text.
    public func publishedCheckpoint(_ log: Log, text: [UInt8]) throws -> PublishedCheckpoint? {
        let checkpoint = try Checkpoint(text: text)
        for stored in try StoredGeneration.all(connection, log) where stored.generation.key.name == checkpoint.origin {
            let number = stored.generation.number
            let found = try connection.first(
                "SELECT at, note FROM publication WHERE log = ? AND generation = ? AND size = ?", .text(log.rawValue),
                .integer(number), .integer(Int64(checkpoint.size))
            ) {
                PublishedCheckpoint(
                    log: log, generation: number, size: checkpoint.size, at: $0.instant(0), note: try Note($0.blob(1)))
            }
            if let found, found.note.text == text { return found }
        }
        return nil
    }

    /// When a checkpoint was last made public, of any log; nil where the present generation of one has none, which is then due.
    public func lastPublication() throws -> Instant? {
        for log in Log.allCases {
            guard let present = try StoredGeneration.all(connection, log).last?.generation.number else { continue }
            guard try publishedCheckpoint(log, generation: present) != nil else { return nil }
        }
        return try connection.first("SELECT at FROM publication ORDER BY at DESC LIMIT 1") { $0.instant(0) }
    }

    /// The checkpoint with the signatures that witnesses made of it.
    public func cosigned(_ published: PublishedCheckpoint) throws -> Note {
        let notes = try connection.all(
            "SELECT note FROM cosignature WHERE log = ? AND generation = ? AND size = ? ORDER BY witness",
            .text(published.log.rawValue), .integer(published.generation), .integer(Int64(published.size))
        ) { try Note($0.blob(0)) }
        return notes.flatMap(\.signatures).reduce(published.note) { $0.adding($1) }
    }

    /// The bytes of a tile of hashes.
    public func tile(_ path: TilePath, of log: Log, generation: Int64) throws -> [UInt8] {
        try TileStore(connection, log, generation).read(path)
    }

    /// The events that a tile of level 0 has the leaves of.
    ///
    /// - Returns: nil while one of them is about a consultation whose deadline has not passed by `now`: until then only
    ///   its depositor may learn that a bid exists.
    public func entries(_ path: TilePath, of log: Log, generation: Int64, now: Instant) throws -> [[UInt8]]? {
        guard let stored = try StoredGeneration.all(connection, log).first(where: { $0.generation.number == generation })
        else { return [] }
        let first = stored.generation.base + Int64(path.index * TilePath.fullWidth)
        let isEarly = try connection.first(
            """
            SELECT 1 FROM journal JOIN consultation ON consultation.id = journal.consultation
            WHERE journal.log = ? AND journal.position >= ? AND journal.position < ? AND consultation.deadline > ?
            UNION ALL SELECT 1 FROM journal JOIN presented USING(sequence)
            WHERE journal.log = ? AND journal.position >= ? AND journal.position < ? AND presented.deadline > ?
            """,
            .text(log.rawValue), .integer(first), .integer(first + Int64(path.width)), .integer(now.milliseconds - 1000),
            .text(log.rawValue), .integer(first), .integer(first + Int64(path.width)), .integer(now.milliseconds - 1000)
        ) { _ in true }
        if isEarly != nil { return nil }
        return try events(log, from: first, limit: path.width)
    }
}
