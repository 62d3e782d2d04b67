import Foundation
import Merkle
import OpenSSL
import Rehearsal
import Testing

/// Two checkpoints of one log, compared by the tool alone.
struct CheckpointTests {
    let folder: TemporaryFolder
    let earlier, later, keys: String

    /// A log of 300 leaves, whose first 100 had been signed before, and its tiles as files.
    init() throws {
        folder = try TemporaryFolder()
        let signer = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        keys = try folder.write("keys", "\(signer.verifier)\n")
        var edge = RightEdge()
        var notes: [[UInt8]] = []
        for number in 1...300 {
            edge.append(MerkleTree.leaf(Array("\(number)".utf8)))
            guard [100, 300].contains(number) else { continue }
            notes.append(
                try signer.sign(Checkpoint(origin: "sceau/example/real", size: number, root: edge.root).note()).encoded)
        }
        earlier = try folder.write("earlier", String(decoding: notes[0], as: UTF8.self))
        later = try folder.write("later", String(decoding: notes[1], as: UTF8.self))
        for tile in edge.takeChanges() {
            let file = folder.url.appending(path: "\(tile.path)")
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(tile.bytes).write(to: file)
        }
        let source = TileHashes(size: 300) { [folder] path in
            Array(try Data(contentsOf: folder.url.appending(path: "\(path)")))
        }
        let proof = try GrowthProof(earlier: 100, note: Note(notes[1]), from: source)
        _ = try folder.write("proof", String(decoding: proof.encoded, as: UTF8.self))
    }

    private func verify(_ evidence: String, _ more: [String]) throws -> Rehearsal.Outcome {
        try Shell.run(Checkout.binary("sceau"), ["verify", evidence, "--log", keys] + more)
    }

    @Test func aLogThatGrewHolds() throws {
        let kept = ["--checkpoint", earlier]
        for outcome in [
            try verify(later, kept + ["--tiles", folder.url.path]), try verify(folder.path("proof"), kept),
        ] {
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.text.contains("holds: log-growth: sceau/example/real: the first 100 of 300 leaves are the same\n"))
            #expect(outcome.text.contains("on the operator's word: log-witness"))
        }
    }

    @Test func anAlteredTileOrACutLogFails() throws {
        let tile = folder.url.appending(path: "tile/0/000")
        var bytes = try Data(contentsOf: tile)
        bytes[99 * 32] ^= 1
        try bytes.write(to: tile)
        let altered = try verify(later, ["--checkpoint", earlier, "--tiles", folder.url.path])
        #expect(altered.status == 4 && altered.text.contains("FAILS: log-growth"), "\(altered)")
        let cut = try verify(earlier, ["--checkpoint", later, "--tiles", folder.url.path])
        #expect(cut.status == 4 && cut.text.contains("fewer leaves"), "\(cut)")
    }

    @Test func whatIsLackingIsSaid() throws {
        for (more, said) in [([], "compared with an earlier one"), (["--checkpoint", earlier], "nothing connects")] {
            let outcome = try verify(later, more)
            #expect(outcome.status == 2 && outcome.err.contains(said), "\(outcome)")
        }
    }
}
