internal import Canonical
internal import Merkle
internal import Procurement
internal import SQLite

/// What the register says of one generation of a log: a row of `head`.
struct StoredGeneration {
    let generation: Generation
    /// Events of the log at its end, or now.
    let count: Int64
    /// Events of the log before the last commit.
    let before: Int64
    let root: Digest
    /// The signed head.
    let note: Note

    var size: Int { Int(count - generation.base) }
    var head: LogHead { LogHead(count: count, generation: generation.number, root: root) }

    /// Every generation of a log, in order.
    static func all(_ connection: Connection, _ log: Log) throws -> [StoredGeneration] {
        try connection.all(
            """
            SELECT generation, base, key, count, before, root, note FROM head WHERE log = ? ORDER BY generation
            """, .text(log.rawValue)
        ) { row in
            StoredGeneration(
                generation: Generation(
                    log: log, number: row.integer(0), base: row.integer(1), key: try VerifierKey(row.text(2))),
                count: row.integer(3), before: row.integer(4), root: try row.digest(5), note: try Note(row.blob(6)))
        }
    }

    /// The heads of all logs.
    static func heads(_ connection: Connection) throws -> [Log: LogHead] {
        var heads: [Log: LogHead] = [:]
        for log in Log.allCases { heads[log] = try all(connection, log).last?.head }
        return heads
    }

    /// Whether the signed head is this one's: its key's signature, its size, its root.
    var isSigned: Bool {
        guard let verified = try? VerifiedCheckpoint(note, keys: [generation.key]) else { return false }
        return verified.checkpoint == generation.checkpoint(size: size, root: root)
    }
}
