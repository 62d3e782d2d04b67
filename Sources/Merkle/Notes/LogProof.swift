public import Canonical

/// Proof that an entry stands in a log, whole in one file (C2SP tlog-proof): its index, its inclusion proof, and the
/// signed checkpoint that the proof leads to.
public struct LogProof: Hashable, Sendable {
    public static let maximumCount = Note.maximumCount + 8 * 1024
    static let header = "c2sp.org/tlog-proof@v1"

    /// Of the leaf in the checkpoint's tree.
    public let index: Int
    /// From the leaf's sibling up.
    public let hashes: [Digest]
    /// The checkpoint as its log signed it.
    public let note: Note
    /// What the note says, before anybody vouched for it.
    public let checkpoint: Checkpoint
    /// Opaque bytes that nobody signed. We write none.
    public let extra: [UInt8]?

    /// - Throws: if the note is no checkpoint's.
    public init(index: Int, hashes: [Digest], note: Note) throws(MerkleError) {
        self.index = index
        self.hashes = hashes
        self.note = note
        checkpoint = try Checkpoint(note)
        extra = nil
    }

    /// From its bytes, all of them. ``encoded`` gives the same bytes again.
    public init(_ bytes: [UInt8]) throws(MerkleError) {
        guard bytes.count <= Self.maximumCount, let end = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }),
            let head = String(validating: bytes[..<(end - 1)], as: UTF8.self)
        else { throw MerkleError(reason: "not a log proof") }
        var lines = head.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { String(Substring($0)) }[...]
        guard lines.popFirst() == Self.header else { throw MerkleError(reason: "not a log proof of version 1") }
        extra = try Self.field("extra ", of: lines.first).map { (text) throws(MerkleError) in try Self.decode(text) }
        if extra != nil { lines.removeFirst() }
        guard let index = Self.field("index ", of: lines.popFirst()) else {
            throw MerkleError(reason: "the log proof has no index")
        }
        self.index = try Decimal.read(index)
        guard lines.count <= 63 else { throw MerkleError(reason: "the log proof has more than 63 hashes") }
        hashes = try lines.map { (line) throws(MerkleError) in
            guard let hash = try? Digest(bytes: Base64.decode(line)) else {
                throw MerkleError(reason: "a line of the log proof is no hash")
            }
            return hash
        }
        note = try Note(Array(bytes[(end + 1)...]))
        checkpoint = try Checkpoint(note)
    }

    public var encoded: [UInt8] {
        let lines = [Self.header] + (extra.map { ["extra " + Base64.encode($0)] } ?? []) + ["index \(index)"]
            + hashes.map { Base64.encode($0.bytes) } + [""]
        return Array(lines.map { $0 + "\n" }.joined().utf8) + note.encoded
    }

    /// Whether the entry is in the log, by the signature of one of these keys.
    ///
    /// The log's key bears the log's name: a key of another log, though known, proves nothing about this one.
    /// - Parameters:
    ///   - entry: the leaf's bytes.
    ///   - keys: of logs, and of witnesses.
    /// - Returns: the checkpoint, and which of the keys signed it: the log's, and witnesses' with their times.
    public func verify(entry: [UInt8], keys: [VerifierKey]) throws(MerkleError) -> VerifiedCheckpoint {
        let verified = try VerifiedCheckpoint(note, keys: keys)
        let proof = InclusionProof(index: index, size: verified.checkpoint.size, hashes: hashes)
        try proof.verify(leaf: MerkleTree.leaf(entry), root: verified.checkpoint.root)
        return verified
    }

    private static func field(_ name: String, of line: String?) -> Substring? {
        guard let line, line.hasPrefix(name) else { return nil }
        return line.dropFirst(name.count)
    }

    private static func decode(_ text: Substring) throws(MerkleError) -> [UInt8] {
        guard let bytes = try? Base64.decode(text) else { throw MerkleError(reason: "the extra data is not base64") }
        return bytes
    }
}

/// A checkpoint that its log signed.
public struct VerifiedCheckpoint: Hashable, Sendable {
    public let checkpoint: Checkpoint
    /// The log's own signature, and those of the witnesses among the keys.
    public let signatures: [VerifiedSignature]

    /// Verifies the note with these keys, of which one is the log's: of its kind, and named as the origin.
    public init(_ note: Note, keys: [VerifierKey]) throws(MerkleError) {
        checkpoint = try Checkpoint(note)
        signatures = try note.verify(keys)
        let origin = checkpoint.origin
        guard signatures.contains(where: { $0.key.kind == .note && $0.key.name.utf8.elementsEqual(origin.utf8) }) else {
            throw MerkleError(reason: "the log's own key did not sign the checkpoint")
        }
    }

    public var witnesses: [VerifiedSignature] { signatures.filter { $0.key.kind == .cosignature } }
}
