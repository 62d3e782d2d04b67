public import Canonical

/// Proof that a log grew from one tree to another, whole in one file: what a witness is sent (C2SP tlog-witness,
/// *add-checkpoint*). The earlier size, a consistency proof, and the later checkpoint.
public struct GrowthProof: Hashable, Sendable {
    public static let maximumCount = Note.maximumCount + 8 * 1024

    /// Size of the earlier tree; 0 with no hash for a witness that has seen none.
    public let earlier: Int
    public let hashes: [Digest]
    /// The later checkpoint as its log signed it.
    public let note: Note
    public let checkpoint: Checkpoint

    /// - Throws: if the note is no checkpoint's.
    public init(earlier: Int, hashes: [Digest], note: Note) throws(MerkleError) {
        self.earlier = earlier
        self.hashes = hashes
        self.note = note
        checkpoint = try Checkpoint(note)
    }

    /// Made from a source that knows the later tree.
    public init(earlier: Int, note: Note, from source: some HashSource) throws {
        let size = try Checkpoint(note).size
        let hashes = earlier == 0 ? [] : try ConsistencyProof(earlier: earlier, size: size, from: source).hashes
        try self.init(earlier: earlier, hashes: hashes, note: note)
    }

    /// From its bytes, all of them. ``encoded`` gives the same bytes again.
    public init(_ bytes: [UInt8]) throws(MerkleError) {
        guard bytes.count <= Self.maximumCount,
            let end = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }),
            let head = String(validating: bytes[..<(end - 1)], as: UTF8.self)
        else { throw MerkleError(reason: "not a proof of growth") }
        let lines = head.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard lines[0].hasPrefix("old "), lines.count <= 64 else { throw MerkleError(reason: "not a proof of growth") }
        earlier = try Decimal.read(lines[0].dropFirst(4))
        hashes = try lines.dropFirst().map { (line) throws(MerkleError) in
            guard let hash = try? Digest(bytes: Base64.decode(line)) else {
                throw MerkleError(reason: "a line of the proof of growth is no hash")
            }
            return hash
        }
        note = try Note(Array(bytes[(end + 1)...]))
        checkpoint = try Checkpoint(note)
    }

    public var encoded: [UInt8] {
        let lines = ["old \(earlier)"] + hashes.map { Base64.encode($0.bytes) } + [""]
        return Array(lines.map { $0 + "\n" }.joined().utf8) + note.encoded
    }

    /// Whether the later tree begins with the earlier checkpoint's. Both are of one log; who signed them is asked elsewhere.
    public func verify(_ checkpoint: Checkpoint) throws(MerkleError) {
        guard checkpoint.origin.utf8.elementsEqual(self.checkpoint.origin.utf8) else {
            throw MerkleError(reason: "the two checkpoints are of different logs")
        }
        guard checkpoint.size == earlier else {
            throw MerkleError(reason: "the proof begins at \(earlier) leaves, the checkpoint at \(checkpoint.size)")
        }
        if earlier == 0 {
            guard hashes.isEmpty, checkpoint.root == MerkleTree.emptyRoot else {
                throw MerkleError(reason: "an empty tree has one root, and nothing to prove")
            }
            return
        }
        try ConsistencyProof(earlier: earlier, size: self.checkpoint.size, hashes: hashes)
            .verify(earlier: checkpoint.root, root: self.checkpoint.root)
    }
}
