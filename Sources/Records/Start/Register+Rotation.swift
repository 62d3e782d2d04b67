internal import Linux
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
        let before = opened.logs.mapValues(\.head)
        let now = surroundings.clock.now
        let transaction = Transaction(
            opened.connection, now: now, at: max(now, opened.lastAt), randomness: surroundings.randomness)
        var ledger = Ledger(
            opened.connection, logs: opened.logs, at: transaction.at, randomness: surroundings.randomness)
        do {
            try opened.connection.beginWriting()
            _ = try ledger.rotate(
                log, instance: opened.instance.id, before: before, from: surroundings.keys, to: keys, transaction)
            let heads = try ledger.writeHeads(before: before, keys)
            try HighWater(instance: opened.instance.id, logs: heads).prepare(opened.highWater)
            try surroundings.durability.commit { try opened.connection.commit() }
        } catch {
            try? opened.connection.rollback()
            throw error
        }
        try surroundings.durability.mark { try HighWater.putInPlace(opened.highWater) }
        try opened.connection.checkpoint()
        guard let key = ledger.logs[log]?.generation.key else { throw RegisterError.head(log) }
        return key
    }

    /// The same for a register that runs: the scribe does it between two batches, and what waits behind it is signed with the new key.
    ///
    /// - Parameter keys: those of all logs, with a new one for this log.
    public func rotateKey(of log: Log, to keys: LogKeys) throws -> VerifierKey {
        let outcome = Monitor<Result<[CommittedEvent], any Error>?>(nil)
        submit(rotation: LogRotation(log: log, keys: keys)) { result in outcome.change { $0 = result } }
        _ = try outcome.wait { $0 }.get()
        guard let key = try read({ try $0.verifierKeys(log).last }) else { throw RegisterError.head(log) }
        return key
    }
}
