import Canonical
import Foundation
import Linux
import Procurement
import Records
import Synchronization
import Testing

struct ScribeTests {
    let data: DataFolder

    init() throws { data = try DataFolder() }

    /// Counts COMMITs and high-water marks.
    func counting(_ commits: Counter, _ marks: Counter) -> Surroundings {
        data.surroundings(
            Durability(
                commit: { commit in
                    commits.add()
                    try commit()
                },
                mark: { write in
                    marks.add()
                    try write()
                }))
    }

    @Test func aRefusalUndoesItsItemOnly() throws {
        let register = try data.open()
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        register.submit(decide: { _ in [counted(1)] }, completion: told.completion(1))
        register.submit(
            decide: { transaction in
                try transaction.keep([1, 2, 3])
                _ = try transaction.keep(Person(name: "Nobody"))
                throw Refusal(.phase, "no")
            }, completion: told.completion(2))
        register.submit(decide: { _ in [counted(3)] }, completion: told.completion(3))
        gate.open()
        let outcomes = told.wait(3)
        #expect(outcomes.map(\.0) == [1, 2, 3])
        #expect(outcomes[0].1.events.map(\.position) == [1])
        #expect(outcomes[1].1.refusal == Refusal(.phase, "no"))
        #expect(outcomes[2].1.events.map(\.position) == [2])
        #expect(try register.read { try $0.object(digestOf([1, 2, 3])) } == nil)
    }

    /// An item whose second event is against a constraint: its first is undone with it, and its neighbours stand.
    @Test func anItemIsAppendedWholeOrNotAtAll() throws {
        let register = try data.open()
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        register.submit(decide: { _ in [counted(1)] }, completion: told.completion(1))
        register.submit(
            decide: { _ in
                [
                    counted(2),
                    EventDraft(
                        log: .real, fact: UserAdded(user: id(9), account: id(8), roles: [.buyer], person: digest(1))),
                ]
            }, completion: told.completion(2))
        register.submit(decide: { _ in Array(repeating: counted(3), count: 4097) }, completion: told.completion(3))
        register.submit(
            decide: { _ in
                [
                    counted(4),
                    EventDraft(
                        log: .real,
                        fact: OpeningReleased(consultation: id(1), opening: id(2), user: id(3), approvals: [1])),
                ]
            }, completion: told.completion(4))
        register.submit(decide: { _ in [counted(5)] }, completion: told.completion(5))
        gate.open()
        let outcomes = told.wait(5).map(\.1)
        #expect(outcomes[0].events.map(\.position) == [1])
        guard case .invalid = outcomes[1].failure else { return #expect(Bool(false), "\(outcomes[1])") }
        #expect(outcomes[2].failure == .invalid("too many events"))
        #expect(outcomes[3].failure == .invalid("no such opening"))
        #expect(outcomes[4].events.map(\.position) == [2])
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func whatComesTogetherIsCommittedTogether() throws {
        let (commits, marks) = (Counter(), Counter())
        let register = try data.open(counting(commits, marks), batch: 64)
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        for number in 0..<56 {
            register.submit(decide: { _ in [counted(number)] }, completion: told.completion(number))
        }
        gate.open()
        let outcomes = told.wait(56)
        // One for the gate, one for all the others; the gate appended nothing, so no mark was written for it.
        #expect(commits.value == 2)
        #expect(marks.value == 1)
        #expect(outcomes.map(\.0) == Array(0..<56))
        #expect(outcomes.flatMap(\.1.events).map(\.position) == (1...56).map(Int64.init))
    }

    /// Syncs are shared by those who come closely one after the other. A lower bound of time: a slow machine passes.
    @Test func whoFollowsABatchWaitsForOthers() throws {
        let register = try data.open(gathering: 100)
        defer { register.stop() }
        let told = Told()
        let times = Mutex<(follower: Int64, decided: Int64)>((0, 0))
        register.submit(decide: { _ in [counted(1)] }) { _ in
            // On the scribe, before it looks for more: nobody follows closer.
            times.withLock { $0.follower = Clocks.monotonicMilliseconds() }
            register.submit(
                decide: { _ in
                    times.withLock { $0.decided = Clocks.monotonicMilliseconds() }
                    return [counted(2)]
                }, completion: told.completion(2))
        }
        _ = told.wait(1)
        let (follower, decided) = times.withLock { $0 }
        #expect(decided - follower >= 100)
    }

    /// Within 25 ms of a batch an item waits for others, and later it does not: of several tries one shows it, whatever else the
    /// machine does.
    @Test func whoComesLaterDoesNotWait() throws {
        let register = try data.open(gathering: 100)
        defer { register.stop() }
        func latency(after milliseconds: UInt32) throws -> Int64 {
            try register.commit { _ in [counted(0)] }
            usleep(milliseconds * 1000)
            let start = Clocks.monotonicMilliseconds()
            try register.commit { _ in [counted(1)] }
            return Clocks.monotonicMilliseconds() - start
        }
        var (longest, shortest) = (Int64(0), Int64.max)
        for _ in 0..<20 where longest < 90 || shortest >= 50 {
            longest = max(longest, try latency(after: 5))
            shortest = min(shortest, try latency(after: 40))
        }
        #expect(longest >= 90 && shortest < 50)
    }

    @Test func theOrderOfEventsIsTheOrderOfDecisions() throws {
        let (commits, marks) = (Counter(), Counter())
        let register = try data.open(counting(commits, marks))
        let decided = Mutex<[Int]>([])
        let submitters = try (0..<8).map { thread in
            try OSThread.start(name: "submitter") {
                for turn in 0..<50 {
                    let mine = thread * 1000 + turn
                    // As a server would: submit, wait, submit the next.
                    let events = try? register.commit { _ in
                        decided.withLock { $0.append(mine) }
                        return [counted(mine)]
                    }
                    #expect(events?.compactMap(number) == [mine])
                }
            }
        }
        for submitter in submitters { submitter.join() }
        let logged = try register.read { try $0.events(.real, from: 1, limit: 1000) }
            .compactMap { (try Event(canonical: $0).fact as? RefusalsCounted).flatMap { Int($0.source) } }
        #expect(logged.count == 400)
        #expect(logged == decided.withLock { $0 })
        #expect(commits.value <= 400)
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func aLaterItemSeesWhatAnEarlierOneDid() throws {
        let register = try data.open()
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        for attempt in 0..<2 {
            register.submit(
                decide: { transaction in
                    guard try transaction.account(named: "Ville") == nil else { throw Refusal(.alreadyDone) }
                    return [
                        EventDraft(
                            log: .real,
                            fact: AccountCreated(
                                account: id(10 + attempt), kind: .member, name: "Ville", registration: nil))
                    ]
                }, completion: told.completion(attempt))
        }
        gate.open()
        let outcomes = told.wait(2)
        #expect(outcomes[0].1.events.count == 1)
        #expect(outcomes[1].1.refusal?.kind == .alreadyDone)
    }

    @Test func aBarrierComesAfterWhatWasBeforeIt() throws {
        let register = try data.open(batch: 4)
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        for number in 0..<10 {
            register.submit(decide: { _ in [counted(number)] }, completion: told.completion(number))
        }
        register.barrier { failure in
            #expect(failure == nil)
            told.completion(100)(.success([]))
        }
        register.submit(decide: { _ in [counted(11)] }, completion: told.completion(11))
        gate.open()
        #expect(told.wait(12).map(\.0) == Array(0..<10) + [100, 11])
    }

    @Test func tracesHaveALaneOfTheirOwn() throws {
        let register = try data.open(decisions: 20, traces: 3, batch: 8)
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        for number in 0..<5 {
            register.submit(.trace, decide: { _ in [counted(number)] }, completion: told.completion(number))
        }
        // The two too many are told at once, on this thread; a decision still finds room.
        #expect(told.now.map(\.0) == [3, 4])
        #expect(told.now.allSatisfy { $0.1.failure == .overloaded })
        for number in 10..<17 {
            register.submit(decide: { _ in [counted(number)] }, completion: told.completion(number))
        }
        gate.open()
        // A batch of eight: seven decisions, and no more than one trace, behind them.
        #expect(told.wait(12).map(\.0) == [3, 4] + Array(10..<17) + [0, 1, 2])
    }

    @Test func aFullQueueSaysSo() throws {
        let register = try data.open(decisions: 2)
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        for number in 0..<3 { register.submit(decide: { _ in [counted(number)] }, completion: told.completion(number)) }
        #expect(told.now.map(\.0) == [2])
        #expect(told.now[0].1.failure == .overloaded)
        gate.open()
        #expect(told.wait(3).dropFirst().allSatisfy { $0.1.events.count == 1 })
    }

    @Test func stoppingCommitsWhatWasTaken() throws {
        let register = try data.open()
        let told = Told()
        let gate = Gate(register)
        for number in 0..<3 { register.submit(decide: { _ in [counted(number)] }, completion: told.completion(number)) }
        let stopping = try OSThread.start(name: "stop") { register.stop() }
        gate.open()
        stopping.join()
        #expect(told.now.flatMap(\.1.events).count == 3)
        register.submit(decide: { _ in [counted(9)] }, completion: told.completion(9))
        #expect(told.now.last?.1.failure == .stopping)
    }
}

final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}
