internal import Canonical
internal import Procurement
internal import SQLite

/// The logs as their events' bytes give them, computed anew and compared with what the register says of itself.
struct Chain {
    /// Head after every event of a log that anyone may ask for: at its end, and at the counts asked for.
    private(set) var heads: [Log: LogHead] = [:]
    private(set) var marks: [Log: [Int64: LogHead]] = [:]
    /// The latest `at`.
    private(set) var lastAt = Instant(milliseconds: 0)

    /// Reads every event.
    /// - Parameter counts: for each log, the counts at which the head is wanted.
    /// - Throws: `RegisterError.broken` naming the first position that does not hold.
    init(_ connection: Connection, marking counts: [Log: [Int64]]) throws {
        for log in Log.allCases {
            var head = LogHead.empty
            var last: [UInt8]?
            var wanted = Set(counts[log] ?? [])
            var found: [Int64: LogHead] = [:]
            if wanted.remove(0) != nil { found[0] = head }
            try connection.run(
                "SELECT position, leaf, bytes FROM event WHERE log = ? ORDER BY position", .text(log.rawValue)
            ) { row in
                let bytes = row.blob(2)
                let leaf = LogHead.leaf(bytes)
                guard row.integer(0) == head.count, row.blob(1) == leaf.bytes else {
                    throw RegisterError.broken(log, position: head.count)
                }
                head = head.appending(leaf)
                if wanted.contains(head.count) { found[head.count] = head }
                last = bytes
            }
            heads[log] = head
            marks[log] = found
            if let last {
                guard let event = try? Event(canonical: last) else {
                    throw RegisterError.broken(log, position: head.count - 1)
                }
                lastAt = max(lastAt, event.at)
            }
        }
    }

    /// What the register itself says: head and count, and the count before its last commit.
    static func stored(_ connection: Connection) throws -> [Log: (head: LogHead, before: Int64)] {
        var stored: [Log: (head: LogHead, before: Int64)] = [:]
        try connection.run("SELECT log, count, head, before FROM head") { row in
            guard let log = Log(rawValue: row.text(0)) else { return }
            stored[log] = (LogHead(count: row.integer(1), head: try Digest(bytes: row.blob(2))), row.integer(3))
        }
        return stored
    }
}
