import Canonical
import Foundation
import OpenSSL
import Testing

@testable import Merkle

@Suite struct LogProofTests {
    /// A log of five entries, and the proof of the one at 2.
    struct Log {
        let key: VerifierKey
        let proof: LogProof
        static func entry(_ index: Int) -> [UInt8] { Array("\(index)".utf8) }

        init() throws {
            let signer = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
            let tree = MemoryTree(size: 5)
            let note = try signer.sign(Checkpoint(origin: "sceau/example/real", size: 5, root: tree.root).note())
            key = signer.verifier
            proof = try LogProof(index: 2, hashes: try InclusionProof(index: 2, size: 5, from: tree).hashes, note: note)
        }
    }

    @Test func aProofIsReadAndHolds() throws {
        let log = try Log()
        let read = try LogProof(log.proof.encoded)
        #expect(read == log.proof)
        #expect(try read.verify(entry: Log.entry(2), keys: [log.key]).checkpoint.size == 5)
        #expect(throws: MerkleError.self) { try read.verify(entry: Log.entry(3), keys: [log.key]) }
        #expect(throws: MerkleError.self) { try read.verify(entry: Log.entry(2), keys: []) }
    }

    @Test func everyChangedByteIsFound() throws {
        let log = try Log()
        let bytes = log.proof.encoded
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: MerkleError.self, "byte \(index)") {
                try LogProof(changed).verify(entry: Log.entry(2), keys: [log.key])
            }
        }
        for count in bytes.indices { #expect(throws: MerkleError.self) { try LogProof(Array(bytes.prefix(count))) } }
    }

    @Test func whatAnotherToolWritesIsRead() throws {
        let text = String(decoding: try Log().proof.encoded, as: UTF8.self)
        let extra = text.replacing("@v1\nindex", with: "@v1\nextra AAEC\nindex")
        let proof = try LogProof(Array(extra.utf8))
        #expect(proof.extra == [0, 1, 2] && proof.encoded == Array(extra.utf8))
        for (old, new) in [
            ("@v1", "@v2"), ("index 2", "index 02"), ("index 2", "index -2"), ("index 2\n", ""), ("index 2", "index  2"),
            ("index", "extra !!\nindex"), ("index", "\nindex"), ("index 2", "index 2\n"),
            ("index 2\n", "index 2\n" + String(repeating: CheckpointTests.root64 + "\n", count: 64)),
            ("index 2\n", "index 2\nAAAA\n"), ("sceau/example/real\n5", "\nsceau/example/real\n5"),
        ] {
            #expect(throws: MerkleError.self, "\(old) → \(new)") { try LogProof(Array(text.replacing(old, with: new).utf8)) }
        }
    }

    /// The example of the page that specifies it is one, and holds.
    @Test func thePageShowsAProof() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../Sources/Merkle/Merkle.docc/Merkle.md"), encoding: .utf8)
        func block(_ number: Int) throws -> [UInt8] {
            let blocks = page.components(separatedBy: "```\n")
            return Array(try #require(blocks.indices.contains(2 * number + 1) ? blocks[2 * number + 1] : nil).utf8)
        }
        let key = try VerifierKey(String(String(decoding: block(0), as: UTF8.self).dropLast()))
        let proof = try LogProof(block(1))
        #expect(try block(1) == proof.encoded)
        let verified = try proof.verify(entry: Array(block(2).dropLast()), keys: [key])
        #expect(verified.checkpoint.text.elementsEqual(try Checkpoint(text: verified.checkpoint.text).text))
        #expect(key.name == verified.checkpoint.origin)
    }
}
