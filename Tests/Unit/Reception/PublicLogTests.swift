import Canonical
import Linux
import Merkle
import OpenSSL
import Procurement
import Records
import Testing

@testable import Reception

/// What the public sees of the logs, and never more.
struct PublicLogTests {
    private let house: House
    private let witness: Witness

    /// Someone who follows the log from outside.
    private final class Witness: Sendable {
        let signer: NoteSigner
        init(_ name: String) throws {
            signer = try NoteSigner(name: name, key: PrivateKey.generateEd25519(), kind: .cosignature)
        }
    }

    init() throws {
        witness = try Witness("witness.example/w1")
        house = try House(witnesses: [witness.signer.verifier])
    }

    private func checkpoint(_ log: Log = .real) throws -> Checkpoint {
        try VerifiedCheckpoint(
            Note(house.vault.publicCheckpoint(log, generation: 1)), keys: house.vault.logKeys(log)
        ).checkpoint
    }

    @Test func checkpointsComeOnceAnHour() throws {
        #expect(refusal { try house.vault.publicCheckpoint(.real, generation: 1) } == .notFound)
        house.vault.tendLog()
        let first = try checkpoint()
        #expect(first.size > 1)
        #expect(try checkpoint(.training).size == 1)
        _ = try house.published()
        for time in ["11:00:00.001", "11:30:00.000", "11:59:59.999"] {
            house.dial.turn(to: time)
            house.vault.tendLog()
            #expect(try checkpoint() == first, "\(time)")
            #expect(try checkpoint(.training).size == 1, "\(time)")
        }
        house.dial.turn(to: "12:00:00.000")
        house.vault.tendLog()
        let second = try checkpoint(.training)
        #expect(second.size > 1)
        // What was published stays, and the later one begins with it.
        let kept = try house.vault.register.read { try $0.publishedCheckpoint(.training, generation: 1)?.size }
        #expect(kept == second.size)
        #expect(refusal { try house.vault.publicCheckpoint(.real, generation: 2) } == .notFound)
        // Another vault over the same register goes on where this one was.
        let other = try house.another()
        other.publisher.load(try other.register.read { try $0.lastPublication() })
        #expect(!other.publisher.isDue(house.dial.clock.now))
        other.writers.stop()
    }

    @Test func noTileGoesBeyondTheCheckpoint() throws {
        house.vault.tendLog()
        _ = try house.published()
        let size = try checkpoint(.training).size
        let all = try house.vault.register.read { Int(try $0.head(of: .training).count) }
        #expect(size == 1 && all > 3)
        let path = TilePath(.hashes(level: 0), index: 0, width: 1)
        let tile = try house.vault.publicTile(path, of: .training, generation: 1)
        let event = try house.vault.register.read { try $0.event(.training, at: 0) }
        #expect(try tile == MerkleTree.leaf(#require(event)).bytes)
        for path in [
            TilePath(.hashes(level: 0), index: 0, width: 2), TilePath(.hashes(level: 0), index: 0, width: all),
            TilePath(.hashes(level: 0), index: 0), TilePath(.hashes(level: 1), index: 0, width: 1),
            TilePath(.hashes(level: 0), index: 1, width: 1), TilePath(.entries, index: 0, width: 1),
        ] {
            #expect(refusal { try house.vault.publicTile(path, of: .training, generation: 1) } == .notFound, "\(path)")
        }
        #expect(refusal { try house.vault.publicTile(path, of: .training, generation: 2) } == .notFound)
    }

    /// Until a deadline has passed, whoever audits sees no more of its consultation than anybody.
    @Test func entriesAreForTheVaultsAuditorsAfterTheDeadline() throws {
        let (id, _) = try house.published()
        _ = try Upload.whole(house, id, by: house.bidder, [1, 2, 3])
        house.vault.tendLog()
        let size = try checkpoint(.training).size
        let auditor = try house.auditor(nil)
        let path = TilePath(.entries, index: 0, width: size)
        func read(_ principal: Principal, _ path: TilePath) throws -> [[UInt8]] {
            try house.vault.entries(path, of: .training, generation: 1, for: principal)
        }
        #expect(refusal { try read(auditor, path) } == .notYet)
        // What lies before it may be read.
        #expect(try read(auditor, TilePath(.entries, index: 0, width: 1)).count == 1)
        house.dial.turn(to: "12:00:00.999")
        #expect(refusal { try read(auditor, path) } == .notYet)
        house.dial.turn(to: "12:00:01.000")
        let entries = try read(auditor, path)
        #expect(entries.count == size)
        #expect(try entries.contains { try Event(canonical: $0).fact is BidReceived })
        #expect(refusal { try read(auditor, TilePath(.entries, index: 0, width: size + 1)) } == .notFound)
        #expect(refusal { try read(house.auditor("Commune"), path) } == .forbidden)
        // What was read is what the tile stands for.
        let tile = try house.vault.publicTile(TilePath(.hashes(level: 0), index: 0, width: size), of: .training, generation: 1)
        #expect(tile == entries.flatMap { MerkleTree.leaf($0).bytes })
    }

    @Test func aWitnessIsHeardAndServed() throws {
        house.vault.tendLog()
        let note = try Note(house.vault.publicCheckpoint(.real, generation: 1))
        let seen = try witness.signer.sign(note, seconds: 1_795_453_200)
        #expect(try house.vault.keepCosignatures(.real, note: seen.encoded) == 1)
        #expect(try house.vault.keepCosignatures(.real, note: seen.encoded) == 1)
        let served = try VerifiedCheckpoint(
            Note(house.vault.publicCheckpoint(.real, generation: 1)),
            keys: house.vault.logKeys(.real) + [witness.signer.verifier])
        #expect(served.witnesses.map(\.seconds) == [1_795_453_200])
        #expect(try Note(house.vault.publicCheckpoint(.real, generation: 1)).signatures.count == 2)
        #expect(try Register.findings(data: house.folder) == [])

        // A stranger, a signature of something else, what was never published, another log's, no note at all.
        let stranger = try Witness("witness.example/w2")
        #expect(refusal { try house.vault.keepCosignatures(.real, note: stranger.signer.sign(note).encoded) } == .invalid)
        var bytes = seen.encoded
        bytes[bytes.count - 8] ^= 1
        #expect(refusal { try house.vault.keepCosignatures(.real, note: bytes) } == .invalid)
        let unpublished = Checkpoint(origin: try Checkpoint(note).origin, size: 9_999, root: MerkleTree.emptyRoot)
        #expect(refusal {
            try house.vault.keepCosignatures(.real, note: witness.signer.sign(unpublished.note()).encoded)
        } == .notFound)
        #expect(refusal { try house.vault.keepCosignatures(.training, note: seen.encoded) } == .notFound)
        #expect(refusal { try house.vault.keepCosignatures(.real, note: Array("hello".utf8)) } == .invalid)
        #expect(try Note(house.vault.publicCheckpoint(.real, generation: 1)).signatures.count == 2)
    }

    /// A log of which nothing is heard grows too, at times that nobody can foretell.
    @Test func blankLeavesComeOfThemselves() throws {
        func count() throws -> Int64 { try house.vault.register.read { try $0.head(of: .training).count } }
        let before = try count()
        for hour in 11...22 {
            for minute in 0..<60 {
                house.dial.turn(to: "\(hour):\(minute < 10 ? "0" : "")\(minute):30.000")
                house.vault.tendLog()
            }
        }
        // Behind all of them, in their own lane.
        _ = try house.facts(Blank.self)
        let blanks = try count() - before
        // 72 are expected; the chance of fewer than 20 or more than 200 is below one in 10^12.
        #expect((20...200).contains(blanks), "\(blanks)")
        #expect(try Register.findings(data: house.folder) == [])
    }
}
