internal import Canonical
internal import Linux
internal import Procurement
internal import SQLite

/// The one writer of the register. Everything in it is touched by its thread only, once that runs.
///
/// Batch after batch: folders synced, one transaction, COMMIT, the high-water mark, and only then the answers.
final class Scribe: @unchecked Sendable {
    private let connection: Connection
    private let instance: Identifier
    private let highWater: DurableFolder
    private let queue: ScribeQueue
    private let surroundings: Surroundings
    /// As they stand in the register and in the high-water mark.
    private var heads: [Log: LogHead]
    private var logs: [Log: GrowingLog]
    private var lastAt: Instant
    /// By folder, the last `FolderSync` made before a sync of it failed.
    private var lost: [String: UInt64] = [:]
    private var mirror: MirrorLine
    /// With which heads are signed; a rotation brings others.
    private var keys: LogKeys

    init(
        _ connection: Connection, instance: Identifier, highWater: DurableFolder, logs: [Log: GrowingLog],
        lastAt: Instant,
        queue: ScribeQueue, mirror: MirrorLine = MirrorLine(nil, path: "", copy: nil), surroundings: Surroundings
    ) {
        self.mirror = mirror
        keys = surroundings.keys
        self.connection = connection
        self.instance = instance
        self.highWater = highWater
        self.logs = logs
        heads = logs.mapValues(\.head)
        self.lastAt = lastAt
        self.queue = queue
        self.surroundings = surroundings
    }

    func run() {
        while let batch = queue.next() {
            for some in Self.apart(batch) {
                guard let results = commit(some) else { return queue.die() }
                for (item, result) in zip(some, results) { item.completion(result) }
            }
        }
        // What is in the log need not wait for the next start. If it fails, the next start says so.
        try? connection.checkpoint()
    }

    /// A rotation comes alone: what is before it is signed with the old key, what is behind it with the new one.
    private static func apart(_ batch: [Item]) -> [[Item]] {
        guard batch.contains(where: { $0.rotation != nil }) else { return [batch] }
        var parts: [[Item]] = []
        var isOpen = false
        for item in batch {
            if item.rotation == nil, isOpen { parts[parts.count - 1].append(item) } else { parts.append([item]) }
            isOpen = item.rotation == nil
        }
        return parts
    }

    /// One result for each item; nil if the outcome is unknown, and nobody may be told anything.
    private func commit(_ batch: [Item]) -> [Result<[CommittedEvent], any Error>]? {
        mirror.serve()
        let unsynced = syncFolders(of: batch)
        // After the syncs, which may have found it out.
        let isHeld = mirror.isHeld
        let now = surroundings.clock.now
        let transaction = Transaction(connection, now: now, at: max(now, lastAt), randomness: surroundings.randomness)
        var ledger = Ledger(connection, logs: logs, at: transaction.at, randomness: surroundings.randomness)
        var results: [Result<[CommittedEvent], any Error>] = []
        var grown: [Log: LogHead]?
        var keys = keys
        do {
            try connection.beginWriting()
            try mirror.begin(connection)
            for (item, failure) in zip(batch, unsynced) {
                if isHeld, item.lane == .decision {
                    results.append(.failure(RegisterFailure.mirror))
                    continue
                }
                if let rotation = item.rotation {
                    results.append(.success(try rotate(rotation, transaction, &ledger)))
                    keys = rotation.keys
                    continue
                }
                results.append(try failure.map { .failure($0) } ?? decide(item, transaction, &ledger))
            }
            if ledger.hasGrown(since: heads) {
                try ledger.addBlanks(surroundings.blanks, behind: heads)
                let signed = try ledger.writeHeads(before: heads, keys)
                grown = signed
                // A COMMIT on a full disk may succeed, into room that the write-ahead log has already. The mark could not
                // follow, and that would be the daemon's end: so its room is taken first.
                try HighWater(instance: instance, logs: signed).prepare(highWater)
            }
            try mirror.prepare()
        } catch {
            return giveUp(batch, unsynced, error)
        }
        do {
            try surroundings.durability.commit { try connection.commit() }
        } catch let error as SQLiteError where error.kind == .busy || error.kind == .full {
            return giveUp(batch, unsynced, error)
        } catch {
            surroundings.fatal("the outcome of a commit is unknown: \(error)")
            return nil
        }
        guard mirror.commit() else {
            surroundings.fatal("the mirror failed after a commit, and nothing is acknowledged without it")
            return nil
        }
        guard let grown else { return results }
        do {
            try surroundings.durability.mark { try HighWater.putInPlace(highWater) }
        } catch {
            surroundings.fatal("the high-water mark cannot be written after a commit: \(error)")
            return nil
        }
        heads = grown
        logs = ledger.logs
        lastAt = transaction.at
        self.keys = keys
        return results
    }

    private func rotate(_ rotation: LogRotation, _ transaction: Transaction, _ ledger: inout Ledger) throws -> [CommittedEvent] {
        try ledger.rotate(rotation.log, instance: instance, before: heads, from: keys, to: rotation.keys, transaction)
    }

    /// - Throws: where the transaction as a whole cannot go on.
    private func decide(
        _ item: Item, _ transaction: Transaction, _ ledger: inout Ledger
    ) throws -> Result<[CommittedEvent], any Error> {
        var trial = ledger
        do {
            let events = try connection.savepoint {
                let drafts = try item.decide(transaction)
                guard drafts.count <= RegisterLimits.mostDrafts else {
                    throw RegisterFailure.invalid("too many events")
                }
                return try drafts.map { try trial.append($0) }
            }
            ledger = trial
            return .success(events)
        } catch let error as SQLiteError {
            guard error.kind == .constraint, connection.isInTransaction else { throw error }
            return .failure(RegisterFailure.invalid(error.description))
        } catch {
            // A decision may have hidden SQLite's own failure behind an error of its own.
            guard connection.isInTransaction else { throw error }
            return .failure(error)
        }
    }

    /// Undoes the transaction and makes sure of it: only what is known not to be there is called a failure.
    private func giveUp(
        _ batch: [Item], _ unsynced: [RegisterFailure?], _ error: any Error
    ) -> [Result<[CommittedEvent], any Error>]? {
        mirror.undo()
        do {
            try connection.rollback()
            let stored = try StoredGeneration.heads(connection)
            guard stored == heads else {
                surroundings.fatal("a commit was reported as failed, and is there: \(error)")
                return nil
            }
        } catch let second {
            surroundings.fatal("the register does not answer after a failure (\(error)): \(second)")
            return nil
        }
        let failure: RegisterFailure =
            switch (error as? SQLiteError)?.kind {
            case .full: .full
            case .busy: .busy
            case _ where error as? RegisterFailure == .mirror: .mirror
            case _ where (error as? LinuxError)?.isNoSpace == true: .full
            default: .storage("\(error)")
            }
        return unsynced.map { .failure($0 ?? failure) }
    }

    /// Syncs each distinct folder once; for each item, why it cannot go on.
    private func syncFolders(of batch: [Item]) -> [RegisterFailure?] {
        var synced: Set<String> = []
        var full: Set<String> = []
        for folder in batch.lazy.flatMap(\.folders) where synced.insert(folder.name).inserted {
            do {
                try folder.sync()
            } catch {
                // Read after the failure: what was made before it may be lost.
                lost[folder.name] = FolderSync.latest
                if (error as? LinuxError)?.isNoSpace == true { full.insert(folder.name) }
            }
        }
        return batch.map { item in
            let folder = item.folders.first { $0.number <= lost[$0.name] ?? 0 }
            return folder.map { full.contains($0.name) ? .full : .unsynced(folder: $0.name) }
        }
    }
}
