public import Canonical
public import Merkle
public import Procurement
internal import SQLite

/// A generation of a log as the register holds it, for who copies or verifies it from outside.
public struct KeptGeneration: Sendable {
    public let log: Log
    public let number: Int64
    /// Position of its first event.
    public let base: Int64
    /// Events of the log at its end, or now.
    public let count: Int64
    public let key: VerifierKey
    /// The newest signed head.
    public let note: Note
}

extension Snapshot {
    public func generations(_ log: Log) throws -> [KeptGeneration] {
        try StoredGeneration.all(connection, log).map {
            KeptGeneration(
                log: log, number: $0.generation.number, base: $0.generation.base, count: $0.count, key: $0.generation.key,
                note: $0.note)
        }
    }

    /// - Throws: `MerkleError` where there is no such tile.
    public func tile(_ path: TilePath, of generation: KeptGeneration) throws -> [UInt8] {
        try TileStore(connection, generation.log, generation.number).read(path)
    }

    /// The checkpoints of a generation that were published, each with the cosignatures that were kept of it.
    public func publications(of generation: KeptGeneration) throws -> [(size: Int, note: Note)] {
        try connection.all(
            "SELECT size, note FROM publication WHERE log = ? AND generation = ? ORDER BY size",
            .text(generation.log.rawValue), .integer(generation.number)
        ) { (Int($0.integer(0)), try Note($0.blob(1))) }.map { size, note in
            (size, try cosignatures(of: generation, size: size).reduce(note) { note, cosigned in
                cosigned.note.signatures.reduce(note) { $0.signatures.contains($1) ? $0 : $0.adding($1) }
            })
        }
    }

    /// The keys of the witnesses that cosigned something of a generation.
    public func witnesses(of generation: KeptGeneration) throws -> [String] {
        try connection.all(
            "SELECT DISTINCT witness FROM cosignature WHERE log = ? AND generation = ? ORDER BY witness",
            .text(generation.log.rawValue), .integer(generation.number)
        ) { $0.text(0) }
    }

    private func cosignatures(of generation: KeptGeneration, size: Int) throws -> [(witness: String, note: Note)] {
        try connection.all(
            "SELECT witness, note FROM cosignature WHERE log = ? AND generation = ? AND size = ? ORDER BY witness",
            .text(generation.log.rawValue), .integer(generation.number), .integer(Int64(size))
        ) { ($0.text(0), try Note($0.blob(1))) }
    }

    /// The digests of all objects, in order.
    public func objects() throws -> [Digest] {
        try connection.all("SELECT digest FROM object ORDER BY digest") { try $0.digest(0) }
    }
}
