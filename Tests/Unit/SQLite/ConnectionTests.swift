import Foundation
import SQLite
import Testing

/// A folder that goes with the test.
final class Place {
    let folder: URL
    var path: String { folder.appendingPathComponent("test.sqlite").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sqlite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func connection(_ mode: Connection.Mode = .create, busyMilliseconds: Int32 = 0) throws -> Connection {
        try Connection(path: path, mode, busyMilliseconds: busyMilliseconds)
    }

    func table() throws -> Connection {
        let connection = try connection()
        try connection.execute("CREATE TABLE thing(id INTEGER PRIMARY KEY, name TEXT UNIQUE, bytes BLOB) STRICT")
        return connection
    }

    func walBytes() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? -1
    }
}

struct ConnectionTests {
    let place: Place

    init() throws { place = try Place() }

    @Test func onlyCreateMakesAFile() throws {
        #expect { try place.connection(.readWrite) } throws: { ($0 as? SQLiteError)?.code == 14 }
        #expect { try place.connection(.readOnly) } throws: { ($0 as? SQLiteError)?.code == 14 }
        #expect(!FileManager.default.fileExists(atPath: place.path))
        _ = try place.connection(.create)
        _ = try place.connection(.readWrite)
    }

    @Test func settingsAreThoseOfARegister() throws {
        let connection = try place.connection()
        #expect(try connection.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
        #expect(try connection.first("PRAGMA synchronous") { $0.integer(0) } == 2)
        #expect(try connection.first("PRAGMA foreign_keys") { $0.integer(0) } == 1)
        #expect(try connection.first("PRAGMA trusted_schema") { $0.integer(0) } == 0)
        #expect(try connection.first("PRAGMA secure_delete") { $0.integer(0) } == 1)
    }

    @Test func defensive() throws {
        let connection = try place.table()
        try connection.execute("PRAGMA writable_schema=ON")
        #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM sqlite_schema") }
        // A text in double quotes is a name, never a string.
        #expect(throws: SQLiteError.self) { try connection.execute(#"INSERT INTO thing(name) VALUES("a")"#) }
    }

    @Test func valuesComeBackAsTheyWent() throws {
        let connection = try place.table()
        let texts = ["", "é", "e\u{301}", "a\u{0}b", "🏫", String(repeating: "x", count: 100_000)]
        for text in texts {
            try connection.run("INSERT INTO thing(name, bytes) VALUES(?, ?)", .text(text), .blob(Array(text.utf8)))
        }
        let back = try connection.all("SELECT name, bytes FROM thing ORDER BY id") { ($0.text(0), $0.blob(1)) }
        #expect(back.map { Array($0.0.utf8) } == texts.map { Array($0.utf8) })
        #expect(back.map(\.1) == texts.map { Array($0.utf8) })
        try connection.run("INSERT INTO thing(id, name) VALUES(?, ?)", .integer(.min), .null)
        let last = try connection.first("SELECT id, name, bytes FROM thing ORDER BY id LIMIT 1") {
            ($0.integer(0), $0.optionalText(1), $0.optionalBlob(2), $0.value(2))
        }
        #expect(last?.0 == .min && last?.1 == nil && last?.2 == nil && last?.3 == .null)
        #expect(connection.lastInserted == .min)
        #expect(connection.changes == 1)
    }

    @Test func tablesAreStrict() throws {
        let connection = try place.table()
        #expect { try connection.run("INSERT INTO thing(id, bytes) VALUES(1, ?)", .text("text")) } throws: {
            ($0 as? SQLiteError)?.kind == .constraint
        }
    }

    @Test func aQueryWithinTheSameQuery() throws {
        let connection = try place.table()
        for id in 1...3 { try connection.run("INSERT INTO thing(id) VALUES(?)", .integer(Int64(id))) }
        let sql: StaticString = "SELECT id FROM thing ORDER BY id"
        let pairs = try connection.all(sql) { outer in
            (outer.integer(0), try connection.all(sql) { $0.integer(0) })
        }
        #expect(pairs.map(\.0) == [1, 2, 3])
        #expect(pairs.allSatisfy { $0.1 == [1, 2, 3] })
    }

    @Test func aReaderThatThrowsLeavesTheStatementUsable() throws {
        struct Stop: Error {}
        let connection = try place.table()
        try connection.run("INSERT INTO thing(id) VALUES(1)")
        let sql: StaticString = "SELECT id FROM thing"
        #expect(throws: Stop.self) { try connection.run(sql) { _ in throw Stop() } }
        #expect(try connection.all(sql) { $0.integer(0) } == [1])
        // No read transaction was left open: the log can be emptied.
        try connection.checkpoint()
    }

    @Test func readOnlyWritesNothing() throws {
        let writer = try place.table()
        try writer.run("INSERT INTO thing(id) VALUES(1)")
        let reader = try place.connection(.readOnly)
        #expect(try reader.first("SELECT count(*) FROM thing") { $0.integer(0) } == 1)
        #expect(throws: SQLiteError.self) { try reader.execute("DELETE FROM thing") }
        #expect(throws: SQLiteError.self) { try reader.execute("PRAGMA query_only=OFF; DELETE FROM thing") }
        #expect(try writer.first("SELECT count(*) FROM thing") { $0.integer(0) } == 1)
    }

    @Test func aReaderKeepsItsSnapshot() throws {
        let writer = try place.table()
        let reader = try place.connection(.readOnly)
        try reader.beginReading()
        #expect(try reader.first("SELECT count(*) FROM thing") { $0.integer(0) } == 0)
        try writer.run("INSERT INTO thing(id) VALUES(1)")
        #expect(try reader.first("SELECT count(*) FROM thing") { $0.integer(0) } == 0)
        try reader.rollback()
        #expect(try reader.first("SELECT count(*) FROM thing") { $0.integer(0) } == 1)
    }

    @Test func aCheckpointEmptiesTheLog() throws {
        let connection = try place.table()
        try connection.run("INSERT INTO thing(id) VALUES(1)")
        #expect(try place.walBytes() > 0)
        try connection.checkpoint()
        #expect(try place.walBytes() == 0)
        #expect(try connection.first("SELECT count(*) FROM thing") { $0.integer(0) } == 1)
    }

    @Test func aCheckpointThatAReaderHoldsUpFails() throws {
        let connection = try place.table()
        let reader = try place.connection(.readOnly)
        try reader.beginReading()
        _ = try reader.first("SELECT count(*) FROM thing") { $0.integer(0) }
        try connection.run("INSERT INTO thing(id) VALUES(1)")
        #expect { try connection.checkpoint() } throws: { ($0 as? SQLiteError)?.kind == .busy }
    }

    @Test func theTemporaryDatabaseIsPrivate() throws {
        let connection = try Connection(path: "", .temporary)
        try connection.execute("CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT")
        let other = try Connection(path: "", .temporary)
        #expect(throws: SQLiteError.self) { try other.execute("SELECT * FROM thing") }
    }
}
