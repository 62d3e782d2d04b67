/// Where a tile is served (C2SP tlog-tiles): `tile/0/x001/x234/067`, `tile/1/000.p/17`, `tile/entries/000.p/112`.
public struct TilePath: Hashable, Sendable, CustomStringConvertible {
    public enum Content: Hashable, Sendable {
        /// Hashes of complete subtrees of 256^level leaves; level 0 to 7.
        case hashes(level: Int)
        /// Entries themselves.
        case entries
    }

    /// Hashes in a full tile, one for each leaf of a subtree of height 8.
    public static let fullWidth = 256
    public static let height = 8

    public let content: Content
    /// Number of the tile within its level, from 0.
    public let index: Int
    /// 1 to 256; below that, the path says so.
    public let width: Int

    public init(_ content: Content, index: Int, width: Int = TilePath.fullWidth) {
        self.content = content
        self.index = index
        self.width = width
    }

    /// The level of hashes; entries stand at level 0.
    public var level: Int {
        switch content {
        case .hashes(let level): level
        case .entries: 0
        }
    }

    public var isFull: Bool { width == Self.fullWidth }

    public var description: String {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            let padded = String(repeating: "0", count: 3 - digits.count) + digits
            groups.append(groups.isEmpty ? padded : "x" + padded)
            rest /= 1000
        } while rest > 0
        let kind =
            switch content {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        return "tile/\(kind)/" + groups.reversed().joined(separator: "/") + (isFull ? "" : ".p/\(width)")
    }

    /// Exactly the text that ``description`` writes: one path for one tile, and nothing that climbs out of a folder.
    public init(_ text: String) throws(MerkleError) {
        guard text.utf8.count <= 64, let path = Self.read(text), path.description == text else {
            throw MerkleError(reason: "not the path of a tile")
        }
        self = path
    }

    private static func read(_ text: String) -> TilePath? {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard parts.popFirst() == "tile", let kind = parts.popFirst() else { return nil }
        var width = fullWidth
        if let last = parts.dropLast().last, last.hasSuffix(".p") {
            guard let partial = parts.popLast().flatMap({ Int($0) }), (1..<fullWidth).contains(partial) else { return nil }
            width = partial
            parts = parts.dropLast() + [last.dropLast(2)]
        }
        var index = 0
        guard (1...6).contains(parts.count) else { return nil }
        for part in parts {
            guard let group = Int(part.drop { $0 == "x" }), (0..<1000).contains(group) else { return nil }
            index = index * 1000 + group
        }
        if kind == "entries" { return TilePath(.entries, index: index, width: width) }
        // 256^8 leaves are beyond any size: no level above 7 ever has a hash.
        guard let level = Int(kind), (0...7).contains(level) else { return nil }
        return TilePath(.hashes(level: level), index: index, width: width)
    }
}

extension TilePath {
    /// Hashes that the tiles of a level hold together, in a tree of `size` leaves.
    public static func count(level: Int, size: Int) -> Int { size >> (height * level) }

    /// Whether the tree of `size` leaves has this tile, whole.
    public func exists(size: Int) -> Bool {
        let (start, overflow) = index.multipliedReportingOverflow(by: Self.fullWidth)
        return !overflow && start <= Self.count(level: level, size: size) - width
    }

    /// The tiles of hashes that a tree of `size` leaves consists of, each at the width it has there: level by level,
    /// left to right.
    public static func all(size: Int) -> [TilePath] {
        var paths: [TilePath] = []
        var level = 0
        while count(level: level, size: size) > 0 {
            let hashes = count(level: level, size: size)
            paths += (0..<hashes / fullWidth).map { TilePath(.hashes(level: level), index: $0) }
            if hashes % fullWidth > 0 {
                paths.append(TilePath(.hashes(level: level), index: hashes / fullWidth, width: hashes % fullWidth))
            }
            level += 1
        }
        return paths
    }
}
