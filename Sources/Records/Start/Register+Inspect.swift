internal import SQLite

extension Register {
    /// Reads a register without opening it for writing, also beside a running daemon: each call of `body`'s reader is
    /// one short snapshot. For `sceaud check`.
    public static func inspect<Result>(
        data: String, _ body: ((_ read: (Snapshot) throws -> Void) throws -> Void) throws -> Result
    ) throws -> Result {
        let connection = try Connection(path: path(data), .readOnly)
        try Schema.check(connection)
        return try body { read in
            try connection.beginReading()
            defer { try? connection.rollback() }
            try read(Snapshot(connection))
        }
    }
}
