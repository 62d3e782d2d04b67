internal import Canonical
internal import Merkle
internal import OpenSSL
internal import Procurement
internal import SQLite

/// Appends events within a transaction: canonical bytes, leaf, tree, views. A value, so that what an item did to it is
/// forgotten with the item.
struct Ledger {
    let connection: Connection
    let at: Instant
    let randomness: @Sendable (Int) throws -> [UInt8]
    private(set) var logs: [Log: GrowingLog]

    init(
        _ connection: Connection, logs: [Log: GrowingLog], at: Instant,
        randomness: @escaping @Sendable (Int) throws -> [UInt8]
    ) {
        self.connection = connection
        self.logs = logs
        self.at = at
        self.randomness = randomness
    }

    mutating func append(_ draft: EventDraft) throws -> CommittedEvent {
        guard let position = logs[draft.log]?.count else { throw RegisterFailure.invalid("no such log") }
        let bytes = Event(log: draft.log, at: at, nonce: try randomness(Event.nonceLength), fact: draft.fact)
            .canonicalBytes
        let event: Event
        // What is appended is what a reader will find, or it is not appended: a leaf that no reader takes could never
        // be taken back.
        do { event = try Event(canonical: bytes) } catch {
            throw RegisterFailure.invalid("\(type(of: draft.fact).type): \(error.reason)")
        }
        let leaf = LogHead.leaf(bytes)
        try connection.run(
            "INSERT INTO event(log, position, leaf, bytes) VALUES(?, ?, ?, ?)",
            .text(draft.log.rawValue), .integer(position), .blob(leaf.bytes), .blob(bytes))
        let entry = LogEntry(
            sequence: connection.lastInserted, position: position, leaf: leaf, bytes: bytes, event: event)
        try Views(connection).project(entry)
        logs[draft.log]?.edge.append(leaf)
        return CommittedEvent(
            log: draft.log, position: position, at: at, leaf: leaf, bytes: bytes, fact: draft.fact)
    }

    /// Whether anything was appended to what was there.
    func hasGrown(since heads: [Log: LogHead]) -> Bool {
        logs.contains { $1.count != heads[$0]?.count }
    }

    /// Hangs leaves that say nothing behind what each log that grew was given.
    mutating func addBlanks(_ blanks: BlankLeaves, behind heads: [Log: LogHead]) throws {
        for log in Log.allCases where logs[log]?.count != heads[log]?.count {
            for _ in 0..<(try blanks.draw()) { _ = try append(EventDraft(log: log, fact: Blank())) }
        }
    }

    /// Writes the tiles that changed, and every log's head, signed, with the count that it had before this transaction:
    /// what a crash after the COMMIT and before the high-water mark leaves is exactly the distance between the two.
    ///
    /// - Returns: the heads as they are now.
    mutating func writeHeads(before: [Log: LogHead], _ keys: LogKeys) throws -> [Log: LogHead] {
        var heads = before
        for log in Log.allCases {
            guard let old = before[log], logs[log]?.count == old.count else {
                heads[log] = try writeHead(log, before: before[log]?.count ?? 0, keys)
                continue
            }
            try connection.run(
                "UPDATE head SET before = count WHERE log = ? AND generation = ? AND before <> count",
                .text(log.rawValue), .integer(old.generation))
        }
        return heads
    }

    private mutating func writeHead(_ log: Log, before: Int64, _ keys: LogKeys) throws -> LogHead? {
        guard let generation = logs[log]?.generation, let changes = logs[log]?.edge.takeChanges() else { return nil }
        let tiles = TileStore(connection, generation)
        for change in changes { try tiles.write(change.path, change.bytes) }
        guard let grown = logs[log] else { return nil }
        let head = grown.head
        let note = try keys.sign(
            generation.checkpoint(size: grown.edge.size, root: head.root).note(), of: log, as: generation.key)
        try connection.run(
            """
            INSERT INTO head(log, generation, base, key, count, before, root, note) VALUES(?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT(log, generation) DO UPDATE
            SET count = excluded.count, before = excluded.before, root = excluded.root, note = excluded.note
            """,
            .text(log.rawValue), .integer(generation.number), .integer(generation.base),
            .text(generation.key.description), .integer(head.count), .integer(before), .blob(head.root.bytes),
            .blob(note.encoded))
        return head
    }

    /// Begins a generation of a log that has none, or whose last one is written and signed.
    mutating func begin(_ generation: Generation) {
        logs[generation.log] = GrowingLog(generation: generation, edge: RightEdge())
    }
}

/// An event as it stands in the register.
struct LogEntry {
    /// Order of all events, of both logs: what the views are folded in.
    let sequence: Int64
    let position: Int64
    let leaf: Digest
    let bytes: [UInt8]
    let event: Event

    var digest: Digest { Digest(SHA256.hash(bytes)) }
}
