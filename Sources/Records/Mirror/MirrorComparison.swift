internal import Canonical
internal import Merkle
internal import Procurement
internal import SQLite

/// A mirror's register held against ours.
struct MirrorComparison {
    enum Outcome { case same, beginning }

    /// - Parameters:
    ///   - register: ours, in a transaction or alone on it.
    ///   - mirror: opened, and on its disk.
    /// - Throws: ``MirrorError`` where it is neither ours nor a beginning of it.
    static func outcome(_ register: Connection, _ mirror: Connection, instance: Identifier) throws -> Outcome {
        var isSame = true
        for log in Log.allCases {
            let theirs: StoredGeneration
            // Heads signed, the tree's edge, the last events: a mirror on a bad disk must not be followed.
            do { theirs = try OpenedLog(mirror, log, instance: instance).stored } catch { throw MirrorError.damaged("\(error)") }
            let ours = try StoredGeneration.all(register, log)
            guard let last = ours.last else { throw RegisterError.head(log) }
            guard let same = ours.first(where: { $0.generation == theirs.generation }) else {
                let isLater = theirs.generation.number > last.generation.number
                throw isLater ? MirrorError.longer(log, register: last.count, mirror: theirs.count) : .different(log)
            }
            if theirs.count > same.count {
                // Where ours went on in another generation, what the mirror has is another past.
                guard same.generation == last.generation,
                    try OpenedLog.root(mirror, theirs, count: same.count) == same.root
                else { throw MirrorError.different(log) }
                throw MirrorError.longer(log, register: same.count, mirror: theirs.count)
            }
            guard try OpenedLog.root(register, same, count: theirs.count) == theirs.root else { throw MirrorError.different(log) }
            if theirs.head != last.head { isSame = false }
            // Signed and shown to the public: what of it only the mirror has, we have lost.
            let published = try (publications(register, log), publications(mirror, log))
            if published.1 > published.0 { throw MirrorError.longer(log, register: last.count, mirror: theirs.count) }
        }
        return try isSame && rest(register) == rest(mirror) ? .same : .beginning
    }

    private static func publications(_ connection: Connection, _ log: Log) throws -> Int64 {
        try connection.first("SELECT count(*) FROM publication WHERE log = ?", .text(log.rawValue)) { $0.integer(0) } ?? 0
    }

    /// What a commit changes that appends no event.
    private static func rest(_ connection: Connection) throws -> [Int64] {
        try connection.first(
            """
            SELECT (SELECT count(*) FROM publication), (SELECT count(*) FROM cosignature), (SELECT count(*) FROM person),
                (SELECT count(*) FROM object), (SELECT count(*) FROM sample), (SELECT coalesce(max(number), 0) FROM sample),
                (SELECT coalesce(sum(covered), 0) FROM sample)
            """
        ) { row in (0..<7).map { row.integer($0) } } ?? []
    }
}
