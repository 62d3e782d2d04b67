import Canonical
import OpenSSL
import Testing

@testable import Merkle

/// What a note, a key, a cosignature, a proof may be at most, and one more.
@Suite struct BoundsTests {
    private static let line = "— a x08go/Zh\n"

    @Test func aNote() throws {
        let tail = Array("\n\n\(Self.line)".utf8)
        let most = [UInt8](repeating: 0x61, count: Note.maximumCount - tail.count)
        #expect(try Note(most + tail).signatures.count == 1)
        #expect(throws: MerkleError.self) { try Note([0x61] + most + tail) }
        #expect(try Note(Array(("text\n\n" + String(repeating: Self.line, count: 64)).utf8)).signatures.count == 64)
        // Four bytes name a key; a signature is something more.
        #expect(try Note(Array("text\n\n— a x08goAA=\n".utf8)).signatures[0].signature == [0])
        #expect(throws: MerkleError.self) { try Note(Array("text\n\n— a x08goA==\n".utf8)) }
    }

    @Test func theTextOfANote() throws {
        let most = [UInt8](repeating: 0x61, count: Note.maximumCount - 1) + [0x0a]
        #expect(try Note(text: most).text == most)
        #expect(throws: MerkleError.self) { try Note(text: [0x61] + most) }
        for byte: UInt8 in [0x00, 0x09, 0x1f, 0xff] {
            #expect(throws: MerkleError.self) { try Note(text: [byte, 0x0a]) }
        }
    }

    @Test func aKey() throws {
        let key = [UInt8](repeating: 7, count: 32)
        let name = String(repeating: "a", count: 256)
        let most = try VerifierKey(name: name, publicKey: key)
        #expect(try VerifierKey(most.description) == most)
        for wrong in [name + "a", "", "a\u{7}b", "a\nb", "a\u{2003}b", "a+b"] {
            #expect(throws: MerkleError.self) { try VerifierKey(name: wrong, publicKey: key) }
        }
        for count in [0, 31, 33] {
            #expect(throws: MerkleError.self) { try VerifierKey(name: "a", publicKey: Array((key + key)[..<count])) }
        }
    }

    /// Eight bytes of time below 2^63, and 64 of signature.
    @Test func aCosignature() {
        let good = [0x7f] + [UInt8](repeating: 0xff, count: 71)
        #expect(Cosignature(good)?.seconds == Int.max && Cosignature(good)?.bytes == good)
        #expect(Cosignature(Array(good.dropLast())) == nil && Cosignature(good + [0]) == nil)
        #expect(Cosignature([0x80] + good.dropFirst()) == nil && Cosignature([]) == nil)
    }

    /// Two keys of one name whose identifiers are the same four bytes: neither is believed, for a line names both.
    @Test func keysThatCannotBeToldApartAreRefused() throws {
        func key(_ number: Int) throws -> VerifierKey {
            try VerifierKey(
                name: "a", publicKey: (0..<32).map { UInt8(truncatingIfNeeded: $0 < 24 ? 0 : number >> (8 * (31 - $0))) })
        }
        let (one, other) = (try key(65_227), try key(67_083))
        #expect(one.id == other.id && one != other)
        let note = try Note(
            text: Array("text\n".utf8), signatures: [NoteSignature(name: "a", keyID: one.id, signature: [0])])
        #expect(throws: MerkleError(reason: "two keys have one name and identifier")) { try note.verify([one, other]) }
    }

    // MARK: Proofs

    private static let hash = Base64.encode(MerkleTree.emptyRoot.bytes) + "\n"

    private func note(longer: Int = 0) throws -> [UInt8] {
        let checkpoint = "a\n5\n\(Self.hash)" + (longer > 0 ? String(repeating: "b", count: longer - 1) + "\n" : "")
        return Array("\(checkpoint)\n\(Self.line)".utf8)
    }

    @Test func aLogProof() throws {
        func bytes(hashes: Int, extra: Int = 0, longer: Int = 0) throws -> [UInt8] {
            let data = extra > 0 ? "extra \(String(repeating: "AAAA", count: extra))\n" : ""
            return try Array(
                "\(LogProof.header)\n\(data)index 2\n\(String(repeating: Self.hash, count: hashes))\n".utf8) + note(longer: longer)
        }
        #expect(try LogProof(bytes(hashes: 63)).hashes.count == 63)
        #expect(throws: MerkleError.self) { try LogProof(bytes(hashes: 64)) }
        let least = try bytes(hashes: 0, extra: 1, longer: 4).count
        let extra = (LogProof.maximumCount - least) / 4
        let rest = (LogProof.maximumCount - least) % 4
        #expect(try bytes(hashes: 0, extra: extra + 1, longer: 4 + rest).count == LogProof.maximumCount)
        #expect(try LogProof(bytes(hashes: 0, extra: extra + 1, longer: 4 + rest)).index == 2)
        #expect(throws: MerkleError.self) { try LogProof(bytes(hashes: 0, extra: extra + 1, longer: 5 + rest)) }
    }

    @Test func aProofOfGrowth() throws {
        func bytes(_ head: String, hashes: Int, longer: Int = 0) throws -> [UInt8] {
            try Array("\(head)\n\(String(repeating: Self.hash, count: hashes))\n".utf8) + note(longer: longer)
        }
        #expect(try GrowthProof(bytes("old 2", hashes: 63)).hashes.count == 63)
        #expect(throws: MerkleError.self) { try GrowthProof(bytes("old 2", hashes: 64)) }
        for head in ["", "old", "2", "new 2", "old 02", "old +2", "old -2", "old  2", "Old 2", "old 2 "] {
            #expect(throws: MerkleError.self, "\(head)") { try GrowthProof(bytes(head, hashes: 0)) }
        }
        #expect(throws: MerkleError.self) { try GrowthProof(bytes("old 2\nAAAA", hashes: 0)) }
        // Nothing that follows from it: what proves no growth, and no signed checkpoint.
        #expect(throws: MerkleError.self) { try GrowthProof(Array("old 2\n\n".utf8)) }
    }

    @Test func aProofOfGrowthProvesItsOwnEarlierTreeAlone() throws {
        let tree = MemoryTree(size: 5)
        func proof(_ earlier: Int, _ hashes: [Digest]) throws -> GrowthProof {
            try GrowthProof(earlier: earlier, hashes: hashes, note: Checkpoint(origin: "a", size: 5, root: tree.root).note())
        }
        func checkpoint(_ size: Int, origin: String = "a", root: Digest? = nil) -> Checkpoint {
            Checkpoint(origin: origin, size: size, root: root ?? MemoryTree(size: size).root)
        }
        let hashes = try ConsistencyProof(earlier: 3, size: 5, from: tree).hashes
        try proof(3, hashes).verify(checkpoint(3))
        try proof(0, []).verify(checkpoint(0))
        let wrong: [(GrowthProof, Checkpoint)] = [
            (try proof(3, hashes), checkpoint(3, origin: "b")), (try proof(3, hashes), checkpoint(3, root: tree.root)),
            // The root of three leaves, and a size that is not theirs.
            (try proof(3, hashes), checkpoint(2, root: MemoryTree(size: 3).root)),
            (try proof(0, []), checkpoint(0, root: tree.root)), (try proof(0, [tree.root]), checkpoint(0)),
        ]
        for (proof, checkpoint) in wrong { #expect(throws: MerkleError.self) { try proof.verify(checkpoint) } }
    }
}
