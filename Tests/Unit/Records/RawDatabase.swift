import CSQLite
import Foundation

/// SQL made at run time, which `SQLite` does not take: what somebody with a shell and `sqlite3` could do to the register.
struct RawDatabase: ~Copyable {
    struct Failed: Error { let text: String }

    private let handle: OpaquePointer

    init(_ path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let opened else {
            throw Failed(text: path)
        }
        handle = opened
    }

    deinit { sqlite3_close(handle) }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw Failed(text: "\(String(cString: sqlite3_errmsg(handle))): \(sql)")
        }
    }

    /// Every row, each value as text; `NULL` for none.
    func rows(_ sql: String) throws -> [[String]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
            throw Failed(text: "\(String(cString: sqlite3_errmsg(handle))): \(sql)")
        }
        defer { sqlite3_finalize(statement) }
        var rows: [[String]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append((0..<sqlite3_column_count(statement)).map { sqlite3_column_text(statement, $0).map { String(cString: $0) } ?? "NULL" })
        }
        return rows
    }
}

/// A table, as SQLite itself describes it.
struct RawTable {
    struct Column {
        let name: String
        let type: String
        let isKey: Bool

        /// Another value of its type, for any value, also of none.
        var altered: String {
            switch type {
            case "INTEGER": "coalesce(\(name), 0) + 1000003"
            case "BLOB": "randomblob(32)"
            default: "coalesce(\(name), '') || 'x'"
            }
        }
    }

    let name: String
    let columns: [Column]

    init(_ name: String, in database: borrowing RawDatabase) throws {
        self.name = name
        columns = try database.rows("SELECT name, type, pk FROM pragma_table_info('\(name)') ORDER BY cid").map {
            Column(name: $0[0], type: $0[1], isKey: $0[2] != "0")
        }
    }

    var keys: String { list(columns.filter(\.isKey)) }
    var order: String { "SELECT \(keys) FROM \(name) ORDER BY \(keys)" }

    func list(_ columns: [Column]) -> String { columns.map(\.name).joined(separator: ", ") }

    // The first row, as the key orders them.

    func altering(_ column: Column) -> String {
        "UPDATE \(name) SET \(column.name) = \(column.altered) WHERE (\(keys)) = (\(order) LIMIT 1)"
    }

    var deleting: String { "DELETE FROM \(name) WHERE (\(keys)) = (\(order) LIMIT 1)" }

    /// A row that is in every column another than one that is there.
    var inserting: String {
        "INSERT INTO \(name)(\(list(columns))) SELECT \(columns.map(\.altered).joined(separator: ", ")) FROM \(name) ORDER BY \(keys) LIMIT 1"
    }

    /// Two rows under each other's keys; nil where no two rows differ beside their keys.
    func swapping(in database: borrowing RawDatabase) throws -> String? {
        let rest = columns.filter { !$0.isKey }
        guard !rest.isEmpty else { return nil }
        let contents = try database.rows("SELECT \(rest.map { "quote(\($0.name))" }.joined(separator: ", ")) FROM \(name) ORDER BY \(keys)")
        guard let other = contents.firstIndex(where: { $0 != contents[0] }) else { return nil }
        let exchanged = columns.filter(\.isKey).map { "(SELECT \($0.name) FROM two AS o WHERE o.place <> two.place)" }
        return """
            CREATE TEMP TABLE two AS SELECT row_number() OVER (ORDER BY \(keys)) - 1 AS place, * FROM \(name);
            DELETE FROM two WHERE place NOT IN (0, \(other));
            DELETE FROM \(name) WHERE (\(keys)) IN (SELECT \(keys) FROM two);
            INSERT INTO \(name)(\(list(columns.filter(\.isKey))), \(list(rest)))
            SELECT \(exchanged.joined(separator: ", ")), \(list(rest)) FROM two;
            """
    }
}
