public import Canonical
internal import OpenSSL

/// The hashes of RFC 6962, section 2.1, over SHA-256. Leaves and nodes have prefixes of their own, so that no node can
/// be passed off as a leaf.
public enum MerkleTree {
    /// MTH of no leaf: SHA-256 of nothing.
    public static let emptyRoot = Digest(SHA256.hash([]))

    /// SHA-256(0x00 ‖ entry)
    public static func leaf(_ entry: [UInt8]) -> Digest {
        var input: [UInt8] = []
        input.reserveCapacity(entry.count + 1)
        input.append(0)
        input += entry
        return Digest(SHA256.hash(input))
    }

    /// SHA-256(0x01 ‖ left ‖ right)
    public static func node(_ left: Digest, _ right: Digest) -> Digest {
        var input = InlineArray<65, UInt8>(repeating: 1)
        let (a, b) = (left.inline, right.inline)
        for index in a.indices {
            input[index + 1] = a[index]
            input[index + 33] = b[index]
        }
        return Digest(SHA256.hash(input.span))
    }

    /// The root over subtrees that stand side by side, each complete and smaller than the one to its left.
    static func root(over subtrees: [Digest]) -> Digest {
        guard var root = subtrees.last else { return emptyRoot }
        for subtree in subtrees.dropLast().reversed() { root = node(subtree, root) }
        return root
    }
}
