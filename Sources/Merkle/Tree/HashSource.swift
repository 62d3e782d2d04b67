public import Canonical

/// Where the hashes of a tree's complete subtrees are read: tiles, or memory.
public protocol HashSource {
    /// The MTH of a subtree that the tree holds whole.
    func hash(of subtree: Subtree) throws -> Digest
}

extension HashSource {
    /// The root of the tree at `size`, at most the size that the source knows.
    public func root(size: Int) throws -> Digest { try hash(0..<size) }

    /// The MTH of the leaves of a range as RFC 6962 splits them.
    func hash(_ range: Range<Int>) throws -> Digest {
        MerkleTree.root(over: try Subtree.covering(range).map { try hash(of: $0) })
    }
}
