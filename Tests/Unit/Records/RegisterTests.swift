import Canonical
import OpenSSL
import Procurement
import Synchronization
import Testing

@testable import Records

struct RegisterTests {
    let data: DataFolder

    init() throws { data = try DataFolder() }

    @Test func aNewRegisterHoldsTheFirstEventOfEachLog() throws {
        let register = try data.open()
        defer { register.stop() }
        #expect(register.instance == data.instance)
        #expect(register.recovery == Recovery(beyondMark: 0, viewsRebuilt: false))
        for log in Log.allCases {
            let events = try register.read { try $0.events(log, from: 0, limit: 10) }
            #expect(events.count == 1)
            let event = try Event(canonical: #require(events.first))
            #expect((event.fact as? LogOpened)?.instance == data.instance.id)
            #expect(event.log == log)
        }
    }

    @Test func committedEventsAreLeavesOfATree() throws {
        let register = try data.open()
        defer { register.stop() }
        let first = try register.commit { _ in [counted(1), counted(2, .training)] }
        let second = try register.commit { _ in [counted(3)] }
        #expect(first.map(\.log) == [.real, .training])
        #expect(first.map(\.position) == [1, 1])
        #expect(second.map(\.position) == [2])
        for event in first + second {
            #expect(event.leaf == Digest(SHA256.hash([0] + event.bytes)))
            #expect(try register.read { try $0.event(event.log, at: event.position) } == event.bytes)
            let decoded = try Event(canonical: event.bytes)
            #expect(decoded.at == event.at && decoded.nonce.count == 16)
        }
        // The tree, by hand.
        let leaves = try register.read { try $0.events(.real, from: 0, limit: 10) }.map { Digest(SHA256.hash([0] + $0)) }
        func node(_ left: Digest, _ right: Digest) -> Digest { Digest(SHA256.hash([1] + left.bytes + right.bytes)) }
        let root = node(node(leaves[0], leaves[1]), leaves[2])
        #expect(try register.read { try $0.head(of: .real) } == LogHead(count: 3, generation: 1, root: root))
    }

    @Test func noncesDiffer() throws {
        let register = try data.open()
        defer { register.stop() }
        let events = try register.commit { _ in [counted(1), counted(1)] }
        #expect(events[0].bytes != events[1].bytes)
        #expect(events[0].leaf != events[1].leaf)
    }

    @Test func instantsNeverRunBack() throws {
        let register = try data.open()
        defer { register.stop() }
        data.clock.advance(milliseconds: 60_000)
        let ahead = data.clock.now
        #expect(try register.commit { _ in [counted(1)] }[0].at == ahead)
        data.clock.advance(milliseconds: -50_000)
        let seen = Mutex<(now: Instant, at: Instant)?>(nil)
        let back = data.clock.now
        let event = try register.commit { transaction in
            seen.withLock { $0 = (transaction.now, transaction.at) }
            return [counted(2)]
        }[0]
        #expect(event.at == ahead)
        #expect(seen.withLock { $0?.now } == back)
        #expect(seen.withLock { $0?.at } == ahead)
        data.clock.advance(milliseconds: 50_001)
        #expect(try register.commit { _ in [counted(3)] }[0].at.milliseconds == ahead.milliseconds + 1)
    }

    @Test func instantsDoNotRunBackOverARestart() throws {
        var register = try data.open()
        data.clock.advance(milliseconds: 60_000)
        let ahead = data.clock.now
        try register.commit { _ in [counted(1, .training)] }
        register.stop()
        data.clock.advance(milliseconds: -60_000)
        register = try data.open()
        #expect(try register.commit { _ in [counted(2)] }[0].at == ahead)
        register.stop()
    }

    @Test func aRestartGoesOnWhereItStopped() throws {
        for round in 1...3 {
            let register = try data.open()
            #expect(register.recovery.beyondMark == 0)
            let event = try register.commit { _ in [counted(round)] }[0]
            #expect(event.position == Int64(round))
            register.stop()
        }
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func objectsAreNamedByTheirDigest() throws {
        let register = try data.open()
        defer { register.stop() }
        let object = Array("capsule".utf8)
        try register.commit { transaction in
            let first = try transaction.keep(object)
            let again = try transaction.keep(object)
            #expect(first == again)
            #expect(try transaction.object(first) == object)
            return []
        }
        #expect(try register.read { try $0.object(Digest(SHA256.hash(object))) } == object)
        #expect(try register.read { try $0.object(.zero) } == nil)
    }

    @Test func aPersonCanBeErasedAndTheLogStillHolds() throws {
        let register = try data.open()
        let kept = Mutex<[Digest]>([])
        try register.commit { transaction in
            // The same name twice: the salt keeps the two apart.
            let persons = try (0..<2).map { _ in try transaction.keep(Person(name: "Ada")) }
            kept.withLock { $0 = persons }
            return [
                EventDraft(
                    log: .real, fact: AccountCreated(account: id(2), kind: .holder, name: "Agglo", registration: nil)),
                EventDraft(
                    log: .real, fact: UserAdded(user: id(3), account: id(2), roles: [.buyer], person: persons[0])),
            ]
        }
        let persons = kept.withLock { $0 }
        #expect(persons[0] != persons[1])
        #expect(try register.read { try $0.person(persons[0])?.name } == "Ada")
        try register.commit { transaction in
            try transaction.erase(person: persons[0])
            return []
        }
        #expect(try register.read { try $0.person(persons[0]) } == nil)
        #expect(try register.read { try $0.person(persons[1])?.name } == "Ada")
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
        try data.open().stop()
    }

    @Test func aReaderSeesOneMoment() throws {
        let register = try data.open()
        defer { register.stop() }
        try register.read { snapshot throws -> Void in
            let before = try snapshot.head(of: .real)
            try register.commit { _ in [counted(1)] }
            #expect(try snapshot.head(of: .real) == before)
        }
        #expect(try register.read { try $0.head(of: .real).count } == 2)
    }
}
