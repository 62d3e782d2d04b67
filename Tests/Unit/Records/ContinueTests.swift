import Canonical
import Foundation
import Linux
import Merkle
import Procurement
import SQLite
import Testing

@testable import Records

/// A register that lost its last events goes on, and hides nothing.
struct ContinueTests {
    let data: DataFolder
    let story: Story
    let older: Data
    /// What was signed and acknowledged after the backup.
    let lost: (head: Note, event: [UInt8], proof: LogProof)

    init() throws {
        data = try DataFolder()
        let register = try data.open()
        story = try Story(in: register)
        register.stop()
        older = try data.backup()
        let again = try data.open()
        try again.commit { _ in [counted(7)] }
        let events = try again.commit { _ in [counted(8)] }
        let event = try #require(events.first)
        lost = try again.read { (try $0.signedHead(.real), event.bytes, try $0.proof(of: .real, position: event.position)) }
        again.stop()
        try data.restore(older)
    }

    private func goOn(_ checkpoints: [Note] = []) throws -> [Continuation] {
        try Register.continueAfterLoss(data: data.path, checkpoints: checkpoints, data.surroundings())
    }

    @Test func itDoesNotStartAndThenGoesOn() throws {
        #expect(throws: RegisterError.self) { try data.open() }
        let continuations = try goOn([lost.head])
        let real = try #require(continuations.first { $0.log == .real })
        #expect(real.generation == 2 && real.known == real.there + 2)
        #expect(try Register.findings(data: data.path) == [])
        let register = try data.open()
        defer { register.stop() }
        let first = try #require(try register.read { try $0.event(.real, at: real.base) })
        let fact = try #require(try Event(canonical: first).fact as? LogContinued)
        #expect(fact.cause == .loss && fact.lost == real.base && fact.previous == lost.head.encoded)
        // Whoever has a receipt of what is lost can still prove it, under the old key.
        let keys = try register.read { try $0.verifierKeys(.real) }
        #expect(keys.count == 2 && keys[0] != keys[1])
        #expect(throws: Never.self) { try lost.proof.verify(entry: lost.event, keys: [keys[0]]) }
        #expect(throws: MerkleError.self) { try lost.proof.verify(entry: lost.event, keys: [keys[1]]) }
        try register.commit { _ in [counted(9)] }
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func withoutACheckpointItQuotesItsOwnHead() throws {
        let real = try #require(try goOn().first { $0.log == .real })
        #expect(real.known == real.there)
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func aCheckpointThatContradictsIsRefused() throws {
        let stored = try Connection(path: data.database, .readOnly)
        let own = try #require(try StoredGeneration.all(stored, .real).last)
        let forged = try data.keys.sign(own.generation.checkpoint(size: 2, root: .zero).note(), of: .real, as: own.generation.key)
        #expect(throws: RegisterError.self) { try goOn([forged]) }
        // Of a stranger's key it is nothing at all.
        let stranger = try LogKeys.generate()
        let key = try stranger.verifier(of: .real, instance: data.instance.id)
        let foreign = try stranger.sign(Checkpoint(origin: key.name, size: 9999, root: .zero).note(), of: .real, as: key)
        let real = try #require(try goOn([foreign]).first { $0.log == .real })
        #expect(real.known == real.there)
    }

    private func signed(_ checkpoint: (StoredGeneration) throws -> Checkpoint) throws -> Note {
        let own = try #require(try StoredGeneration.all(Connection(path: data.database, .readOnly), .real).last)
        return try data.keys.sign(checkpoint(own).note(), of: .real, as: own.generation.key)
    }

    /// Of the very size that is there, with another root: not the same log, and not to be quoted.
    @Test func aCheckpointOfTheSameSizeThatContradictsIsRefused() throws {
        #expect(throws: RegisterError.self) { try goOn([signed { $0.generation.checkpoint(size: $0.size, root: .zero) }]) }
        #expect(try goOn([signed { $0.generation.checkpoint(size: $0.size, root: $0.root) }]).count == 2)
    }

    /// An older one that is true changes nothing; of those beyond what is there the newest is quoted, in whatever order they come.
    @Test func theNewestOfThoseThatWereFoundIsQuoted() throws {
        let older = try signed {
            let source = try TileStore(Connection(path: data.database, .readOnly), $0.generation).hashes(size: $0.size)
            return $0.generation.checkpoint(size: 2, root: try source.root(size: 2))
        }
        let between = try signed { $0.generation.checkpoint(size: $0.size + 1, root: .zero) }
        let real = try #require(try goOn([older, lost.head, between]).first { $0.log == .real })
        #expect(real.known == real.there + 2)
        let register = try data.open()
        defer { register.stop() }
        let first = try #require(try register.read { try $0.event(.real, at: real.base) })
        #expect((try Event(canonical: first).fact as? LogContinued)?.previous == lost.head.encoded)
    }

    /// Its instants go on from the clock's, or from the log's last where the clock has run back.
    @Test(arguments: [-3_600_000, 3_600_000] as [Int64]) func itsInstantsDoNotRunBack(by step: Int64) throws {
        let last = data.clock.now
        data.clock.advance(milliseconds: step)
        let real = try #require(try goOn().first { $0.log == .real })
        #expect(try Register.findings(data: data.path) == [])
        let register = try data.open()
        defer { register.stop() }
        let first = try #require(try register.read { try $0.event(.real, at: real.base) })
        let before = try #require(try register.read { try $0.event(.real, at: real.base - 1) })
        #expect(try Event(canonical: first).at == max(Event(canonical: before).at, data.clock.now))
        #expect(try Event(canonical: before).at <= last)
    }

    @Test func whatWasPublishedIsFrozenUntilTheBuyerDecides() throws {
        let real = try #require(try goOn().first { $0.log == .real })
        #expect(real.frozen == [story.consultation])
        let register = try data.open()
        defer { register.stop() }
        #expect(try register.read { try $0.consultation(story.consultation)?.frozen } == true)
        #expect(try register.differences() == [])
        try register.commit { _ in
            [EventDraft(log: .real, fact: ConsultationUnfrozen(consultation: story.consultation, user: story.buyerUser, ground: "vu"))]
        }
        #expect(try register.read { try $0.consultation(story.consultation)?.frozen } == false)
    }
}
