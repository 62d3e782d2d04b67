public import Canonical

/// The hashes of a tree of known size, read from its tiles, each tile once.
///
/// Nothing that a tile says is believed by itself: a proof made from a wrong tile leads to another root.
public final class TileHashes: HashSource {
    /// Of the tree: a partial tile is asked for at the width it has there.
    public let size: Int
    private let read: (TilePath) throws -> [UInt8]
    /// Each tile's rows: its hashes, and above them those of the complete subtrees within it.
    private var rows: [TilePath: [[Digest]]] = [:]

    /// - Parameter read: the bytes of a tile: 32 for each hash of its width.
    public init(size: Int, read: @escaping (TilePath) throws -> [UInt8]) {
        self.size = size
        self.read = read
    }

    public func hash(of subtree: Subtree) throws -> Digest {
        let (level, above) = (subtree.level / TilePath.height, subtree.level % TilePath.height)
        let index = subtree.index >> (TilePath.height - above)
        let hashes = TilePath.count(level: level, size: size) - index * TilePath.fullWidth
        guard subtree.level >= 0, subtree.index >= 0, hashes > 0 else { throw MerkleError(reason: "beyond the tree") }
        let path = TilePath(.hashes(level: level), index: index, width: min(hashes, TilePath.fullWidth))
        let rows = try tile(path)
        let place = subtree.index & ((1 << (TilePath.height - above)) - 1)
        guard above < rows.count, place < rows[above].count else { throw MerkleError(reason: "beyond the tree") }
        return rows[above][place]
    }

    private func tile(_ path: TilePath) throws -> [[Digest]] {
        if let known = rows[path] { return known }
        var made = [try Tile.hashes(read(path), width: path.width)]
        for _ in 1..<TilePath.height {
            guard let below = made.last, below.count > 1 else { break }
            made.append((0..<below.count / 2).map { MerkleTree.node(below[2 * $0], below[2 * $0 + 1]) })
        }
        rows[path] = made
        return made
    }
}

/// The bytes of a tile: the hashes, 32 bytes each, without anything between them.
public enum Tile {
    /// - Throws: where the bytes are not `width` hashes.
    public static func hashes(_ bytes: [UInt8], width: Int) throws(MerkleError) -> [Digest] {
        guard bytes.count == 32 * width else { throw MerkleError(reason: "a tile has not its width") }
        var hashes: [Digest] = []
        hashes.reserveCapacity(width)
        for index in 0..<width {
            var octets = InlineArray<32, UInt8>(repeating: 0)
            for place in octets.indices { octets[place] = bytes[32 * index + place] }
            hashes.append(Digest(octets))
        }
        return hashes
    }

    public static func bytes(_ hashes: some Sequence<Digest>) -> [UInt8] { hashes.flatMap(\.bytes) }
}
