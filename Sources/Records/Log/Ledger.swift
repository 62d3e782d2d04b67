internal import Canonical
internal import OpenSSL
internal import Procurement
internal import SQLite

/// Appends events within a transaction: canonical bytes, leaf, chain, views. A value, so that what an item did to it is
/// forgotten with the item.
struct Ledger {
    let connection: Connection
    let at: Instant
    let randomness: @Sendable (Int) throws -> [UInt8]
    private(set) var heads: [Log: LogHead]

    init(
        _ connection: Connection, heads: [Log: LogHead], at: Instant,
        randomness: @escaping @Sendable (Int) throws -> [UInt8]
    ) {
        self.connection = connection
        self.heads = heads
        self.at = at
        self.randomness = randomness
    }

    mutating func append(_ draft: EventDraft) throws -> CommittedEvent {
        let before = heads[draft.log] ?? .empty
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
            .text(draft.log.rawValue), .integer(before.count), .blob(leaf.bytes), .blob(bytes))
        let entry = LogEntry(
            sequence: connection.lastInserted, position: before.count, leaf: leaf, bytes: bytes, event: event)
        try Views(connection).project(entry)
        heads[draft.log] = before.appending(leaf)
        return CommittedEvent(
            log: draft.log, position: before.count, at: at, leaf: leaf, bytes: bytes, fact: draft.fact)
    }

    /// Writes every log's head, with the count that it had before this transaction: what a crash after the COMMIT and
    /// before the high-water mark leaves is exactly the distance between the two.
    func writeHeads(before: [Log: LogHead]) throws {
        for log in Log.allCases {
            let head = heads[log] ?? .empty
            try connection.run(
                """
                INSERT INTO head(log, count, head, before) VALUES(?, ?, ?, ?)
                ON CONFLICT(log) DO UPDATE SET count = excluded.count, head = excluded.head, before = excluded.before
                """,
                .text(log.rawValue), .integer(head.count), .blob(head.head.bytes),
                .integer((before[log] ?? .empty).count))
        }
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
