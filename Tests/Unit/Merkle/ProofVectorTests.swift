import Canonical
import Foundation
import Merkle
import OpenSSL
import Testing

/// The proofs of transparency-dev/merkle, true and false.
@Suite struct ProofVectorTests {
    struct Inclusion: Decodable {
        let path: String
        let leafIdx, treeSize: UInt64
        let root, leafHash: String?
        let proof: [String]?
        let wantErr: Bool
    }

    struct Consistency: Decodable {
        let path: String
        let size1, size2: UInt64
        let root1, root2: String?
        let proof: [String]?
        let wantErr: Bool
    }

    static func read<T: Decodable>(_ name: String) throws -> [T] {
        try JSONDecoder().decode([T].self, from: Data(Vectors.bytes(name)))
    }

    /// The vectors hold hashes of other lengths too, which no digest of ours can hold: those stand for their SHA-256, and
    /// none at all is what our readers refuse.
    static func hash(_ text: String?) throws -> Digest {
        let bytes = try Base64.decode(text ?? "")
        guard !bytes.isEmpty else { throw MerkleError(reason: "no hash") }
        return bytes.count == 32 ? try Digest(bytes: bytes) : Digest(SHA256.hash(bytes))
    }

    @Test func inclusion() throws {
        let vectors: [Inclusion] = try Self.read("transparency-dev-inclusion.json")
        #expect(vectors.count == 98 && vectors.contains { !$0.wantErr })
        for vector in vectors {
            let holds: Bool
            do {
                let proof = InclusionProof(
                    index: Int(truncatingIfNeeded: vector.leafIdx), size: Int(truncatingIfNeeded: vector.treeSize),
                    hashes: try (vector.proof ?? []).map(Self.hash))
                try proof.verify(leaf: try Self.hash(vector.leafHash), root: try Self.hash(vector.root))
                holds = true
            } catch is MerkleError { holds = false }
            #expect(holds == !vector.wantErr, "\(vector.path)")
        }
    }

    @Test func consistency() throws {
        let vectors: [Consistency] = try Self.read("transparency-dev-consistency.json")
        #expect(vectors.count == 98 && vectors.contains { !$0.wantErr })
        for vector in vectors {
            let holds: Bool
            do {
                let proof = ConsistencyProof(
                    earlier: Int(truncatingIfNeeded: vector.size1), size: Int(truncatingIfNeeded: vector.size2),
                    hashes: try (vector.proof ?? []).map(Self.hash))
                try proof.verify(earlier: try Self.hash(vector.root1), root: try Self.hash(vector.root2))
                holds = true
            } catch is MerkleError { holds = false }
            #expect(holds == !vector.wantErr, "\(vector.path)")
        }
    }
}
