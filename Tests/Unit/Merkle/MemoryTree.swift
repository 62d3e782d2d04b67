import Canonical
import Merkle

/// A tree in memory, written as RFC 6962 defines it: the reference the tiles are held against.
struct MemoryTree: HashSource {
    let leaves: [Digest]

    init(_ leaves: [Digest]) { self.leaves = leaves }

    /// Leaves that tell their number.
    init(size: Int) { leaves = (0..<size).map { MerkleTree.leaf(Array("\($0)".utf8)) } }

    func hash(of subtree: Subtree) throws -> Digest {
        let start = subtree.index << subtree.level
        return Self.root(leaves[start..<start + 1 << subtree.level])
    }

    var root: Digest { Self.root(leaves[...]) }

    /// MTH(D[n])
    static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        if leaves.isEmpty { return MerkleTree.emptyRoot }
        if leaves.count == 1 { return leaves[leaves.startIndex] }
        var k = 1
        while 2 * k < leaves.count { k *= 2 }
        return MerkleTree.node(
            root(leaves[..<(leaves.startIndex + k)]), root(leaves[(leaves.startIndex + k)...]))
    }
}
