internal import CSQLite

extension Connection {
    /// Copies the whole database, as one read transaction sees it, into a new file: SQLite's online backup. Writers of the
    /// source go on meanwhile.
    ///
    /// The copy is one file, in rollback mode, so that it can be read where nothing can be written beside it. It is synced;
    /// the caller syncs its folder.
    ///
    /// - Parameter path: of a file that is not there yet.
    public func backUp(to path: String) throws(SQLiteError) {
        var opened: OpaquePointer?
        let result = unsafe sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        defer { unsafe sqlite3_close(opened) }
        guard result == SQLITE_OK, let target = unsafe opened else {
            throw SQLiteError(operation: "open the copy", code: result, message: "cannot be made")
        }
        guard let backup = unsafe sqlite3_backup_init(target, "main", handle, "main") else {
            throw unsafe Self.error("copy", sqlite3_errcode(target), target)
        }
        let step = unsafe sqlite3_backup_step(backup, -1)
        let end = unsafe sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, end == SQLITE_OK else {
            throw unsafe Self.error("copy", step == SQLITE_DONE ? end : step, target)
        }
        guard try unsafe Statement("PRAGMA journal_mode=DELETE", target).word() == "delete" else {
            throw SQLiteError(operation: "journal_mode", code: SQLITE_ERROR, message: "the copy stays in WAL mode")
        }
    }
}
