public import Canonical
internal import Linux
public import Merkle
public import Procurement
internal import SQLite

/// How a log goes on after a loss.
public struct Continuation: Sendable {
    public let log: Log
    /// The new generation, and the position at which it begins: the first that was not recovered.
    public let generation: Int64
    public let base: Int64
    /// Entries of the last checkpoint that is known of the generation before; more than are there, if something is lost.
    public let known: Int64
    /// Entries of that generation that are there.
    public let there: Int64
    /// The consultations in which nothing is opened for now.
    public let frozen: [Identifier]
}

extension Register {
    /// Goes on honestly with a register that lacks events, or may: each log begins a new generation, whose first event quotes
    /// the last checkpoint that is known of the one before; every consultation that was published and is not archived is
    /// frozen; the high-water mark is written anew. Whoever holds a receipt of what is lost can still prove it under the old
    /// key. The caller holds the data folder's lock; no register is open on it.
    ///
    /// - Parameters:
    ///   - checkpoints: what was found of the logs elsewhere: in receipts, with witnesses, in the public's hands.
    ///   - logs: those that go on so: all, or the one whose key is lost.
    ///   - freezes: not where the register is whole, and a key alone is lost: then only if the high-water mark says that nothing acknowledged is missing, as at every start.
    /// - Throws: ``RegisterError`` where the register itself does not hold, or a checkpoint contradicts it.
    public static func continueAfterLoss(
        data: String, highWater: String? = nil, checkpoints: [Note], logs chosen: Set<Log> = Set(Log.allCases),
        freezes: Bool = true, _ surroundings: Surroundings
    ) throws -> [Continuation] {
        let instance = try Instance.read(data: data)
        let folder = try DurableFolder(path: highWater ?? Register.highWater(data))
        let connection = try Connection(path: path(data), .readWrite)
        try Schema.check(connection)
        try connection.checkpoint()
        if try Views.version(connection) != ViewSchema.version { try connection.transaction { try Views.rebuild(connection) } }
        var logs: [Log: GrowingLog] = [:]
        var before: [Log: LogHead] = [:]
        var quoted: [Log: Note] = [:]
        var stored: [Log: StoredGeneration] = [:]
        var lastAt = surroundings.clock.now
        let mark = freezes ? nil : try HighWater.read(folder)
        for log in Log.allCases {
            let opened = try OpenedLog(connection, log, instance: instance.id)
            if let mark {
                guard mark.instance == instance.id else { throw RegisterError.stranger }
                _ = try opened.compare(with: mark.logs[log] ?? .empty)
            }
            lastAt = max(lastAt, opened.lastAt)
            stored[log] = opened.stored
            before[log] = opened.stored.head
            logs[log] = GrowingLog(generation: opened.stored.generation, edge: opened.edge)
            quoted[log] = try lastKnown(opened.stored, checkpoints, connection)
        }
        var continuations: [Continuation] = []
        var heads: [Log: LogHead] = [:]
        try connection.transaction {
            var ledger = Ledger(connection, logs: logs, at: lastAt, randomness: surroundings.randomness)
            for log in Log.allCases where chosen.contains(log) {
                guard let old = stored[log], let note = quoted[log] else { throw RegisterError.head(log) }
                let next = try Generation(
                    instance.id, log, old.generation.number + 1, base: old.count, publicKey: surroundings.keys.publicKey(log))
                ledger.begin(next)
                _ = try ledger.append(
                    EventDraft(
                        log: log,
                        fact: LogContinued(
                            instance: instance.id, generation: next.number, base: next.base, key: next.key.description,
                            previous: note.encoded, cause: .loss, lost: next.base)))
                let frozen = !freezes ? [] : try connection.all(
                    "SELECT id FROM consultation WHERE log = ? AND published AND NOT archived ORDER BY number", .text(log.rawValue)
                ) { try $0.identifier(0) }
                for id in frozen {
                    _ = try ledger.append(
                        EventDraft(log: log, fact: ConsultationFrozen(consultation: id, generation: next.number)))
                }
                continuations.append(
                    Continuation(
                        log: log, generation: next.number, base: next.base, known: Int64(try Checkpoint(note).size),
                        there: Int64(old.size), frozen: frozen))
            }
            heads = try ledger.writeHeads(before: before, surroundings.keys)
            // Its room is taken before the COMMIT, as at every commit.
            try HighWater(instance: instance.id, logs: heads).prepare(folder)
        }
        try HighWater.putInPlace(folder)
        try connection.checkpoint()
        return continuations
    }

    /// The newest checkpoint of a generation among those given and its own head.
    private static func lastKnown(_ stored: StoredGeneration, _ given: [Note], _ connection: Connection) throws -> Note {
        var newest = (size: stored.size, note: stored.note)
        for note in given {
            // Its origin is the key's name, or the key is not the log's own.
            guard let verified = try? VerifiedCheckpoint(note, keys: [stored.generation.key]) else { continue }
            let size = verified.checkpoint.size
            if size > newest.size {
                newest = (size, note)
            } else if size <= stored.size,
                try OpenedLog.root(connection, stored, count: stored.generation.base + Int64(size)) != verified.checkpoint.root
            {
                throw RegisterError.different(stored.generation.log, position: stored.generation.base + Int64(size))
            }
        }
        return newest.note
    }
}
