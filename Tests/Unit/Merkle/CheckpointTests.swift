import Canonical
import OpenSSL
import Testing

@testable import Merkle

@Suite struct CheckpointTests {
    static let root = MerkleTree.emptyRoot

    /// A log and five witnesses that none of us runs.
    @Test func aPublicLogsCheckpoint() throws {
        let (note, keys) = (try Vectors.note("arche2025h1-checkpoint.txt"), try Vectors.keys("arche2025h1-checkpoint.vkeys"))
        let verified = try VerifiedCheckpoint(note, keys: keys)
        #expect(verified.checkpoint.origin == "arche2025h1.staging.ct.transparency.dev")
        #expect(verified.checkpoint.size == 1_432_088_532)
        #expect(verified.checkpoint.text == note.text)
        #expect(verified.witnesses.map(\.key) == Array(keys.dropFirst()))
        #expect(verified.witnesses.allSatisfy { $0.seconds == 0x6a12_2120 })
        // Without the log's own key its witnesses prove nothing.
        #expect(throws: MerkleError.self) { try VerifiedCheckpoint(note, keys: Array(keys.dropFirst())) }
        for index in note.signatures.indices.dropFirst() {
            for place in [0, 7, 8, note.signatures[index].signature.count - 1] {
                var signatures = note.signatures
                var bytes = signatures[index].signature
                bytes[place] ^= 1
                signatures[index] = NoteSignature(
                    name: signatures[index].name, keyID: signatures[index].keyID, signature: bytes)
                let changed = try Note(text: note.text, signatures: signatures)
                #expect(throws: MerkleError.self) { try VerifiedCheckpoint(changed, keys: keys) }
            }
        }
    }

    @Test func theExampleOfTheSpecification() throws {
        let checkpoint = try Checkpoint(Vectors.note("c2sp-cosigned-checkpoint.txt"))
        #expect(checkpoint.origin == "example.com/behind-the-sofa" && checkpoint.size == 20_852_163)
        let cosignature = try #require(Cosignature(Vectors.note("c2sp-cosigned-checkpoint.txt").signatures[1].signature))
        #expect(cosignature.seconds == 1_679_315_147)
        #expect(
            String(decoding: Cosignature.message(checkpoint.text, seconds: cosignature.seconds), as: UTF8.self) == """
                cosignature/v1
                time 1679315147
                example.com/behind-the-sofa
                20852163
                CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

                """)
    }

    @Test(arguments: [
        "", "a\n", "a\n1\n", "a\n1\n\n", "\n1\n\(root64)\n", "a\n01\n\(root64)\n", "a\n-1\n\(root64)\n", "a\n+1\n\(root64)\n",
        "a\n9223372036854775808\n\(root64)\n", "a\n0x1\n\(root64)\n", "a\n1\n\(root64)", "a\n1\n\(root64)\n\n", "a\n1\n\(root64)\n\nb\n",
        "a\n1\nAAAA\n", "a\n1\n \(root64)\n", "a\n1 \n\(root64)\n", "a\n٣\n\(root64)\n", "a\n1\n\(root64)x",
    ])
    func otherTextsAreNoCheckpoints(text: String) {
        #expect(throws: MerkleError.self) { try Checkpoint(text: Array(text.utf8)) }
    }

    static let root64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    @Test func extensionLinesAreKept() throws {
        let text = Array("a b\n0\n\(Self.root64)\nmore\nand more\n".utf8)
        let checkpoint = try Checkpoint(text: text)
        #expect(checkpoint.extensions == ["more", "and more"] && checkpoint.text == text)
        #expect(Checkpoint(origin: "a b", size: 0, root: Self.root).text == Array("a b\n0\n\(Self.root64)\n".utf8))
    }

    @Test func aWitnessSaysWhenItSaw() throws {
        let log = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        let witness = try NoteSigner(name: "witness.example/w1", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let note = try witness.sign(
            log.sign(Checkpoint(origin: "sceau/example/real", size: 7, root: Self.root).note()), seconds: 1_700_000_000)
        let keys = [log.verifier, witness.verifier]
        #expect(try VerifiedCheckpoint(Note(note.encoded), keys: keys).witnesses.map(\.seconds) == [1_700_000_000])
        // Its signature is none of a log, though the name were the log's.
        let impostor = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let forged = try impostor.sign(Checkpoint(origin: "sceau/example/real", size: 7, root: Self.root).note())
        #expect(throws: MerkleError.self) { try VerifiedCheckpoint(forged, keys: [impostor.verifier, log.verifier]) }
    }

    @Test func anotherLogsKeyProvesNothing() throws {
        let training = try NoteSigner(name: "sceau/example/training", key: PrivateKey.generateEd25519())
        let real = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        let note = try training.sign(Checkpoint(origin: "sceau/example/real", size: 7, root: Self.root).note())
        #expect(throws: MerkleError.self) { try VerifiedCheckpoint(note, keys: [training.verifier, real.verifier]) }
    }
}
