import Canonical
import Linux
import Procurement
import SQLite
import Testing

@testable import Records

/// Each fault twice: failed and not persisted, failed but persisted. In both nothing is told that is not true, and the
/// next start finds out what is there.
struct FaultTests {
    let data: DataFolder

    init() throws { data = try DataFolder() }

    static func error(_ code: Int32) -> SQLiteError {
        SQLiteError(operation: "commit", code: code, message: "injected")
    }

    static let ioError: Int32 = 1034  // SQLITE_IOERR_FSYNC
    static let full: Int32 = 13
    static let busy: Int32 = 5

    enum Moment: Sendable, CaseIterable { case notPersisted, persisted }

    /// Fails one COMMIT, or the second mark.
    func durability(commit code: Int32? = nil, mark: Bool = false, _ moment: Moment, turn: Int = 3) -> Durability {
        let (commits, marks) = (Counter(), Counter())
        return Durability(
            commit: { commit in
                commits.add()
                guard let code, commits.value == turn else { return try commit() }
                if moment == .persisted { try commit() }
                throw Self.error(code)
            },
            mark: { write in
                marks.add()
                guard mark, marks.value == 2 else { return try write() }
                if moment == .persisted { try write() }
                throw LinuxError(operation: "fsync", errno: 5)
            })
    }

    /// Commits one event, then eight in the batch that fails while two more wait, and waits until it has.
    func run(_ durability: Durability) throws -> (told: Told, fatal: String) {
        let fatal = Monitor<String?>(nil)
        let register = try data.open(data.surroundings(durability) { reason in fatal.change { $0 = reason } }, batch: 8)
        let told = Told()
        try register.commit { _ in [counted(0)] }
        let gate = Gate(register)
        for number in 1...10 { register.submit(decide: { _ in [counted(number)] }, completion: told.completion(number)) }
        gate.open()
        let reason = fatal.wait { $0 }
        register.stop()
        // Nothing is taken any more.
        register.submit(decide: { _ in [] }, completion: told.completion(99))
        return (told, reason)
    }

    @Test(arguments: Moment.allCases) func anUnknownCommitTellsNobody(_ moment: Moment) throws {
        let (told, reason) = try run(durability(commit: Self.ioError, moment))
        #expect(reason.contains("unknown"))
        #expect(told.now.map(\.0) == [99])
        #expect(told.now[0].1.failure == .stopping)

        let register = try data.open()
        defer { register.stop() }
        let count = try register.read { try $0.head(of: .real).count }
        switch moment {
        case .notPersisted:
            #expect(count == 2)
            #expect(register.recovery.beyondMark == 0)
        case .persisted:
            #expect(count == 10)
            #expect(register.recovery.beyondMark == 8)
        }
        #expect(try register.commit { _ in [counted(9)] }[0].position == count)
        #expect(try register.differences() == [])
    }

    @Test(arguments: Moment.allCases) func aMarkThatFailsAfterACommitTellsNobody(_ moment: Moment) throws {
        let (told, reason) = try run(durability(mark: true, moment))
        #expect(reason.contains("high-water"))
        #expect(told.now.map(\.0) == [99])

        let register = try data.open()
        defer { register.stop() }
        let count = try register.read { try $0.head(of: .real).count }
        #expect(count == 10)
        #expect(register.recovery.beyondMark == (moment == .persisted ? 0 : 8))
        #expect(try register.commit { _ in [counted(9)] }[0].position == count)
    }

    @Test(arguments: [(full, RegisterFailure.full), (busy, .busy)])
    func fullAndBusyAreFailuresAndTheRegisterGoesOn(_ code: Int32, _ failure: RegisterFailure) throws {
        let register = try data.open(data.surroundings(durability(commit: code, .notPersisted, turn: 2)))
        try register.commit { _ in [counted(0)] }
        #expect(throws: failure) {
            try register.commit { transaction in
                try transaction.keep([7])
                return [counted(1)]
            }
        }
        #expect(try register.read { try $0.object(digestOf([7])) } == nil)
        #expect(try register.commit { _ in [counted(2)] }[0].position == 2)
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    /// SQLite is not known to do this; if it did, "failed" would be a lie.
    @Test(arguments: [full, busy]) func aFailureThatPersistedIsNotCalledOne(_ code: Int32) throws {
        let (told, reason) = try run(durability(commit: code, .persisted))
        #expect(reason.contains("is there"))
        #expect(told.now.map(\.0) == [99])
        let register = try data.open()
        #expect(register.recovery.beyondMark == 8)
        register.stop()
    }

    /// No room on the disk, by the database's own limit: every item of the batch fails, reads go on, and so does the
    /// register once there is room.
    @Test func aFullDiskFailsTheBatchAndNothingElse() throws {
        let register = try data.open()
        defer { register.stop() }
        try register.commit { transaction in
            try Self.limitPages(transaction)
            return []
        }
        let told = Told()
        let gate = Gate(register)
        register.submit(decide: { _ in [counted(1)] }, completion: told.completion(1))
        register.submit(
            decide: { transaction in
                try transaction.keep([UInt8](repeating: 1, count: 1 << 20))
                return [counted(2)]
            }, completion: told.completion(2))
        register.submit(decide: { _ in [counted(3)] }, completion: told.completion(3))
        gate.open()
        #expect(told.wait(3).allSatisfy { $0.1.failure == .full })
        #expect(try register.read { try $0.head(of: .real).count } == 1)
        #expect(try register.commit { _ in [counted(4)] }[0].position == 1)
    }

    /// The decision hides that SQLite has undone the whole transaction.
    @Test func aHiddenFailureIsStillOne() throws {
        let register = try data.open()
        defer { register.stop() }
        try register.commit { transaction in
            try Self.limitPages(transaction)
            return []
        }
        let told = Told()
        let gate = Gate(register)
        register.submit(decide: { _ in [counted(1)] }, completion: told.completion(1))
        register.submit(
            decide: { transaction in
                _ = try? transaction.keep([UInt8](repeating: 1, count: 1 << 20))
                throw Refusal(.phase)
            }, completion: told.completion(2))
        register.submit(decide: { _ in [counted(3)] }, completion: told.completion(3))
        gate.open()
        let outcomes = told.wait(3).map(\.1)
        #expect(outcomes.allSatisfy { $0.events.isEmpty } || outcomes[0].events.count == 1)
        let count = try register.read { try $0.head(of: .real).count }
        #expect(count == 1 + Int64(outcomes.flatMap(\.events).count))
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    /// A database of 320 KiB at most.
    static func limitPages(_ transaction: Transaction) throws {
        try transaction.connection.execute("PRAGMA max_page_count=80")
    }
}
