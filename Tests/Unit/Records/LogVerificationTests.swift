import Canonical
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import SQLite
import Testing

@testable import Records

/// What `sceaud check` finds where all but one thing fits: mark, head, tiles, cosignatures, the joint of two generations.
struct LogVerificationTests {
    let data: DataFolder

    init() throws {
        data = try DataFolder()
        try data.opened { register in _ = try register.commit { _ in (0..<3).map { counted($0) } } }
        #expect(try Register.findings(data: data.path) == [])
    }

    private func findings(_ change: (Connection) throws -> Void = { _ in }) throws -> [String] {
        try data.tamper(change)
        return try Register.findings(data: data.path).filter { !$0.hasPrefix("view ") }
    }

    // MARK: The mark

    private func mark(_ change: (LogHead) -> LogHead) throws -> [String] {
        let mark = try HighWater(canonical: Array(Data(contentsOf: data.mark)))
        var logs = mark.logs
        logs[.real] = change(try #require(logs[.real]))
        try Data(HighWater(instance: mark.instance, logs: logs).canonicalBytes).write(to: data.mark)
        defer { try? Data(mark.canonicalBytes).write(to: data.mark) }
        return try Register.findings(data: data.path)
    }

    @Test func aMarkThatIsNotOfThisLogIsNamed() throws {
        #expect(try mark { .init(count: $0.count, generation: 1, root: .zero) } == [RegisterError.different(.real, position: 4).description])
        #expect(
            try mark { .init(count: $0.count - 1, generation: 1, root: $0.root) }
                == [RegisterError.different(.real, position: 3).description])
        #expect(
            try mark { .init(count: $0.count, generation: 2, root: $0.root) } == [RegisterError.different(.real, position: 4).description])
        #expect(
            try mark { .init(count: $0.count + 1, generation: 1, root: $0.root) }
                == [RegisterError.shorter(.real, register: 4, mark: 5).description])
        #expect(try mark { $0 } == [])
    }

    /// No generation is ever without its first event.
    @Test func aMarkBeforeItsGenerationsFirstEventIsNamed() throws {
        try Register.rotateKey(of: .real, data: data.path, to: data.rotatedKeys(), data.surroundings())
        #expect(try mark { $0 } == [])
        for count: Int64 in [5, 4] {
            let found = try mark { .init(count: count, generation: 2, root: $0.root) }
            #expect(found == [RegisterError.different(.real, position: count).description])
        }
    }

    @Test func aMarkOfAnotherVaultIsNamed() throws {
        let mark = try HighWater(canonical: Array(Data(contentsOf: data.mark)))
        try Data(HighWater(instance: id(9), logs: mark.logs).canonicalBytes).write(to: data.mark)
        #expect(try Register.findings(data: data.path) == [RegisterError.stranger.description])
    }

    @Test func aMarkWithAFieldMoreIsNone() throws {
        let text = String(decoding: try Data(contentsOf: data.mark), as: UTF8.self)
        for place in ["{\"count\"", "{\"format\""] where text.contains(place) {
            let more = text.replacing(place, with: "{\"!\":0,\(place.dropFirst())")
            #expect(throws: CanonicalError.self) { try HighWater(canonical: Array(more.utf8)) }
        }
        #expect(text.contains("{\"count\""))
    }

    // MARK: The head

    /// Signed by the right key, under the name of another log.
    @Test func aHeadOfAnotherNameIsRefused() throws {
        let found = try findings { connection in
            let stored = try #require(try StoredGeneration.all(connection, .real).last)
            let key = try VerifierKey(name: "sceau/\(id(9))/real", publicKey: stored.generation.key.publicKey)
            let note = try data.keys.sign(
                Checkpoint(origin: key.name, size: stored.size, root: stored.root).note(), of: .real, as: key)
            try connection.run(
                "UPDATE head SET key = ?, note = ? WHERE log = 'real'", .text(key.description), .blob(note.encoded))
        }
        #expect(found == [RegisterError.head(.real).description])
        #expect(throws: RegisterError.self) { try data.open() }
    }

    /// Signed by the right key, and of another size or root than the row says.
    @Test(arguments: [(4, Digest.zero), (3, nil)] as [(Int, Digest?)])
    func aHeadOfAnotherTreeIsRefused(size: Int, root: Digest?) throws {
        let found = try findings { connection in
            let stored = try #require(try StoredGeneration.all(connection, .real).last)
            let note = try data.keys.sign(
                stored.generation.checkpoint(size: size, root: root ?? stored.root).note(), of: .real, as: stored.generation.key)
            try connection.run("UPDATE head SET note = ? WHERE log = 'real'", .blob(note.encoded))
        }
        #expect(found == [RegisterError.head(.real).description])
        #expect(throws: RegisterError.self) { try data.open() }
    }

    /// An event and its leaf rewritten, and the tree left as it was signed: the start itself sees it.
    @Test func anEventThatIsNotItsTreesIsRefusedAtTheStart() throws {
        let found = try findings { connection in
            let bytes = Event(log: .real, at: data.clock.now, nonce: Array(0..<16), fact: counted(9).fact).canonicalBytes
            try connection.run(
                "UPDATE event SET bytes = ?, leaf = ? WHERE log = 'real' AND position = 2", .blob(bytes), .blob(LogHead.leaf(bytes).bytes))
        }
        #expect(found == [RegisterError.head(.real).description])
        #expect {
            _ = try data.open()
        } throws: {
            guard case RegisterError.broken(.real, position: 2) = $0 else { return false }
            return true
        }
    }

    @Test func aTileThatIsTooWideIsNamed() throws {
        let found = try findings {
            try $0.execute("UPDATE tile SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE log = 'real' AND level = 0")
        }
        #expect(found == ["a tile more than there are of the log real is not that of its events"])
    }

    // MARK: Copies and keys

    @Test func aRegisterThatDoesNotHoldIsNotCopied() throws {
        func copy(_ name: String) throws {
            let path = data.path + "/" + name
            _ = try Register.copy(data: data.path, to: DurableFolder.make(path: path), at: path)
        }
        try copy("good")
        try data.tamper { try $0.execute("UPDATE tile SET hashes = zeroblob(128) WHERE log = 'real' AND level = 0") }
        #expect(throws: RegisterError.self) { try copy("bad") }
    }

    @Test func theKeysAreThoseThatTheRegisterNames() throws {
        try Register.check(data.keys, data: data.path)
        #expect(throws: RegisterError.self) { try Register.check(data.rotatedKeys(), data: data.path) }
    }

    // MARK: Generations

    /// After a loss the base is only the new generation's own word; it is held against the events that are there.
    @Test(arguments: [-1, 1] as [Int64]) func aGenerationThatBeginsElsewhereIsNamed(by distance: Int64) throws {
        _ = try Register.continueAfterLoss(data: data.path, checkpoints: [], data.surroundings())
        #expect(try findings() == [])
        try data.tamper { connection in
            if distance < 0 { try connection.execute("DELETE FROM event WHERE log = 'real' AND position = 3") }
            try connection.run(
                "UPDATE event SET position = position + ? WHERE log = 'real' AND position = 4", .integer(distance))
            try connection.run(
                "UPDATE head SET base = base + ?, count = count + ? WHERE log = 'real' AND generation = 2", .integer(distance),
                .integer(distance))
        }
        let base = 4 + distance
        try data.forge { position, bytes in
            guard position == base, let event = try? Event(canonical: bytes), let fact = event.fact as? LogContinued else { return bytes }
            let moved = LogContinued(
                instance: fact.instance, generation: 2, base: base, key: fact.key, previous: fact.previous, cause: .loss, lost: base)
            return Event(log: .real, at: event.at, nonce: event.nonce, fact: moved).canonicalBytes
        }
        #expect(try !findings().isEmpty)
        if distance > 0 { #expect(try findings() == [RegisterError.head(.real).description]) }
    }

    /// Numbers are not skipped, though name and signature follow the number.
    @Test func aLogThatBeginsWithItsSecondGenerationIsRefused() throws {
        let found = try findings { connection in
            let stored = try #require(try StoredGeneration.all(connection, .real).last)
            let key = try data.keys.verifier(of: .real, instance: data.instance.id, generation: 2)
            let note = try data.keys.sign(
                Checkpoint(origin: key.name, size: stored.size, root: stored.root).note(), of: .real, as: key)
            try connection.run(
                "UPDATE head SET generation = 2, key = ?, note = ? WHERE log = 'real'", .text(key.description), .blob(note.encoded))
            try connection.execute("UPDATE tile SET generation = 2 WHERE log = 'real'")
            let mark = try HighWater(canonical: Array(Data(contentsOf: data.mark)))
            var logs = mark.logs
            logs[.real] = LogHead(count: stored.count, generation: 2, root: stored.root)
            try Data(HighWater(instance: mark.instance, logs: logs).canonicalBytes).write(to: data.mark)
        }
        #expect(found == [RegisterError.head(.real).description])
    }

    /// Every digest fits, for the key is the forger's: only what the event says does not.
    @Test func anEventOfAnotherLogOrVaultIsNamed() throws {
        func found(_ at: Int64, _ change: (Event) -> Event) throws -> [String] {
            var old: [UInt8] = []
            try data.forge { position, bytes in
                guard position == at, let event = try? Event(canonical: bytes) else { return bytes }
                old = bytes
                return change(event).canonicalBytes
            }
            defer { try? data.forge { position, bytes in position == at ? old : bytes } }
            return try findings()
        }
        let altered = { (position: Int64) in [RegisterError.broken(.real, position: position).description] }
        #expect(try found(2) { $0 } == [])
        #expect(try found(2) { Event(log: .training, at: $0.at, nonce: $0.nonce, fact: $0.fact) } == altered(2))
        #expect(try found(0) { Event(log: .real, at: $0.at, nonce: $0.nonce, fact: LogOpened(instance: id(9))) } == altered(0))
        #expect(try found(0) { Event(log: .real, at: $0.at, nonce: $0.nonce, fact: Blank()) } == altered(0))
        #expect(try findings() == [])
    }

    @Test func aLossThatIsToldOtherwiseIsNamed() throws {
        _ = try Register.continueAfterLoss(data: data.path, checkpoints: [], data.surroundings())
        let stranger = try data.keys.verifier(of: .real, instance: id(9), generation: 2).description
        var told: LogContinued?
        func found(_ change: (LogContinued) -> LogContinued) throws -> [String] {
            try data.forge { position, bytes in
                guard position == 4, let event = try? Event(canonical: bytes), let fact = told ?? event.fact as? LogContinued else { return bytes }
                told = fact
                return Event(log: .real, at: event.at, nonce: event.nonce, fact: change(fact)).canonicalBytes
            }
            return try findings()
        }
        func continued(_ fact: LogContinued, instance: Identifier? = nil, key: String? = nil, isRotation: Bool = false) -> LogContinued {
            LogContinued(
                instance: instance ?? fact.instance, generation: 2, base: 4, key: key ?? fact.key, previous: fact.previous,
                cause: isRotation ? .rotation : .loss, lost: isRotation ? nil : 4)
        }
        let altered = [RegisterError.broken(.real, position: 4).description]
        #expect(try found { continued($0) } == [])
        #expect(try found { continued($0, instance: id(9)) } == altered)
        #expect(try found { continued($0, key: stranger) } == altered)
        // No last leaf named this key: it was no rotation.
        #expect(try found { continued($0, isRotation: true) } == altered)
    }

    /// Time does not run backwards from one generation to the next either.
    @Test func aGenerationDatedBeforeTheLastOneIsNamed() throws {
        data.clock.advance(milliseconds: 60_000)
        try data.opened { register in _ = try register.commit { _ in [counted(9)] } }
        let keys = try data.rotatedKeys()
        try Register.rotateKey(of: .real, data: data.path, to: keys, data.surroundings())
        #expect(try findings() == [])
        let at = Instant(milliseconds: data.clock.now.milliseconds - 1)
        try data.forge(signing: keys) { _, bytes in
            guard let event = try? Event(canonical: bytes) else { return bytes }
            return Event(log: .real, at: at, nonce: event.nonce, fact: event.fact).canonicalBytes
        }
        #expect(try findings() == [RegisterError.broken(.real, position: 6).description])
    }

    // MARK: What was published

    @Test func aPublishedCheckpointThatIsNotOfTheTreeIsNamed() throws {
        let published = try published()
        let named = ["the checkpoint of 4 leaves published of the log real is not that of its tree, or not signed"]
        func kept(_ note: Note) throws -> [String] {
            try findings { try $0.run("UPDATE publication SET note = ? WHERE log = 'real'", .blob(note.encoded)) }
        }
        let key = try data.keys.verifier(of: .real, instance: data.instance.id)
        let checkpoint = try Checkpoint(published.note)
        for (size, root) in [(4, Digest.zero), (3, checkpoint.root)] {
            #expect(try kept(data.keys.sign(Checkpoint(origin: key.name, size: size, root: root).note(), of: .real, as: key)) == named)
        }
        // By the other log's key, under this one's name.
        let other = try data.keys.verifier(of: .training, instance: data.instance.id)
        let forger = try VerifierKey(name: key.name, publicKey: other.publicKey)
        #expect(try kept(data.keys.sign(checkpoint.note(), of: .training, as: forger)) == named)
        #expect(try kept(published.note) == [])
    }

    private func published() throws -> PublishedCheckpoint {
        try data.opened { register in
            try register.commit { transaction in
                try transaction.publishHeads()
                return []
            }
            return try #require(try register.read { try $0.publishedCheckpoint(.real, generation: 1) })
        }
    }

    @Test func aCheckpointIsFoundByItsTextAlone() throws {
        let note = try published().note
        let checkpoint = try Checkpoint(note)
        try data.opened { register in
            try register.read { snapshot throws -> Void in
                #expect(try snapshot.publishedCheckpoint(.real, text: note.text)?.size == 4)
                for other in [
                    Checkpoint(origin: checkpoint.origin, size: 4, root: .zero), Checkpoint(origin: checkpoint.origin, size: 3, root: checkpoint.root),
                    Checkpoint(origin: "sceau/\(id(9))/real", size: 4, root: checkpoint.root),
                ] {
                    #expect(try snapshot.publishedCheckpoint(.real, text: other.text) == nil)
                }
                #expect(try snapshot.publishedCheckpoint(.training, text: note.text) == nil)
                // A tile is as wide as it was asked for, or it is none.
                #expect(try snapshot.tile(TilePath(.hashes(level: 0), index: 0, width: 4), of: .real, generation: 1).count == 128)
                #expect(throws: MerkleError.self) {
                    try snapshot.tile(TilePath(.hashes(level: 0), index: 0, width: 5), of: .real, generation: 1)
                }
            }
        }
    }

    /// The entries of a later generation are counted from its own first event.
    @Test func entriesAreThoseOfTheirGeneration() throws {
        let keys = try data.rotatedKeys()
        try Register.rotateKey(of: .real, data: data.path, to: keys, data.surroundings())
        let register = try data.open(Surroundings(clock: WallClock { [data] in data.clock.now }, keys: keys))
        defer { register.stop() }
        try register.read { snapshot throws -> Void in
            let path = TilePath(.entries, index: 0, width: 1)
            for (generation, position) in [(1, 0), (2, 5)] as [(Int64, Int64)] {
                let found = try snapshot.entries(path, of: .real, generation: generation, now: data.clock.now)
                #expect(try found == [#require(try snapshot.event(.real, at: position))])
            }
        }
    }

    @Test func aCosignatureThatIsNotItsWitnesssIsNamed() throws {
        let witness = try NoteSigner(name: "witness.example/w1", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let published = try published()
        let note = try witness.sign(published.note, seconds: 1_700_000_000)
        let seen = try Note(text: note.text, signatures: [#require(note.signatures.last)])
        func kept(_ note: Note) throws -> [String] {
            try findings {
                try $0.run(
                    "INSERT OR REPLACE INTO cosignature(log, generation, size, witness, note) VALUES('real', 1, 4, ?, ?)",
                    .text(witness.verifier.description), .blob(note.encoded))
            }
        }
        #expect(published.size == 4)
        #expect(try kept(seen) == [])
        let named = ["the checkpoint of 4 leaves published of the log real is not what \(witness.verifier) signed"]
        // Signed indeed, and another checkpoint.
        let other = try witness.sign(Checkpoint(origin: "sceau/\(data.instance.id)/real", size: 4, root: .zero).note())
        #expect(try kept(other) == named)
        // This checkpoint, and no signature of this witness.
        #expect(try kept(published.note) == named)
    }
}
