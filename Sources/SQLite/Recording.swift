internal import CSQLite

/// What a transaction changes in some tables, taken down by SQLite's session extension
/// (https://www.sqlite.org/sessionintro.html), to be done again in another database of the same schema.
///
/// Begin it before the transaction's first change, take its changes before the COMMIT. What a savepoint undid is not among
/// them.
@safe
public final class Recording {
    private let session: OpaquePointer
    /// SQLite asks for the session to end before its connection.
    private let connection: Connection

    /// - Parameter tables: each with a primary key; others are silently left out by SQLite.
    public init(_ connection: Connection, tables: [StaticString]) throws(SQLiteError) {
        var made: OpaquePointer?
        try connection.check(unsafe sqlite3session_create(connection.handle, "main", &made), "record")
        guard let session = unsafe made else {
            throw SQLiteError(operation: "record", code: SQLITE_NOMEM, message: "no session")
        }
        unsafe self.session = session
        self.connection = connection
        for table in tables {
            try connection.check(unsafe sqlite3session_attach(session, table.description), "record a table")
        }
    }

    deinit { unsafe sqlite3session_delete(session) }

    /// The changes so far, as SQLite writes them; empty where there are none.
    public func changes() throws(SQLiteError) -> [UInt8] {
        var count: Int32 = 0
        var bytes: UnsafeMutableRawPointer?
        let result = unsafe sqlite3session_changeset(session, &count, &bytes)
        defer { unsafe sqlite3_free(bytes) }
        guard result == SQLITE_OK else {
            throw SQLiteError(operation: "take the changes", code: result, message: "the session failed")
        }
        guard let start = unsafe bytes, count > 0 else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
    }
}

extension Connection {
    /// Does recorded changes again, all of them or none, in the caller's transaction.
    ///
    /// - Throws: where a row is not as it was when they were recorded.
    public func apply(_ changes: [UInt8]) throws(SQLiteError) {
        guard !changes.isEmpty else { return }
        var copy = changes
        let count = Int32(copy.count)
        let result = unsafe copy.withUnsafeMutableBytes { unsafe sceau_apply(handle, count, $0.baseAddress) }
        try check(result, "apply changes")
    }
}
