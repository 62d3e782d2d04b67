import Canonical
import Evidence
import Merkle
import OpenSSL
import Testing

@Suite struct CheckpointVerifierTests {
    static let entries = (0..<700).map { "entry \($0)" }

    /// The tiles of the tree of the first `size` leaves.
    static func tiles(_ entries: [String], size: Int) -> (root: Digest, tile: (TilePath) throws -> [UInt8]) {
        var edge = RightEdge()
        for entry in entries.prefix(size) { edge.append(MerkleTree.leaf(Array(entry.utf8))) }
        let root = edge.root
        let all = Dictionary(uniqueKeysWithValues: edge.takeChanges().map { ($0.path, $0.bytes) })
        return (root, { try #require(all[$0]) })
    }

    let key: VerifierKey
    private let sign: (Int, Digest) throws -> [UInt8]

    init() throws {
        let signer = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        key = signer.verifier
        let held = Held(signer)
        sign = { try held.signer.sign(Checkpoint(origin: "sceau/example/real", size: $0, root: $1).note()).encoded }
    }

    private final class Held {
        let signer: NoteSigner
        init(_ signer: consuming NoteSigner) { self.signer = signer }
    }

    @Test(arguments: [(0, 700), (1, 1), (300, 700), (512, 700), (700, 700)])
    func aLogThatOnlyGrewHolds(earlier: Int, later: Int) throws {
        let (old, new) = (Self.tiles(Self.entries, size: earlier), Self.tiles(Self.entries, size: later))
        let (first, second) = (try sign(earlier, old.root), try sign(later, new.root))
        let verifier = CheckpointVerifier(keys: [key])
        let report = verifier.report(earlier: first, later: second, tile: new.tile)
        #expect(report.isGood, "\(report.text)")
        #expect(report.text.contains("the first \(earlier) of \(later) leaves are the same"))
        #expect(report.text.contains("on the operator's word: log-witness"))
        let proof = try GrowthProof(earlier: earlier, note: Note(second), from: TileHashes(size: later, read: new.tile))
        #expect(try GrowthProof(proof.encoded) == proof)
        #expect(verifier.report(earlier: first, proof: proof.encoded).isGood)
        // A byte of the proof changed anywhere fails.
        for index in proof.encoded.indices {
            var changed = proof.encoded
            changed[index] ^= 1
            #expect(!verifier.report(earlier: first, proof: changed).isGood, "byte \(index)")
        }
    }

    /// A leaf altered, one removed, two swapped, one put in: each signed by the log's own key.
    @Test func anotherPastFails() throws {
        var (altered, removed, swapped, inserted) = (Self.entries, Self.entries, Self.entries, Self.entries)
        altered[42] = "another"
        removed.remove(at: 42)
        swapped.swapAt(42, 43)
        inserted.insert("another", at: 42)
        let first = try sign(300, Self.tiles(Self.entries, size: 300).root)
        let verifier = CheckpointVerifier(keys: [key])
        for entries in [altered, removed, swapped, inserted] {
            let new = Self.tiles(entries, size: entries.count)
            let second = try sign(entries.count, new.root)
            let report = verifier.report(earlier: first, later: second, tile: new.tile)
            #expect(!report.isGood && report.text.contains("FAILS: log-growth"), "\(report.text)")
        }
    }

    @Test func aLogThatWasCutBackFails() throws {
        let (old, new) = (Self.tiles(Self.entries, size: 700), Self.tiles(Self.entries, size: 300))
        let report = CheckpointVerifier(keys: [key]).report(
            earlier: try sign(700, old.root), later: try sign(300, new.root), tile: new.tile)
        #expect(!report.isGood && report.text.contains("fewer leaves"), "\(report.text)")
    }

    @Test func anotherKeyOrAnotherLogFails() throws {
        let (old, new) = (Self.tiles(Self.entries, size: 300), Self.tiles(Self.entries, size: 700))
        let (first, second) = (try sign(300, old.root), try sign(700, new.root))
        let stranger = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        #expect(!CheckpointVerifier(keys: [stranger.verifier]).report(earlier: first, later: second, tile: new.tile).isGood)
        let training = try NoteSigner(name: "sceau/example/training", key: PrivateKey.generateEd25519())
        let other = try training.sign(Checkpoint(origin: "sceau/example/training", size: 300, root: old.root).note()).encoded
        let report = CheckpointVerifier(keys: [key, training.verifier]).report(earlier: other, later: second, tile: new.tile)
        #expect(!report.isGood && report.text.contains("different logs"), "\(report.text)")
    }

    @Test func bytesThatAreNoProofFail() throws {
        let first = try sign(300, Self.tiles(Self.entries, size: 300).root)
        let report = CheckpointVerifier(keys: [key]).report(earlier: first, proof: first)
        #expect(report.text == "FAILS: log-growth: proof of growth: not a proof of growth\n")
    }

    @Test func anAlteredOrMissingTileFails() throws {
        let (old, new) = (Self.tiles(Self.entries, size: 300), Self.tiles(Self.entries, size: 700))
        let (first, second) = (try sign(300, old.root), try sign(700, new.root))
        let altered = CheckpointVerifier(keys: [key]).report(earlier: first, later: second) { path in
            var bytes = try new.tile(path)
            bytes[0] ^= 1
            return bytes
        }
        #expect(!altered.isGood)
        let missing = CheckpointVerifier(keys: [key]).report(earlier: first, later: second) { path in
            throw EvidenceError("\(path) is missing")
        }
        #expect(!missing.isGood && missing.text.contains("is missing"))
    }

    @Test func aWitnessIsNamed() throws {
        let new = Self.tiles(Self.entries, size: 700)
        let second = try sign(700, new.root)
        let witness = try NoteSigner(name: "witness.example/w1", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let seen = try witness.sign(Note(second), seconds: 1_700_000_000).encoded
        let report = CheckpointVerifier(keys: [key, witness.verifier]).report(earlier: seen, later: seen, tile: new.tile)
        #expect(report.isGood && report.text.contains("witness.example/w1"))
        #expect(!report.text.contains("operator's word"))
    }
}
