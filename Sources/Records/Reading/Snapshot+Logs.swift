public import Merkle
public import Procurement
internal import SQLite

extension Snapshot {
    /// The newest signed head of a log: the checkpoint of its current generation, as it stands in the register.
    public func signedHead(_ log: Log) throws -> Note {
        let note = try connection.first(
            "SELECT note FROM head WHERE log = ? ORDER BY generation DESC LIMIT 1", .text(log.rawValue)
        ) { try Note($0.blob(0)) }
        guard let note else { throw MerkleError(reason: "the log \(log.rawValue) has no head") }
        return note
    }

    /// The keys that signed a log, one for each generation, in order.
    public func verifierKeys(_ log: Log) throws -> [VerifierKey] {
        try StoredGeneration.all(connection, log).map(\.generation.key)
    }

    /// Proof that an event is in the log, against the newest signed head of its generation. Some 20 hashes of a million:
    /// a handful of tiles is read.
    ///
    /// - Parameter position: of the event in its log, from 0. The proof's index counts from its generation's first event.
    /// - Throws: `MerkleError` where the log has no such event.
    public func proof(of log: Log, position: Int64) throws -> LogProof {
        guard let stored = try generation(of: log, at: position) else {
            throw MerkleError(reason: "the log \(log.rawValue) has no event at this position")
        }
        let index = Int(position - stored.generation.base)
        let source = TileStore(connection, stored.generation).hashes(size: stored.size)
        return try LogProof(
            index: index, hashes: InclusionProof(index: index, size: stored.size, from: source).hashes, note: stored.note)
    }

    /// The generation that holds a position.
    func generation(of log: Log, at position: Int64) throws -> StoredGeneration? {
        try StoredGeneration.all(connection, log).last {
            $0.generation.base <= position && position < $0.count
        }
    }
}
