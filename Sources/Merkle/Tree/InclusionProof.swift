public import Canonical

/// That a leaf stands at an index of a tree (RFC 6962, section 2.1.1; verified as in RFC 9162, section 2.1.3.2).
public struct InclusionProof: Sendable, Equatable {
    public let index: Int
    public let size: Int
    /// From the leaf's sibling up to the root's child: at most 63.
    public let hashes: [Digest]

    public init(index: Int, size: Int, hashes: [Digest]) {
        self.index = index
        self.size = size
        self.hashes = hashes
    }

    /// Made from a source that knows the tree at `size`.
    public init(index: Int, size: Int, from source: some HashSource) throws {
        guard index >= 0, index < size else { throw MerkleError(reason: "no leaf stands at this index of the tree") }
        var path: [Digest] = []
        var range = 0..<size
        while range.count > 1 {
            let middle = range.lowerBound + largestPowerOfTwo(below: range.count)
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            path.append(try source.hash(index < middle ? right : left))
            range = index < middle ? left : right
        }
        self.init(index: index, size: size, hashes: path.reversed())
    }

    /// The root that the proof leads to from a leaf's hash.
    public func root(leaf: Digest) throws(MerkleError) -> Digest {
        guard index >= 0, index < size else { throw MerkleError(reason: "no leaf stands at this index of the tree") }
        var (node, last, hash) = (index, size - 1, leaf)
        for sibling in hashes {
            guard last > 0 else { throw MerkleError(reason: "the inclusion proof is too long") }
            if node & 1 == 1 || node == last {
                hash = MerkleTree.node(sibling, hash)
                if node & 1 == 0 {
                    let shift = node.trailingZeroBitCount
                    node >>= shift
                    last >>= shift
                }
            } else {
                hash = MerkleTree.node(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        guard last == 0 else { throw MerkleError(reason: "the inclusion proof is too short") }
        return hash
    }

    public func verify(leaf: Digest, root: Digest) throws(MerkleError) {
        guard try self.root(leaf: leaf) == root else {
            throw MerkleError(reason: "the inclusion proof leads to another root")
        }
    }
}

/// The largest power of two smaller than `count`, which is at least 2.
func largestPowerOfTwo(below count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
