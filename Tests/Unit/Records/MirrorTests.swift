import Canonical
import Foundation
import Linux
import Procurement
import SQLite
import Testing

@testable import Records

/// A second register, one commit behind at most.
struct MirrorTests {
    let data: DataFolder
    let folder: URL

    init() throws {
        data = try DataFolder()
        folder = data.url.appendingPathComponent("mirror")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func mirror(_ policy: Mirror.Policy = .alarm) -> Mirror {
        Mirror(path: folder.path, whenLost: policy, clock: WallClock { [clock = data.clock] in clock.now })
    }

    private func open(_ mirror: Mirror, _ surroundings: Surroundings? = nil) throws -> Register {
        try Register(
            data: data.path, mirror: mirror, limits: RegisterLimits(decisions: 100, traces: 100, batch: 8, readers: 2),
            surroundings ?? data.surroundings())
    }

    private var state: String {
        get throws { folder.path + "/" + (try #require(try MirrorRecord.read(DurableFolder(path: folder.path))).state) }
    }

    /// Every row of record, in order.
    private func rows(_ path: String) throws -> [[Value]] {
        let connection = try Connection(path: path, .readOnly)
        let queries: [StaticString] = [
            "SELECT * FROM event ORDER BY sequence", "SELECT * FROM head ORDER BY log, generation",
            "SELECT * FROM tile ORDER BY log, generation, level, number", "SELECT * FROM publication ORDER BY log, generation, size",
            "SELECT * FROM object ORDER BY digest", "SELECT * FROM person ORDER BY digest", "SELECT * FROM sample ORDER BY number",
        ]
        return try queries.flatMap { try connection.all($0) { row in (0..<row.count).map { row.value($0) } } }
    }

    private func isSame() throws -> Bool {
        try rows(data.database) == rows(Register.path(state))
    }

    @Test func eachCommitIsInItAndWhatWasUndoneIsNot() throws {
        let mirror = mirror()
        let register = try open(mirror)
        #expect(try isSame() && mirror.status == .catchingUp)
        _ = try Story(in: register)
        // More than a tile, an object, a person that is erased.
        for number in 0..<300 { try register.commit { _ in [counted(number)] } }
        #expect(throws: Refusal.self) {
            try register.commit { transaction in
                try transaction.keep([9, 9, 9])
                throw Refusal(.phase)
            }
        }
        let person = Monitor(Digest.zero)
        try register.commit { transaction in
            let digest = try transaction.keep(Person(name: "Zoé"))
            person.change { $0 = digest }
            return []
        }
        #expect(try isSame())
        try register.commit { transaction in
            try transaction.erase(person: person.change { $0 })
            try transaction.publishHeads()
            return []
        }
        #expect(try isSame())
        register.stop()
        #expect(try Register.mirrorFindings(data: data.path, mirror: folder.path, isRunning: false) == [])
        // The next start goes on with it.
        let before = try state
        let again = try open(self.mirror())
        try again.commit { _ in [counted(1)] }
        #expect(try isSame() && state == before)
        again.stop()
    }

    @Test func aKillBetweenTheTwoCommitsLeavesItOneBehind() throws {
        let commits = Counter()
        let fatal = Monitor<String?>(nil)
        let register = try open(
            mirror(),
            data.surroundings(
                Durability(
                    commit: { commit in
                        commits.add()
                        try commit()
                        if commits.value == 2 { throw FaultTests.error(FaultTests.ioError) }
                    }, mark: { try $0() })
            ) { reason in fatal.change { $0 = reason } })
        try register.commit { _ in [counted(1)] }
        register.submit(decide: { _ in [counted(2)] })
        _ = fatal.wait { $0 }
        register.stop()
        #expect(try !isSame())
        #expect(try Register.mirrorFindings(data: data.path, mirror: folder.path, isRunning: false).count == 1)
        #expect(try Register.mirrorFindings(data: data.path, mirror: folder.path, isRunning: true) == [])
        let again = try open(mirror())
        #expect(try isSame())
        again.stop()
    }

    @Test func itIsBroughtUpBesideTheScribe() throws {
        let away = data.url.appendingPathComponent("away")
        try FileManager.default.moveItem(at: folder, to: away)
        let mirror = mirror()
        let register = try open(mirror)
        defer { register.stop() }
        #expect(mirror.status == .lost)
        guard case .lost(let news)? = mirror.takeNews().first else {
            Issue.record("no news")
            return
        }
        #expect(news.cause == "missing")
        try register.commit { _ in [counted(1)] }
        #expect(throws: LinuxError.self) { try register.bringUpMirror() }
        try FileManager.default.moveItem(at: away, to: folder)
        // Commits go on meanwhile.
        for number in 0..<50 { register.submit(decide: { _ in [counted(number)] }) }
        try register.bringUpMirror()
        for number in 0..<50 { try register.commit { _ in [counted(number)] } }
        #expect(try isSame() && mirror.status == .catchingUp)
        let epoch = try #require(mirror.envelopes).epoch
        mirror.complete(epoch: epoch - 1)
        #expect(mirror.status == .catchingUp)
        mirror.complete(epoch: epoch)
        guard case .regained? = mirror.takeNews().first, mirror.status == .there else {
            Issue.record("not regained")
            return
        }
    }

    /// A row of the mirror's that is not as it was: the change does not fit.
    private func spoil() throws {
        try Connection(path: Register.path(state), .readWrite).execute("UPDATE head SET note = x'00'")
    }

    @Test func withAlarmALossIsNobodysFault() throws {
        let mirror = mirror()
        let register = try open(mirror)
        defer { register.stop() }
        mirror.complete(epoch: try #require(mirror.envelopes).epoch)
        try spoil()
        try register.commit { _ in [counted(1)] }
        #expect(mirror.status == .lost && mirror.takeNews().count == 1)
        try register.commit { _ in [counted(2)] }
        // Damaged, it is not taken again, nor written over.
        #expect(throws: MirrorError.self) { try register.bringUpMirror() }
        #expect(mirror.takeNews().isEmpty)
    }

    @Test func withStopNothingIsDecidedWithoutIt() throws {
        let mirror = mirror(.stop)
        let register = try open(mirror)
        defer { register.stop() }
        #expect(throws: RegisterFailure.mirror) { try register.commit { _ in [counted(1)] } }
        mirror.complete(epoch: try #require(mirror.envelopes).epoch)
        try register.commit { _ in [counted(1)] }
        let count = try register.read { try $0.head(of: .real).count }
        try spoil()
        #expect(throws: RegisterFailure.mirror) { try register.commit { _ in [counted(2)] } }
        #expect(throws: RegisterFailure.mirror) { try register.commit { _ in [counted(3)] } }
        #expect(try register.read { try $0.head(of: .real).count } == count)
        // Traces acknowledge nothing.
        try register.commit(.trace) { _ in [counted(4)] }
        #expect(try register.read { try $0.head(of: .real).count } == count + 1)
    }

    @Test func aLongerMirrorOrAnotherPastStopsTheStart() throws {
        let older = try data.backup()
        let mark = try Data(contentsOf: data.mark)
        let register = try open(mirror())
        try register.commit { _ in [counted(1)] }
        register.stop()
        try data.restore(older)
        try mark.write(to: data.mark)
        #expect(throws: MirrorError.self) { try open(mirror()) }
        #expect { try open(mirror()) } throws: { if case .longer(.real, 1, 2)? = $0 as? MirrorError { true } else { false } }
        // It goes its own way.
        let alone = try data.open()
        for number in 5..<9 { try alone.commit { _ in [counted(number)] } }
        alone.stop()
        #expect { try open(mirror()) } throws: { ($0 as? MirrorError) == .different(.real) }
        #expect(try rows(Register.path(state)).count > 0)
    }

    @Test func whatIsNoMirrorOfThisVaultIsNotTouched() throws {
        try "x".write(to: folder.appendingPathComponent("letter.txt"), atomically: false, encoding: .utf8)
        #expect { try open(mirror()) } throws: { if case .stranger? = $0 as? MirrorError { true } else { false } }
        try FileManager.default.removeItem(at: folder.appendingPathComponent("letter.txt"))
        let other = try DataFolder()
        let strange = MirrorRecord(instance: id(77), number: 1, whenLost: .alarm)
        try DurableFolder(path: folder.path).replace(MirrorRecord.file, with: strange.canonicalBytes)
        #expect { try open(mirror()) } throws: { if case .stranger? = $0 as? MirrorError { true } else { false } }
        _ = other
    }

    @Test func theRestoredRegisterIsWhole() throws {
        let register = try open(mirror())
        _ = try Story(in: register)
        register.stop()
        let restored = try DataFolder()
        try FileManager.default.removeItem(at: restored.url)
        for name in ["register", "high-water"] {
            try FileManager.default.createDirectory(at: restored.url.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        let made = try Register.restore(state: state, to: restored.path)
        #expect(made.events > 10)
        #expect(try !Register.mark(data: restored.path, highWater: DurableFolder(path: restored.path + "/high-water")))
        #expect(try Register.mark(data: restored.path, highWater: DurableFolder(path: restored.path + "/high-water")))
        #expect(try Register.findings(data: restored.path, instance: data.instance) == [])
        #expect(try rows(restored.database) == rows(data.database))
    }

    @Test func theSpecificationsExampleIsRead() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Records/Records.docc/Mirror.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let example = try #require(text.components(separatedBy: "```json\n").dropFirst().first?.components(separatedBy: "\n```").first)
        let record = try MirrorRecord(canonical: Array(example.utf8))
        #expect(record.state == "state-1" && record.whenLost == .stop)
        for (part, other) in [("state-1", "state-0"), ("state-1", "state-01"), ("state-1", "../x"), ("stop", "go")] {
            #expect(throws: CanonicalError.self) { try MirrorRecord(canonical: Array(example.replacing(part, with: other).utf8)) }
        }
    }
}
