public import Canonical

/// A tree as whoever appends to it needs it: the frontier, and the tiles that are not yet full.
public struct RightEdge: Sendable {
    public private(set) var frontier: Frontier
    /// By level, the hashes in the last tile: fewer than 256.
    private var open: [[Digest]]
    /// Tiles that became full since they were last taken, and the levels whose open tile grew.
    private var filled: [TilePath: [Digest]] = [:]
    private var grown: Set<Int> = []

    public init() {
        frontier = Frontier()
        open = []
    }

    /// The edge of the tree that the source's tiles hold.
    public init(_ source: TileHashes) throws {
        frontier = try Frontier(size: source.size, from: source)
        open = []
        var level = 0
        while true {
            let count = TilePath.count(level: level, size: source.size)
            guard count > 0 else { break }
            let start = count / TilePath.fullWidth * TilePath.fullWidth
            open.append(
                try (start..<count).map { try source.hash(of: Subtree(level: level * TilePath.height, index: $0)) })
            level += 1
        }
    }

    public var size: Int { frontier.size }
    public var root: Digest { frontier.root }

    public mutating func append(_ leaf: Digest) {
        var completed: [Digest] = []
        frontier.append(leaf) { level, hash in if level % TilePath.height == 0 { completed.append(hash) } }
        for (level, hash) in completed.enumerated() {
            if level == open.count { open.append([]) }
            open[level].append(hash)
            grown.insert(level)
            guard open[level].count == TilePath.fullWidth else { continue }
            let index = TilePath.count(level: level, size: size) / TilePath.fullWidth - 1
            filled[TilePath(.hashes(level: level), index: index)] = open[level]
            open[level] = []
            grown.remove(level)
        }
    }

    /// The tiles that changed since the last call, at the width they have now: what is to be written with the leaves.
    public mutating func takeChanges() -> [(path: TilePath, bytes: [UInt8])] {
        var changes = filled.map { (path: $0.key, bytes: Tile.bytes($0.value)) }
        for level in grown {
            let index = TilePath.count(level: level, size: size) / TilePath.fullWidth
            let path = TilePath(.hashes(level: level), index: index, width: open[level].count)
            changes.append((path: path, bytes: Tile.bytes(open[level])))
        }
        filled = [:]
        grown = []
        return changes
    }
}
