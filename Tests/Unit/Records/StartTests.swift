import Canonical
import Foundation
import Procurement
import SQLite
import Testing

@testable import Records

/// What a start refuses, and what it mends.
struct StartTests {
    let data: DataFolder

    init() throws {
        data = try DataFolder()
        let register = try data.open()
        for number in 1...3 { try register.commit { _ in [counted(number)] } }
        register.stop()
    }

    func refusal() -> RegisterError? {
        do {
            try data.open().stop()
            return nil
        } catch {
            return error as? RegisterError
        }
    }

    func rewrite(_ file: String, _ change: (String) -> String) throws {
        let url = data.url.appendingPathComponent(file)
        try change(String(contentsOf: url, encoding: .utf8)).write(to: url, atomically: true, encoding: .utf8)
    }

    @Test func onlyInitMakesARegister() throws {
        let empty = data.url.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: false)
        #expect { try Instance.read(data: empty.path) } throws: { "\($0)".contains("sceaud init") }
        #expect(throws: RegisterError.self) {
            try Register(
                data: empty.path, limits: RegisterLimits(decisions: 1, traces: 1, batch: 2, readers: 1),
                data.surroundings())
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty.path) == [])
        // And never over one that is there.
        #expect(throws: (any Error).self) {
            try Register.create(data: data.path, instance: data.instance, data.surroundings())
        }
        #expect(refusal() == nil)
    }

    @Test func aFolderOfAnotherVersionIsRefused() throws {
        try rewrite("instance.json") { $0.replacingOccurrences(of: #""layout":2"#, with: #""layout":3"#) }
        guard case .newer("data folder", 3, 2) = refusal() else { return #expect(Bool(false)) }
        // The one whose logs were chains.
        try rewrite("instance.json") { $0.replacingOccurrences(of: #""layout":3"#, with: #""layout":1"#) }
        guard case .older("data folder", 1, 2) = refusal() else { return #expect(Bool(false)) }
    }

    @Test func aRegisterOfAnotherVersionIsRefused() throws {
        try data.tamper { try $0.execute("PRAGMA user_version=3") }
        guard case .newer("register", 3, 2) = refusal() else { return #expect(Bool(false)) }
        try data.tamper { try $0.execute("PRAGMA user_version=1") }
        guard case .older("register", 1, 2) = refusal() else { return #expect(Bool(false)) }
        try data.tamper { try $0.execute("PRAGMA application_id=1") }
        guard case .unreadable("register", _) = refusal() else { return #expect(Bool(false)) }
    }

    @Test func aRegisterThatIsMissingIsNotMadeAnew() throws {
        try FileManager.default.removeItem(atPath: data.database)
        guard case .unreadable("register", _) = refusal() else { return #expect(Bool(false)) }
        #expect(!FileManager.default.fileExists(atPath: data.database))
    }

    /// What only the log of SQLite holds may be in the memory of a kernel that has dropped a failed write.
    @Test func nothingIsReadBeforeItIsInTheDatabase() throws {
        let other = try Connection(path: data.database, .readWrite)
        try other.execute("INSERT INTO object(digest, bytes) VALUES(zeroblob(32), x'00')")
        let log = data.database + "-wal"
        #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int != 0)
        try data.opened { _ throws -> Void in
            #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == 0)
        }
        // The other connection lives until here, or closing it would have emptied the log.
        #expect(!other.isInTransaction)
    }

    // MARK: The high-water mark

    @Test func withoutAMarkThereIsNoStart() throws {
        try FileManager.default.removeItem(at: data.mark)
        guard case .unreadable("high-water mark", _) = refusal() else { return #expect(Bool(false)) }
    }

    @Test(arguments: ["", "{}", "null", #"{"format":"sceau/high-water/1"}"#]) func aMarkMustBeOne(_ text: String) throws
    {
        try rewrite("high-water/mark.json") { _ in text }
        guard case .unreadable("high-water mark", _) = refusal() else { return #expect(Bool(false)) }
    }

    @Test func theMarkOfAnotherInstanceIsRefused() throws {
        try rewrite("high-water/mark.json") { $0.replacingOccurrences(of: id(1).text, with: id(2).text) }
        guard case .stranger = refusal() else { return #expect(Bool(false)) }
    }

    @Test func anOlderCopyOfTheRegisterIsRefused() throws {
        let backup = try data.backup()
        let register = try data.open()
        try register.commit { _ in [counted(4)] }
        register.stop()
        try data.restore(backup)
        guard case .shorter(.real, register: 4, mark: 5) = refusal() else { return #expect(Bool(false)) }
        #expect(refusal()?.description.contains("older copy") == true)
    }

    /// Put back, and written to by a daemon that did not look: as long as the mark, but not what was acknowledged.
    @Test func anOlderCopyThatWentItsOwnWayIsRefused() throws {
        let (backup, mark) = (try data.backup(), try Data(contentsOf: data.mark))
        var register = try data.open()
        try register.commit { _ in [counted(4)] }
        register.stop()
        let acknowledged = try Data(contentsOf: data.mark)
        try data.restore(backup)
        try mark.write(to: data.mark)
        register = try data.open()
        try register.commit { _ in [counted(5)] }
        register.stop()
        try acknowledged.write(to: data.mark)
        guard case .different(.real, position: 5) = refusal() else { return #expect(Bool(false)) }
    }

    /// One commit above the mark is what a crash leaves; two are not.
    @Test func aMarkThatIsOneCommitBehindIsBroughtUp() throws {
        let mark = try Data(contentsOf: data.mark)
        var register = try data.open()
        try register.commit { _ in [counted(4), counted(5, .training), counted(6)] }
        register.stop()
        let after = try Data(contentsOf: data.mark)
        try mark.write(to: data.mark)
        register = try data.open()
        #expect(register.recovery.beyondMark == 3)
        register.stop()
        #expect(try Data(contentsOf: data.mark) == after)
        #expect(try data.opened { $0.recovery.beyondMark } == 0)

        register = try data.open()
        try register.commit { _ in [counted(7)] }
        register.stop()
        try mark.write(to: data.mark)
        guard case .longer(.real, register: 7, mark: 4) = refusal() else {
            return #expect(Bool(false), "\(String(describing: refusal()))")
        }
    }

    // MARK: Events

    @Test(arguments: [
        ("UPDATE event SET bytes = bytes || x'20' WHERE log = 'real' AND position = 2", Int64(2)),
        ("UPDATE event SET leaf = zeroblob(32) WHERE log = 'real' AND position = 1", 1),
        ("DELETE FROM event WHERE log = 'real' AND position = 2", 2),
        ("UPDATE event SET position = 9 WHERE log = 'real' AND position = 3", 3),
        ("DELETE FROM event WHERE log = 'real' AND position = 3", 3),
    ]) func anAlteredEventIsNamed(_ sql: String, _ position: Int64) throws {
        try tamper(sql)
        guard case .broken(.real, position) = refusal() else {
            return #expect(Bool(false), "\(String(describing: refusal()))")
        }
        #expect(try Register.findings(data: data.path) == ["event \(position) of the log real is missing or altered"])
    }

    @Test(arguments: [
        "UPDATE head SET root = zeroblob(32) WHERE log = 'real'", "UPDATE head SET count = 9 WHERE log = 'real'",
        "DELETE FROM head WHERE log = 'real'",
        "UPDATE head SET note = (SELECT note FROM head WHERE log = 'training') WHERE log = 'real'",
        "UPDATE head SET note = x'00' WHERE log = 'real'",
        "UPDATE tile SET hashes = zeroblob(128) WHERE log = 'real'",
        "DELETE FROM tile WHERE log = 'real'",
    ]) func aHeadThatIsNotThatOfItsTreeIsRefused(_ sql: String) throws {
        try tamper(sql)
        guard case .head(.real) = refusal() else { return #expect(Bool(false), "\(String(describing: refusal()))") }
        #expect(try !Register.findings(data: data.path).isEmpty)
    }

    @Test func eventsAndObjectsCannotBeRewrittenInPassing() throws {
        let connection = try Connection(path: data.database, .readWrite)
        for sql: StaticString in ["UPDATE event SET bytes = x'00'", "DELETE FROM event"] {
            #expect(throws: SQLiteError.self) { try connection.execute(sql) }
        }
    }

    private func tamper(_ sql: String) throws {
        // SQL of these tests is chosen by an argument, which a literal cannot be.
        let all: [String: StaticString] = [
            "UPDATE event SET bytes = bytes || x'20' WHERE log = 'real' AND position = 2":
                "UPDATE event SET bytes = CAST(bytes || x'20' AS BLOB) WHERE log = 'real' AND position = 2",
            "UPDATE event SET leaf = zeroblob(32) WHERE log = 'real' AND position = 1":
                "UPDATE event SET leaf = zeroblob(32) WHERE log = 'real' AND position = 1",
            "DELETE FROM event WHERE log = 'real' AND position = 2":
                "DELETE FROM event WHERE log = 'real' AND position = 2",
            "UPDATE event SET position = 9 WHERE log = 'real' AND position = 3":
                "UPDATE event SET position = 9 WHERE log = 'real' AND position = 3",
            "UPDATE head SET root = zeroblob(32) WHERE log = 'real'":
                "UPDATE head SET root = zeroblob(32) WHERE log = 'real'",
            "UPDATE head SET count = 9 WHERE log = 'real'": "UPDATE head SET count = 9 WHERE log = 'real'",
            "DELETE FROM head WHERE log = 'real'": "DELETE FROM head WHERE log = 'real'",
            "UPDATE head SET note = (SELECT note FROM head WHERE log = 'training') WHERE log = 'real'":
                "UPDATE head SET note = (SELECT note FROM head WHERE log = 'training') WHERE log = 'real'",
            "UPDATE head SET note = x'00' WHERE log = 'real'": "UPDATE head SET note = x'00' WHERE log = 'real'",
            "UPDATE tile SET hashes = zeroblob(128) WHERE log = 'real'":
                "UPDATE tile SET hashes = zeroblob(128) WHERE log = 'real'",
            "DELETE FROM tile WHERE log = 'real'": "DELETE FROM tile WHERE log = 'real'",
            "DELETE FROM event WHERE log = 'real' AND position = 3":
                "DELETE FROM event WHERE log = 'real' AND position = 3",
        ]
        let literal = try #require(all[sql])
        try data.tamper { try $0.execute(literal) }
    }
}
