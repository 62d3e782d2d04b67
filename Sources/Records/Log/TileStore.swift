internal import Canonical
internal import Merkle
internal import Procurement
internal import SQLite

/// The tiles of one generation: each row a tile as wide as it has grown, of which every narrower one is the beginning.
struct TileStore {
    let connection: Connection
    let log: Log
    let generation: Int64

    init(_ connection: Connection, _ generation: Generation) {
        self.init(connection, generation.log, generation.number)
    }

    init(_ connection: Connection, _ log: Log, _ generation: Int64) {
        self.connection = connection
        self.log = log
        self.generation = generation
    }

    /// - Throws: `MerkleError` where there is no such tile, or one that is too narrow.
    func read(_ path: TilePath) throws -> [UInt8] {
        let bytes = try connection.first(
            "SELECT substr(hashes, 1, ?) FROM tile WHERE log = ? AND generation = ? AND level = ? AND number = ?",
            .integer(Int64(32 * path.width)), .text(log.rawValue), .integer(generation), .integer(Int64(path.level)),
            .integer(Int64(path.index))
        ) { $0.blob(0) }
        guard let bytes, bytes.count == 32 * path.width else { throw MerkleError(reason: "the tile \(path) is missing") }
        return bytes
    }

    func write(_ path: TilePath, _ bytes: [UInt8]) throws {
        try connection.run(
            """
            INSERT INTO tile(log, generation, level, number, hashes) VALUES(?, ?, ?, ?, ?)
            ON CONFLICT(log, generation, level, number) DO UPDATE SET hashes = excluded.hashes
            """,
            .text(log.rawValue), .integer(generation), .integer(Int64(path.level)), .integer(Int64(path.index)),
            .blob(bytes))
    }

    /// The tree of that size. O(log size) tiles are read for a root or a proof.
    func hashes(size: Int) -> TileHashes { TileHashes(size: size) { try read($0) } }
}
