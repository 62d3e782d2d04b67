import SQLite
import Testing

struct TransactionTests {
    struct Stop: Error {}
    let place: Place
    let connection: Connection

    init() throws {
        place = try Place()
        connection = try place.table()
    }

    func add(_ id: Int64) throws { try connection.run("INSERT INTO thing(id) VALUES(?)", .integer(id)) }
    func ids() throws -> [Int64] { try connection.all("SELECT id FROM thing ORDER BY id") { $0.integer(0) } }

    @Test func allOrNothing() throws {
        try connection.transaction {
            try add(1)
            try add(2)
        }
        #expect(throws: Stop.self) {
            try connection.transaction {
                try add(3)
                throw Stop()
            }
        }
        #expect(try ids() == [1, 2])
        #expect(!connection.isInTransaction)
    }

    @Test func aSavepointUndoesOneItemOnly() throws {
        try connection.beginWriting()
        try connection.savepoint { try add(1) }
        #expect(throws: Stop.self) {
            try connection.savepoint {
                try add(2)
                throw Stop()
            }
        }
        #expect(throws: SQLiteError.self) {
            try connection.savepoint {
                try add(3)
                try add(1)
            }
        }
        try connection.savepoint { try add(4) }
        try connection.commit()
        #expect(try ids() == [1, 4])
    }

    @Test func aRepeatedKeyIsAConstraint() throws {
        try add(1)
        #expect { try add(1) } throws: { error in
            let error = error as? SQLiteError
            return error?.kind == .constraint && error?.code == 1555  // SQLITE_CONSTRAINT_PRIMARYKEY: extended
        }
    }

    @Test func aLockOfAnotherIsBusy() throws {
        let other = try place.connection(.readWrite)
        try other.beginWriting()
        #expect { try connection.beginWriting() } throws: { ($0 as? SQLiteError)?.kind == .busy }
        try other.rollback()
        try connection.beginWriting()
        try connection.rollback()
    }

    /// The database's own limit on pages stands for the disk's.
    @Test func whatDoesNotFitIsFull() throws {
        try connection.execute("PRAGMA max_page_count=16")
        #expect {
            try connection.transaction {
                try connection.run("INSERT INTO thing(bytes) VALUES(?)", .blob([UInt8](repeating: 1, count: 1 << 20)))
            }
        } throws: { ($0 as? SQLiteError)?.kind == .full }
        #expect(!connection.isInTransaction)
        #expect(try ids() == [])
        try add(1)
        #expect(try ids() == [1])
    }

    @Test func everythingElseIsOther() throws {
        for code: Int32 in [1, 7, 10, 11, 14, 21, 26, 1034, 4618] {
            #expect(SQLiteError(operation: "", code: code, message: "").kind == .other)
        }
        #expect(SQLiteError(operation: "", code: 517, message: "").kind == .busy)  // SQLITE_BUSY_SNAPSHOT
    }

    @Test func errorsHoldNoValue() throws {
        try connection.run("INSERT INTO thing(id, name) VALUES(1, ?)", .text("secret-name"))
        #expect {
            try connection.run("INSERT INTO thing(id, name) VALUES(2, ?)", .text("secret-name"))
        } throws: { error in
            let text = "\(error)"
            return text.contains("thing.name") && !text.contains("secret")
        }
    }
}
