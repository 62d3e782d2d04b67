internal import Canonical
public import Merkle
public import Procurement
internal import SQLite

extension Register {
    /// Ends a log's generation and begins the next, under a new key: `log-ended`, signed by the old key and made public,
    /// then `log-continued`, signed by the new one, in one transaction. The caller holds the data folder's lock, and no
    /// daemon runs.
    ///
    /// - Parameters:
    ///   - surroundings: with the keys as they are.
    ///   - keys: the same, with a new key for this log.
    /// - Returns: the new generation's verifier key.
    @discardableResult
    public static func rotateKey(
        of log: Log, data: String, highWater: String? = nil, to keys: LogKeys, _ surroundings: Surroundings
    ) throws -> VerifierKey {
        let opened = try OpenedRegister(data: data, highWater: highWater, keys: surroundings.keys)
        guard let old = opened.logs[log] else { throw RegisterError.head(log) }
        let before = opened.logs.mapValues(\.head)
        let now = surroundings.clock.now
        let transaction = Transaction(
            opened.connection, now: now, at: max(now, opened.lastAt), randomness: surroundings.randomness)
        var ledger = Ledger(
            opened.connection, logs: opened.logs, at: transaction.at, randomness: surroundings.randomness)
        let next = try Generation(
            opened.instance.id, log, old.generation.number + 1, base: old.count + 1, publicKey: keys.publicKey(log))
        guard next.key.publicKey != old.generation.key.publicKey else { throw RegisterError.key(log) }
        do {
            try opened.connection.beginWriting()
            _ = try ledger.append(EventDraft(log: log, fact: LogEnded(key: next.key.description)))
            _ = try ledger.writeHeads(before: before, surroundings.keys)
            guard let ended = try StoredGeneration.all(opened.connection, log).last else { throw RegisterError.head(log) }
            try transaction.publish(ended)
            ledger.begin(next)
            _ = try ledger.append(
                EventDraft(
                    log: log,
                    fact: LogContinued(
                        instance: opened.instance.id, generation: next.number, base: next.base,
                        key: next.key.description, previous: ended.note.encoded, cause: .rotation)))
            let heads = try ledger.writeHeads(before: before, keys)
            try HighWater(instance: opened.instance.id, logs: heads).prepare(opened.highWater)
            try surroundings.durability.commit { try opened.connection.commit() }
        } catch {
            try? opened.connection.rollback()
            throw error
        }
        try surroundings.durability.mark { try HighWater.putInPlace(opened.highWater) }
        try opened.connection.checkpoint()
        return next.key
    }
}
