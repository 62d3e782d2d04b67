internal import CSQLite

extension Connection {
    /// Takes the write lock at once, so that a transaction never fails half way for want of it.
    public func beginWriting() throws(SQLiteError) { try execute("BEGIN IMMEDIATE") }

    /// Fixes a snapshot at its first read.
    public func beginReading() throws(SQLiteError) { try execute("BEGIN DEFERRED") }

    /// An error whose kind is neither busy nor full leaves the outcome unknown.
    public func commit() throws(SQLiteError) { try execute("COMMIT") }

    /// Does nothing where SQLite has rolled back by itself already.
    public func rollback() throws(SQLiteError) {
        guard isInTransaction else { return }
        try execute("ROLLBACK")
    }

    /// Runs `body` in a transaction: all of it or nothing.
    public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try beginWriting()
        do {
            let result = try body()
            try commit()
            return result
        } catch {
            try? rollback()
            throw error
        }
    }

    /// Runs `body` under a savepoint of the transaction: if it throws, what it changed is undone, and nothing else.
    /// - Throws: what `body` threw. If ``isInTransaction`` is false after it, SQLite has undone the whole transaction.
    public func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("SAVEPOINT item")
        do {
            let result = try body()
            try execute("RELEASE item")
            return result
        } catch {
            if isInTransaction { try execute("ROLLBACK TO item; RELEASE item") }
            throw error
        }
    }

    /// Moves the whole write-ahead log into the database, syncs both, and empties it. What is read afterwards is on the
    /// disk, and not only in the memory of a kernel that has dropped a failed write.
    public func checkpoint() throws(SQLiteError) {
        var (frames, moved): (Int32, Int32) = (0, 0)
        try check(
            unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved),
            "checkpoint")
    }
}
