internal import Canonical
internal import Merkle
internal import Procurement

extension Ledger {
    /// Ends a log's generation and begins the next, under a new key: `log-ended`, signed by the old key and made public, then
    /// `log-continued`. Its head is the caller's to write, with the new keys.
    mutating func rotate(
        _ log: Log, instance: Identifier, before: [Log: LogHead], from old: LogKeys, to new: LogKeys, _ transaction: Transaction
    ) throws -> [CommittedEvent] {
        guard let growing = logs[log] else { throw RegisterError.head(log) }
        let next = try Generation(
            instance, log, growing.generation.number + 1, base: growing.count + 1, publicKey: new.publicKey(log))
        guard next.key.publicKey != growing.generation.key.publicKey else { throw RegisterError.key(log) }
        let last = try append(EventDraft(log: log, fact: LogEnded(key: next.key.description)))
        _ = try writeHeads(before: before, old)
        guard let ended = try StoredGeneration.all(connection, log).last else { throw RegisterError.head(log) }
        try transaction.publish(ended)
        begin(next)
        let first = try append(
            EventDraft(
                log: log,
                fact: LogContinued(
                    instance: instance, generation: next.number, base: next.base, key: next.key.description,
                    previous: ended.note.encoded, cause: .rotation)))
        return [last, first]
    }
}
