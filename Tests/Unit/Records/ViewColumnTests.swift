import Foundation
import Procurement
import SQLite
import Testing

@testable import Records

/// Every column of every view, as SQLite lists them, so that a new one cannot be forgotten: whatever is written into it, `sceaud check`
/// says which view and row are not what the events give.
struct ViewColumnTests {
    let data: DataFolder
    /// The register's file as the story left it.
    let whole: Data

    init() throws {
        data = try DataFolder()
        let register = try data.open()
        _ = try Story(in: register)
        register.stop()
        whole = try data.backup()
    }

    /// The tables that the views' own schema makes.
    static func tables() throws -> [String] {
        let connection = try Connection(path: "", .temporary)
        try ViewSchema.create(connection)
        return try connection.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") { $0.text(0) }
    }

    /// What `sceaud check` says of a register to which `sql` was done; it is put back.
    private func findings(after sql: String) throws -> [String] {
        do {
            let database = try RawDatabase(data.database)
            try database.execute(sql)
        }
        defer { try? data.restore(whole) }
        return try Register.findings(data: data.path)
    }

    private func table(_ name: String) throws -> RawTable { try RawTable(name, in: RawDatabase(data.database)) }

    @Test func everyTableIsCompared() throws {
        #expect(try Set(Self.tables()) == Set(ViewSchema.tables.map(\.name)))
    }

    @Test(arguments: try tables()) func anotherValueInAnyColumnIsNamed(_ name: String) throws {
        let table = try table(name)
        #expect(!table.columns.isEmpty && !table.keys.isEmpty)
        for column in table.columns {
            let found = try findings(after: table.altering(column))
            let words = found.first?.split(separator: ", in ", maxSplits: 1)
            #expect(found.count == 1, "\(name).\(column.name): \(found)")
            #expect(words?.first == "view \(name): row 1 is not what the events give", "\(name).\(column.name): \(found)")
            // Another key puts another row in this one's place: which columns differ then is chance.
            #expect(column.isKey || words?.last == Substring(column.name), "\(name).\(column.name): \(found)")
        }
    }

    @Test(arguments: try tables()) func aRowDeletedInsertedOrSwappedIsNamed(_ name: String) throws {
        let table = try table(name)
        for sql in [table.deleting, table.inserting] {
            let found = try findings(after: sql)
            #expect(found.count == 1 && found.first?.hasPrefix("view \(name): ") == true, "\(sql): \(found)")
        }
        let swapping = try table.swapping(in: RawDatabase(data.database))
        // Views of which the story has one row, whose rows are keys alone, or are alike but for them.
        let alone: Set = ["receipt", "reading", "attested", "acceptance", "approval", "attempt", "key_set", "earlier_keys", "outbox", "safeguard", "presented", "rehearsal", "recovery_rehearsal", "restored"]
        #expect(swapping != nil || alone.contains(name), "\(name)")
        if let swapping {
            let found = try findings(after: swapping)
            #expect(found.count == 1 && found.first?.hasPrefix("view \(name): row 1 is not") == true, "\(swapping): \(found)")
        }
    }
}
