import Canonical
import OpenSSL
import Testing

@testable import Merkle

@Suite struct NoteTests {
    static let text = Array("If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n".utf8)

    @Test(arguments: ["c2sp-signed-note.txt", "c2sp-poem.txt", "c2sp-cosigned-checkpoint.txt", "golang-note.txt", "arche2025h1-checkpoint.txt"])
    func notesAreReadAsTheyStand(name: String) throws {
        #expect(try Vectors.note(name).encoded == Vectors.bytes(name))
    }

    @Test func theExampleOfTheSpecificationHolds() throws {
        let (note, keys) = (try Vectors.note("c2sp-signed-note.txt"), try Vectors.keys("c2sp-signed-note.vkey"))
        #expect(try note.verify(keys).map(\.key) == keys)
        #expect(note.text == Array("This is an example message.\n".utf8))
        #expect(keys[0].id == 0x530d_903a && keys[0].kind == .note)
        #expect(try Vectors.note("c2sp-poem.txt").text.split(separator: 0x0a, omittingEmptySubsequences: false).count == 5)
    }

    @Test func knownKeysAreVerifiedAndOthersIgnored() throws {
        let (note, keys) = (try Vectors.note("golang-note.txt"), try Vectors.keys("golang-note.vkeys"))
        #expect(note.text == Self.text)
        #expect(try note.verify([keys[0]]).map(\.key) == [keys[0]])
        #expect(try note.verify(keys).map(\.key) == keys)
        #expect(try note.verify(keys + keys).map(\.key) == keys)
        #expect(throws: MerkleError.self) { try note.verify([]) }
        let stranger = try VerifierKey(name: "PeterNeumann", publicKey: PrivateKey.generateEd25519().ed25519PublicKey())
        #expect(throws: MerkleError.self) { try note.verify([stranger]) }
    }

    /// A line that names a known key and is not its signature condemns the note, wherever it stands.
    @Test func aWrongSignatureOfAKnownKeyCondemns() throws {
        let (note, keys) = (try Vectors.note("golang-note.txt"), try Vectors.keys("golang-note.vkeys"))
        var signature = note.signatures[1].signature
        signature[7] ^= 1
        let wrong = note.adding(NoteSignature(name: "EnochRoot", keyID: keys[1].id, signature: signature))
        #expect(try wrong.verify([keys[0]]).count == 1)
        #expect(throws: MerkleError.self) { try wrong.verify(keys) }
        let longer = try Note(
            text: note.text,
            signatures: [NoteSignature(name: "PeterNeumann", keyID: keys[0].id, signature: note.signatures[0].signature + [0])])
        #expect(throws: MerkleError.self) { try longer.verify(keys) }
    }

    @Test func repeatedSignaturesCountOnce() throws {
        let (note, keys) = (try Vectors.note("golang-note.txt"), try Vectors.keys("golang-note.vkeys"))
        let twice = try Note(text: note.text, signatures: note.signatures + note.signatures)
        #expect(try Note(twice.encoded).verify(keys).map(\.key) == keys)
        #expect(note.adding(note.signatures[0]) == note)
    }

    @Test func everyChangedByteIsFound() throws {
        let (bytes, keys) = (try Vectors.bytes("c2sp-signed-note.txt"), try Vectors.keys("c2sp-signed-note.vkey"))
        for index in bytes.indices {
            for change: UInt8 in [1, 0x20, 0x80] {
                var changed = bytes
                changed[index] ^= change
                #expect(throws: MerkleError.self, "byte \(index)") { try Note(changed).verify(keys) }
            }
        }
        for count in bytes.indices { #expect(throws: MerkleError.self) { try Note(Array(bytes.prefix(count))) } }
    }

    static let peter = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test(arguments: [
        "", "\n", "text\n", "text\n\n", "text\n\n" + peter.dropLast(), "\u{1}text\n\n" + peter, "te\u{9}xt\n\n" + peter,
        "text\n\n— Bad Name " + peter.split(separator: " ")[2], "text\n\n" + peter + "Unexpected line.\n",
        "text\n\n" + peter + "\n", "text\n\n- PeterNeumann x08go/Zh\n", "text\n\n— PeterNeumann x08goA==\n\n", "text\n\n— a+b x08go/Zh\n",
        "text\n\n—  x08go/Zh\n", "text\n\n— a x08go/Zh \n", "text\n\n— a x08g\n", "text\n\n— a\u{a0}b x08go/Zh\n",
        "text\n" + peter, "text\r\n\r\n" + peter, "\n" + peter, "text\n\n" + String(repeating: peter, count: 65),
    ])
    func otherTextsAreNoNotes(text: String) {
        #expect(throws: MerkleError.self) { try Note(Array(text.utf8)) }
    }

    @Test func bytesThatAreNoUTF8AreNoNote() {
        #expect(throws: MerkleError.self) { try Note([0xff] + Array("text\n\n\(Self.peter)".utf8)) }
        #expect(throws: MerkleError.self) {
            try Note([UInt8](repeating: 0x61, count: Note.maximumCount) + Array("\n\n\(Self.peter)".utf8))
        }
        #expect(throws: MerkleError.self) { try Note(text: Array("no end".utf8)) }
    }

    @Test func verifierKeysAreStrict() throws {
        let texts = try Vectors.keys("golang-note.vkeys").map(\.description)
            + ["TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"]
        for text in texts {
            #expect(try VerifierKey(text).description == text)
            let bytes = Array(text.utf8)
            for start in bytes.indices {
                for end in start...bytes.count where start > 0 || end < bytes.count {
                    let piece = String(decoding: bytes[start..<end], as: UTF8.self)
                    #expect(throws: MerkleError.self) { try VerifierKey(piece) }
                }
            }
            for index in bytes.indices {
                var changed = bytes
                changed[index] += 1
                #expect(throws: MerkleError.self) { try VerifierKey(String(decoding: changed, as: UTF8.self)) }
            }
        }
        for text in [
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "rekor.sigstore.dev+12345678+AwEB", "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] { #expect(throws: MerkleError.self) { try VerifierKey(text) } }
    }

    @Test func whatWeSignVerifies() throws {
        let signer = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        let note = try signer.sign(Note(text: Self.text))
        #expect(try Note(note.encoded).verify([VerifierKey(signer.verifier.description)]).map(\.key) == [signer.verifier])
        #expect(throws: (any Error).self) { _ = try NoteSigner(name: "a", key: PrivateKey.generateP256()) }
        #expect(throws: (any Error).self) { _ = try NoteSigner(name: "a b", key: PrivateKey.generateEd25519()) }
    }
}
