internal import SQLite

/// Compares the views with those that the events give, row by row and column by column.
enum ViewComparison {
    /// - Parameter register: within a read transaction, so that events and views are of one moment.
    static func differences(_ register: Connection) throws -> [String] {
        let fresh = try Connection(path: "", .temporary)
        // One transaction, for speed: nothing of it is kept.
        try fresh.beginWriting()
        try Views.make(fresh, from: register)
        var differences: [String] = []
        for table in ViewSchema.tables {
            let expected = try rows(fresh, table.rows)
            let found = try rows(register, table.rows)
            if let (number, pair) = zip(expected.rows, found.rows).enumerated().first(where: { $1.0 != $1.1 }) {
                let columns = pair.0.indices.filter { pair.0[$0] != pair.1[$0] }.map { expected.columns[$0] }
                differences.append(
                    "view \(table.name): row \(number + 1) is not what the events give, in \(columns.joined(separator: ", "))")
            } else if expected.rows.count != found.rows.count {
                differences.append("view \(table.name): \(found.rows.count) rows, the events give \(expected.rows.count)")
            }
        }
        return differences
    }

    private static func rows(_ connection: Connection, _ sql: StaticString) throws -> (columns: [String], rows: [[Value]]) {
        var columns: [String] = []
        let rows = try connection.all(sql) { row in
            if columns.isEmpty { columns = (0..<row.count).map { row.name($0) } }
            return (0..<row.count).map { row.value($0) }
        }
        return (columns, rows)
    }
}
