import Linux
import Procurement
import Records
import Synchronization
import Testing

struct FolderSyncTests {
    let data: DataFolder
    struct Broken: Error {}

    init() throws { data = try DataFolder() }

    func submit(_ register: Register, _ number: Int, _ folders: [FolderSync], _ told: Told) {
        register.submit(after: folders, decide: { _ in [counted(number)] }, completion: told.completion(number))
    }

    @Test func eachFolderIsSyncedOnceABatch() throws {
        let register = try data.open()
        defer { register.stop() }
        let (first, second) = (Counter(), Counter())
        let told = Told()
        let gate = Gate(register)
        for number in 0..<10 {
            submit(
                register, number,
                [FolderSync("a") { first.add() }] + (number == 3 ? [FolderSync("b") { second.add() }] : []), told)
        }
        gate.open()
        #expect(told.wait(10).allSatisfy { $0.1.events.count == 1 })
        #expect(first.value == 1)
        #expect(second.value == 1)
    }

    @Test func theSyncComesBeforeTheDecision() throws {
        let register = try data.open()
        defer { register.stop() }
        let steps = Mutex<[String]>([])
        try register.commit(after: [FolderSync("a") { steps.withLock { $0.append("sync") } }]) { _ in
            steps.withLock { $0.append("decide") }
            return [counted(1)]
        }
        #expect(steps.withLock { $0 } == ["sync", "decide"])
    }

    @Test func aFailedSyncRefusesOnlyWhoNeedsIt() throws {
        let register = try data.open()
        defer { register.stop() }
        let told = Told()
        let gate = Gate(register)
        submit(register, 0, [FolderSync("good") {}], told)
        submit(register, 1, [FolderSync("good") {}, FolderSync("bad") { throw Broken() }], told)
        submit(register, 2, [], told)
        submit(register, 3, [FolderSync("bad") { throw Broken() }], told)
        gate.open()
        let outcomes = told.wait(4).map(\.1)
        #expect(outcomes[0].events.map(\.position) == [1])
        #expect(outcomes[1].failure == .unsynced(folder: "bad"))
        #expect(outcomes[2].events.map(\.position) == [2])
        #expect(outcomes[3].failure == .unsynced(folder: "bad"))
    }

    /// The kernel reports a lost write once. Files made before that are not vouched for by a later sync that succeeds.
    @Test func afterAFailureASyncProvesNothingOfWhatWasBefore() throws {
        let register = try data.open()
        defer { register.stop() }
        let fails = Mutex(true)
        @Sendable func sync() throws { if fails.withLock({ $0 }) { throw Broken() } }
        let before = FolderSync("a", sync)
        #expect(throws: RegisterFailure.unsynced(folder: "a")) {
            try register.commit(after: [FolderSync("a", sync)]) { _ in [counted(1)] }
        }
        fails.withLock { $0 = false }
        #expect(throws: RegisterFailure.unsynced(folder: "a")) {
            try register.commit(after: [before]) { _ in [counted(2)] }
        }
        #expect(try register.commit(after: [FolderSync("a", sync)]) { _ in [counted(3)] }[0].position == 1)
        #expect(try register.commit(after: [FolderSync("b", sync)]) { _ in [counted(4)] }[0].position == 2)
    }

    @Test func aRealFolderIsSynced() throws {
        let register = try data.open()
        defer { register.stop() }
        let folder = try DurableFolder(path: data.path)
        #expect(try register.commit(after: [FolderSync("data", folder)]) { _ in [counted(1)] }.count == 1)
    }
}
