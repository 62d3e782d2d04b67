import Canonical
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import SQLite
import Synchronization
import Testing

@testable import Records

/// A log gets a new key, and whoever trusted the old one follows it.
struct RotationTests {
    let data: DataFolder

    init() throws {
        data = try DataFolder()
        let register = try data.open()
        try register.commit { _ in (0..<300).map { counted($0) } }
        register.stop()
    }

    private func next() throws -> (keys: LogKeys, surroundings: Surroundings) {
        let keys = try data.rotatedKeys()
        return (keys, Surroundings(clock: WallClock { [data] in data.clock.now }, keys: keys))
    }

    @Test func theOldLogNamesTheNewKeyAndTheNewOneTheOldLog() throws {
        let (keys, surroundings) = try next()
        let key = try Register.rotateKey(of: .real, data: data.path, to: keys, data.surroundings())
        #expect(key.name == "sceau/\(data.instance.id)/real/2")
        #expect(throws: RegisterError.self) { try data.open() }
        let register = try data.open(surroundings)
        defer { register.stop() }
        #expect(try register.commit { _ in [counted(7)] }[0].position == 303)
        try register.read { snapshot throws -> Void in
            let old = try data.keys.verifier(of: .real, instance: data.instance.id)
            #expect(try snapshot.verifierKeys(.real) == [old, key])
            // The last leaf of the old tree is proven by the old key, and names the new one.
            let last = try #require(try snapshot.event(.real, at: 301))
            let ended = try snapshot.proof(of: .real, position: 301)
            #expect(try ended.index == 301 && ended.verify(entry: last, keys: [old]).checkpoint.size == 302)
            #expect((try Event(canonical: last).fact as? LogEnded)?.key == key.description)
            // The first of the new one is proven by the new key, and quotes the old one's last checkpoint.
            let first = try #require(try snapshot.event(.real, at: 302))
            let continued = try snapshot.proof(of: .real, position: 302)
            #expect(try continued.index == 0 && continued.verify(entry: first, keys: [key]).checkpoint.size == 2)
            let fact = try #require(try Event(canonical: first).fact as? LogContinued)
            #expect(fact.base == 302 && fact.generation == 2 && fact.cause == .rotation && fact.key == key.description)
            #expect(try Note(fact.previous) == ended.note)
            #expect(throws: MerkleError.self) { try continued.verify(entry: first, keys: [old]) }
            // It was published as it ended.
            #expect(try snapshot.publishedCheckpoint(.real, generation: 1)?.note == ended.note)
            #expect(try snapshot.verifierKeys(.training).count == 1)
        }
        #expect(try Register.findings(data: data.path) == [])
        #expect(try Register.findings(data: data.path, keys: [.real: key.publicKey]) == [])
    }

    @Test func aRotationCutShortIsWholeOrNot() throws {
        let mark = try Data(contentsOf: data.mark)
        let (keys, surroundings) = try next()
        // Failed before the COMMIT: nothing happened.
        let failing = data.surroundings(
            Durability(commit: { _ in throw LinuxError(operation: "fsync", errno: 5) }, mark: { try $0() }))
        #expect(throws: LinuxError.self) { try Register.rotateKey(of: .real, data: data.path, to: keys, failing) }
        try data.open().stop()
        // Failed after it, before the mark: the new key is the register's.
        let late = data.surroundings(
            Durability(commit: { try $0() }, mark: { _ in throw LinuxError(operation: "rename", errno: 5) }))
        #expect(throws: LinuxError.self) { try Register.rotateKey(of: .real, data: data.path, to: keys, late) }
        #expect(try Data(contentsOf: data.mark) == mark)
        #expect(throws: RegisterError.self) { try data.open() }
        let register = try data.open(surroundings)
        #expect(register.recovery.beyondMark == 2)
        try register.commit { _ in [counted(1)] }
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func whatJoinsTwoGenerationsIsVerified() throws {
        let (keys, _) = try next()
        try Register.rotateKey(of: .real, data: data.path, to: keys, data.surroundings())
        #expect(try Register.findings(data: data.path) == [])
        try data.tamper { connection in
            try connection.run("UPDATE event SET log = 'other' WHERE log = 'real' AND position = 301")
            try connection.run("UPDATE event SET position = 301 WHERE log = 'real' AND position = 302")
        }
        #expect(try Register.findings(data: data.path) == [RegisterError.head(.real).description])
    }

    /// The new generation's first leaf with one fact another, and everything after it signed again.
    @Test func aFirstLeafThatDoesNotFollowIsNamed() throws {
        let (keys, surroundings) = try next()
        try Register.rotateKey(of: .real, data: data.path, to: keys, data.surroundings())
        let register = try data.open(surroundings)
        let first = try Event(canonical: #require(try register.read { try $0.event(.real, at: 302) }))
        register.stop()
        let fact = try #require(first.fact as? LogContinued)
        let other = try data.keys.verifier(of: .real, instance: id(9), generation: 2).description
        func named(_ fact: any Fact) throws -> Bool {
            let bytes = Event(log: .real, at: first.at, nonce: first.nonce, fact: fact).canonicalBytes
            try data.forge(signing: keys) { position, old in position == 302 ? bytes : old }
            let findings = try Register.findings(data: data.path).filter { !$0.hasPrefix("view ") }
            return findings == ["event 302 of the log real is missing or altered"]
        }
        func continued(
            generation: Int64 = 2, base: Int64 = 302, key: String? = nil, previous: [UInt8]? = nil
        ) -> LogContinued {
            LogContinued(
                instance: fact.instance, generation: generation, base: base, key: key ?? fact.key,
                previous: previous ?? fact.previous, cause: .rotation)
        }
        #expect(try !named(continued()))
        #expect(try named(continued(generation: 3)))
        #expect(try named(continued(base: 301)))
        #expect(try named(continued(key: other)))
        #expect(try named(continued(previous: Array(fact.previous.dropLast(2)) + [0x0a])))
        #expect(try named(Blank()))
        #expect(try named(counted(1).fact))
    }

    /// On a clock that has run back, as at every commit.
    @Test func itsInstantsDoNotRunBack() throws {
        data.clock.advance(milliseconds: -3_600_000)
        let (keys, surroundings) = try next()
        try Register.rotateKey(of: .real, data: data.path, to: keys, data.surroundings())
        #expect(try Register.findings(data: data.path) == [])
        try data.open(surroundings).stop()
    }

    @Test func theSameKeyIsNoNewOne() throws {
        #expect(throws: RegisterError.self) {
            try Register.rotateKey(of: .real, data: data.path, to: data.keys, data.surroundings())
        }
        try data.open().stop()
    }
}

/// What the scribe hangs behind the events.
struct BlankLeafTests {
    @Test func blanksStandBehindTheEventsOfABatch() throws {
        let data = try DataFolder()
        let given = Mutex([3, 0, 2])
        let surroundings = Surroundings(
            clock: WallClock { [data] in data.clock.now }, keys: data.keys,
            blanks: BlankLeaves { given.withLock { $0.isEmpty ? 0 : $0.removeFirst() } })
        let register = try data.open(surroundings)
        #expect(try register.commit { _ in [counted(1)] }.map(\.position) == [1])
        #expect(try register.commit { _ in [counted(2)] }.map(\.position) == [5])
        #expect(try register.commit { _ in [counted(3)] }.map(\.position) == [6])
        // Nothing was appended, nothing is hidden.
        try register.commit { _ in [] }
        #expect(try register.read { try $0.head(of: .real).count } == 9)
        #expect(try register.read { try $0.head(of: .training).count } == 1)
        let facts = try register.read { try $0.events(.real, from: 0, limit: 20) }.map { try Event(canonical: $0).fact }
        #expect(facts.map { $0 is Blank } == [false, false, true, true, true, false, false, true, true])
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    /// The spread is what hides: as large as the mean, and nothing certain.
    @Test func theNumberIsGeometric() throws {
        let draws = try (0..<20_000).map { _ in try BlankLeaves.geometric.draw() }
        let mean = Double(draws.reduce(0, +)) / Double(draws.count)
        let none = Double(draws.filter { $0 == 0 }.count) / Double(draws.count)
        // 171 of 256: a mean of 2.012, and none in 0.332 of all; ten standard errors each way.
        #expect((1.84...2.19).contains(mean), "\(mean)")
        #expect((0.298...0.366).contains(none), "\(none)")
        #expect(draws.allSatisfy { (0...BlankLeaves.most).contains($0) })
    }
}
