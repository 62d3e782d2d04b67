public import Canonical

/// That a tree has an earlier one as its beginning (RFC 6962, section 2.1.2; verified as in RFC 9162, section 2.1.4.2).
public struct ConsistencyProof: Sendable, Equatable {
    /// At least 1: every tree begins with the empty one, which proves nothing.
    public let earlier: Int
    public let size: Int
    public let hashes: [Digest]

    public init(earlier: Int, size: Int, hashes: [Digest]) {
        self.earlier = earlier
        self.size = size
        self.hashes = hashes
    }

    /// Made from a source that knows the tree at `size`.
    public init(earlier: Int, size: Int, from source: some HashSource) throws {
        guard earlier >= 1, earlier <= size else { throw MerkleError(reason: "the earlier tree is empty or the larger") }
        var path: [Digest] = []
        var (range, known) = (0..<size, true)
        // SUBPROOF, from the root down; its list is written from the bottom up. `known`: the earlier root is this range's.
        while range.upperBound > earlier {
            let middle = range.lowerBound + largestPowerOfTwo(below: range.count)
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            if earlier <= middle {
                path.append(try source.hash(right))
                range = left
            } else {
                path.append(try source.hash(left))
                (range, known) = (right, false)
            }
        }
        if !known { path.append(try source.hash(range)) }
        self.init(earlier: earlier, size: size, hashes: path.reversed())
    }

    /// Whether both roots follow from the proof.
    public func verify(earlier earlierRoot: Digest, root: Digest) throws(MerkleError) {
        guard earlier >= 1, earlier <= size else { throw MerkleError(reason: "the earlier tree is empty or the larger") }
        if earlier == size {
            guard hashes.isEmpty else { throw MerkleError(reason: "the consistency proof is too long") }
            guard earlierRoot == root else { throw MerkleError(reason: "two roots for one size") }
            return
        }
        var path = hashes[...]
        if earlier.nonzeroBitCount == 1 { path = [earlierRoot] + path }
        guard let first = path.popFirst() else { throw MerkleError(reason: "the consistency proof is too short") }
        var (node, last) = (earlier - 1, size - 1)
        let shift = node.trailingOneBitCount
        node >>= shift
        last >>= shift
        var (old, new) = (first, first)
        for sibling in path {
            guard last > 0 else { throw MerkleError(reason: "the consistency proof is too long") }
            if node & 1 == 1 || node == last {
                old = MerkleTree.node(sibling, old)
                new = MerkleTree.node(sibling, new)
                if node & 1 == 0 {
                    let shift = node.trailingZeroBitCount
                    node >>= shift
                    last >>= shift
                }
            } else {
                new = MerkleTree.node(new, sibling)
            }
            node >>= 1
            last >>= 1
        }
        guard last == 0 else { throw MerkleError(reason: "the consistency proof is too short") }
        guard old == earlierRoot else { throw MerkleError(reason: "the consistency proof does not lead to the earlier root") }
        guard new == root else { throw MerkleError(reason: "the consistency proof does not lead to the later root") }
    }
}

extension Int {
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
