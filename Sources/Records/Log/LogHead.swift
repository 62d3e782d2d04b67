public import Canonical
internal import Merkle

/// How long a log is, and the root that stands for all of its generation.
public struct LogHead: Hashable, Sendable {
    /// Events since the log was opened, those of earlier generations too.
    public let count: Int64
    /// From 1. A Merkle tree begins with each.
    public let generation: Int64
    /// Of the generation's tree (RFC 6962, section 2.1).
    public let root: Digest

    public init(count: Int64, generation: Int64, root: Digest) {
        self.count = count
        self.generation = generation
        self.root = root
    }

    public static let empty = LogHead(count: 0, generation: 1, root: MerkleTree.emptyRoot)

    /// RFC 6962, section 2.1: SHA-256(0x00 ‖ bytes).
    public static func leaf(_ event: [UInt8]) -> Digest { MerkleTree.leaf(event) }
}
