internal import CSQLite

/// One connection to a database, owned by one thread at a time: SQLite's own mutexes are off.
///
/// Every connection is defensive (no statement can write the file's structure), distrusts the schema, enforces foreign
/// keys, and reads and writes in WAL mode with `synchronous=FULL`: a COMMIT that returned is on the disk.
@safe
public final class Connection {
    /// How the database is opened. Only `create` makes a file: a daemon started on the wrong folder says so instead of
    /// starting with an empty register.
    public enum Mode: Sendable {
        case create, readWrite, readOnly
        /// A private database in a temporary file, gone with the connection.
        case temporary
    }

    let handle: OpaquePointer
    /// Prepared statements at rest, by the address of their text. A statement in use is out of here, so that a query
    /// made while another of the same text is being read gets a statement of its own.
    private var resting: [UnsafeRawPointer: [Statement]] = unsafe [:]

    /// - Parameter busyMilliseconds: how long a lock of another connection is waited for before `busy`.
    public init(path: String, _ mode: Mode, busyMilliseconds: Int32 = 5_000) throws(SQLiteError) {
        let flags =
            switch mode {
            case .create, .temporary: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        var opened: OpaquePointer?
        let result = unsafe sqlite3_open_v2(
            mode == .temporary ? "" : path, &opened,
            flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let handle = unsafe opened else {
            let error = SQLiteError(operation: "open", code: result, message: Self.text(result))
            unsafe sqlite3_close(opened)
            throw error
        }
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, busyMilliseconds)
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_ENABLE_FKEY, 1),
            (SQLITE_DBCONFIG_DQS_DML, 0), (SQLITE_DBCONFIG_DQS_DDL, 0),
        ] as [(Int32, Int32)] {
            try check(unsafe sceau_db_config(handle, option, value), "configure")
        }
        // Limits at what this program needs: no statement of it is long, none attaches a database.
        unsafe sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        unsafe sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 256 << 20)
        switch mode {
        case .create, .readWrite:
            guard try unsafe Statement("PRAGMA journal_mode=WAL", handle).word() == "wal" else {
                throw SQLiteError(operation: "journal_mode", code: SQLITE_ERROR, message: "not in WAL mode")
            }
            // The file grows by a mebibyte at a time: a checkpoint on a full disk then finds the room that it needs.
            try check(unsafe sceau_grow_by(handle, 1 << 20), "set how the file grows")
            // What is erased is overwritten, not only unlinked from the tree.
            try execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON")
        case .readOnly: try execute("PRAGMA query_only=ON; PRAGMA cell_size_check=ON")
        case .temporary: try execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
        }
    }

    deinit {
        unsafe resting = [:]  // finalizes every statement, without which close would refuse
        unsafe sqlite3_close(handle)
    }

    /// Runs statements that give no rows and take no values, such as a schema.
    public func execute(_ sql: StaticString) throws(SQLiteError) {
        try check(unsafe sqlite3_exec(handle, sql.description, nil, nil, nil), "execute")
    }

    /// Runs one statement, giving each of its rows to `row`. Prepared once for each text.
    public func run(_ sql: StaticString, _ values: Value..., row: (borrowing Row) throws -> Void = { _ in }) throws {
        try borrow(sql) { try $0.run(values, row) }
    }

    /// The first row of a query, or nil.
    public func first<Result>(
        _ sql: StaticString, _ values: Value..., read: (borrowing Row) throws -> Result
    ) throws -> Result? {
        try borrow(sql) { try $0.first(values, read) }
    }

    /// Every row of a query; the caller bounds them with its WHERE or LIMIT.
    public func all<Result>(
        _ sql: StaticString, _ values: Value..., read: (borrowing Row) throws -> Result
    ) throws -> [Result] {
        try borrow(sql) { try $0.all(values, read) }
    }

    /// The rowid of the last INSERT.
    public var lastInserted: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    /// Rows changed by the last INSERT, UPDATE or DELETE.
    public var changes: Int { Int(unsafe sqlite3_changes64(handle)) }

    /// False once SQLite has rolled a transaction back by itself, as it may after FULL, IOERR, NOMEM.
    public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    private func borrow<Result>(_ sql: StaticString, _ body: (Statement) throws -> Result) throws -> Result {
        let statement = try take(sql)
        defer { unsafe resting[sql.utf8Start, default: []].append(statement) }
        return try body(statement)
    }

    private func take(_ sql: StaticString) throws(SQLiteError) -> Statement {
        if let statement = unsafe resting[sql.utf8Start]?.popLast() { return statement }
        return try unsafe Statement(sql, handle)
    }

    func check(_ result: Int32, _ operation: String) throws(SQLiteError) {
        guard result == SQLITE_OK else { throw unsafe Self.error(operation, result, handle) }
    }

    static func error(_ operation: String, _ code: Int32, _ handle: OpaquePointer) -> SQLiteError {
        let message = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? text(code)
        return SQLiteError(operation: operation, code: code, message: message)
    }

    private static func text(_ code: Int32) -> String {
        unsafe sqlite3_errstr(code).map { unsafe String(cString: $0) } ?? "unknown error"
    }
}
