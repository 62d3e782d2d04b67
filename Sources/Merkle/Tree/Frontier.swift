public import Canonical

/// A tree's right edge: the roots of the complete subtrees it falls into, at most 63. All that appending needs.
public struct Frontier: Sendable, Equatable {
    /// Number of leaves.
    public private(set) var size: Int
    /// Left to right, largest first: one for each bit of the size that is set.
    public private(set) var subtrees: [Digest]

    public init() {
        size = 0
        subtrees = []
    }

    public init(size: Int, from source: some HashSource) throws {
        self.size = size
        subtrees = try Subtree.covering(0..<size).map { try source.hash(of: $0) }
    }

    /// O(1) hashes on average, log₂(size) at most.
    public mutating func append(_ leaf: Digest) { append(leaf) { _, _ in } }

    /// Appends a leaf, and tells each subtree that it completes, by level from 0 (the leaf) on.
    mutating func append(_ leaf: Digest, completed: (_ level: Int, Digest) -> Void) {
        var (hash, level) = (leaf, 0)
        completed(0, hash)
        while size >> level & 1 == 1 {
            hash = MerkleTree.node(subtrees.removeLast(), hash)
            level += 1
            completed(level, hash)
        }
        subtrees.append(hash)
        size += 1
    }

    /// O(log size).
    public var root: Digest { MerkleTree.root(over: subtrees) }
}
