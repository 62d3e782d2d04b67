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
            if let number = zip(expected, found).enumerated().first(where: { $1.0 != $1.1 })?.offset {
                differences.append("view \(table.name): row \(number + 1) is not what the events give")
            } else if expected.count != found.count {
                differences.append("view \(table.name): \(found.count) rows, the events give \(expected.count)")
            }
        }
        return differences
    }

    private static func rows(_ connection: Connection, _ sql: StaticString) throws -> [[Value]] {
        try connection.all(sql) { row in (0..<row.count).map { row.value($0) } }
    }
}
