public import Merkle
public import Procurement
import Records

/// The public log: what anyone may see of it, which is never more than the last published checkpoint.
extension Vault {
    // MARK: Reading

    /// The newest public checkpoint of a generation, with what witnesses signed of it.
    public func publicCheckpoint(_ log: Log, generation: Int64) throws -> [UInt8] {
        try register.read { snapshot in
            try snapshot.cosigned(published(log, generation, in: snapshot)).encoded
        }
    }

    /// A tile of hashes of the public checkpoint's tree.
    public func publicTile(_ path: TilePath, of log: Log, generation: Int64) throws -> [UInt8] {
        try register.read { snapshot in
            guard path.content != .entries, path.exists(size: try published(log, generation, in: snapshot).size) else {
                throw Refusal(.notFound)
            }
            return try snapshot.tile(path, of: log, generation: generation)
        }
    }

    /// The events that a tile of level 0 has the leaves of, for those who audit this vault.
    ///
    /// - Throws: 409 while one of them is about a consultation that is still open.
    public func entries(
        _ path: TilePath, of log: Log, generation: Int64, for principal: Principal
    ) throws -> [[UInt8]] {
        guard principal.kind == .holder else { throw Refusal(.forbidden) }
        return try register.read { snapshot in
            guard path.content == .entries, path.exists(size: try published(log, generation, in: snapshot).size) else {
                throw Refusal(.notFound)
            }
            guard let entries = try snapshot.entries(path, of: log, generation: generation, now: clock.now) else {
                throw Refusal(.notYet, "A consultation that these entries are about is still open.")
            }
            return entries
        }
    }

    /// The keys that signed a log, one for each generation, in order.
    public func logKeys(_ log: Log) throws -> [VerifierKey] { try register.read { try $0.verifierKeys(log) } }

    private func published(_ log: Log, _ generation: Int64, in snapshot: Snapshot) throws -> PublishedCheckpoint {
        guard let published = try snapshot.publishedCheckpoint(log, generation: generation) else { throw Refusal(.notFound) }
        return published
    }

    // MARK: Witnesses

    /// Keeps the signatures of known witnesses on a checkpoint that was published. Anybody may bring them: they vouch for
    /// themselves.
    ///
    /// - Returns: how many of the note's signatures are those of witnesses we know.
    public func keepCosignatures(_ log: Log, note bytes: [UInt8]) throws -> Int {
        let note: Note
        do { note = try Note(bytes) } catch { throw Refusal(.invalid, "The body is not a signed note.") }
        let verified: [VerifiedSignature]
        do { verified = try note.verify(platform.witnesses) } catch {
            throw Refusal(.invalid, "No known witness signed this note.")
        }
        let found: PublishedCheckpoint?
        do { found = try register.read { try $0.publishedCheckpoint(log, text: note.text) } } catch is MerkleError { found = nil }
        guard let published = found else { throw Refusal(.notFound, "This is no checkpoint that was published here.") }
        let kept = try verified.map { signature in
            (signature.key, try Note(text: note.text, signatures: note.signatures.filter { $0.isNamed(signature.key) }))
        }
        try register.commit { transaction in
            for (witness, note) in kept { try transaction.keep(note, by: witness, of: published) }
            return []
        }
        return verified.count
    }

    // MARK: Publishing

    /// Makes the logs' heads public once an hour, and hangs blank leaves behind them at random times.
    func tendLog() {
        let now = clock.now
        if publisher.isDue(now) {
            do {
                try register.commit { transaction in
                    try transaction.publishHeads()
                    return []
                }
                publisher.published(now)
            } catch {
                publisher.pause(now)
                report("the logs' checkpoints could not be published, and will be: \(error)")
            }
        }
        for log in publisher.blanks(now) {
            trace({ _ in [EventDraft(log: log, fact: Blank())] }, failed: {})
        }
    }
}
