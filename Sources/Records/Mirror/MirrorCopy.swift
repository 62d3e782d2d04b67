internal import Canonical
internal import Linux
internal import SQLite

/// The mirror's register, open. One thread at a time has it: who brings it up, then the scribe.
final class MirrorCopy: @unchecked Sendable {
    private let connection: Connection
    let envelopes: DurableFolder
    /// The folder of the state.
    let state: DurableFolder
    private let lock: Lock

    private final class Lock: Sendable {
        private let lock: FolderLock
        init(_ lock: consuming FolderLock) { self.lock = lock }
    }

    /// Opens the mirror, and brings it up to `register` where it is a beginning of it or nothing yet.
    ///
    /// - Parameters:
    ///   - register: ours: a snapshot, or the only connection that writes.
    ///   - instance: what the data folder says it is.
    /// - Throws: ``MirrorError`` where it is something else; what failed where it cannot be used.
    init(_ mirror: Mirror, bringingUpTo register: Connection, instance: Instance) throws {
        let folder = try DurableFolder(path: mirror.path)
        lock = Lock(try Self.lock(folder))
        let record = try Self.record(folder, instance)
        if let record, let connection = try Self.same(record, as: register, at: mirror.path, instance) {
            state = try folder.folder(record.state)
            try mirror.fill(state)
            let now = MirrorRecord(instance: instance.id, number: record.number, whenLost: mirror.policy)
            if now != record { try folder.replace(MirrorRecord.file, with: now.canonicalBytes) }
            envelopes = try Self.envelopes(folder)
            self.connection = connection
            return
        }
        let made = MirrorRecord(instance: instance.id, number: (record?.number ?? 0) + 1, whenLost: mirror.policy)
        // Of a copy that was not ended.
        try Self.remove(made.state, in: folder)
        connection = try Self.copy(register, to: made, of: mirror, in: folder, instance)
        state = try folder.folder(made.state)
        envelopes = try Self.envelopes(folder)
        try folder.replace(MirrorRecord.file, with: made.canonicalBytes)
        if let record { try? Self.remove(record.state, in: folder) }
    }

    private static func lock(_ folder: DurableFolder) throws -> FolderLock {
        do throws(LinuxError) { return try folder.lock("lock") } catch {
            if error.isWouldBlock { throw MirrorError.inUse }
            throw error
        }
    }

    /// - Returns: nil in an empty folder.
    private static func record(_ folder: DurableFolder, _ instance: Instance) throws -> MirrorRecord? {
        let record: MirrorRecord?
        do { record = try MirrorRecord.read(folder) } catch is CanonicalError {
            throw MirrorError.stranger("a mirror.json that does not read")
        }
        if let record {
            guard record.instance == instance.id else { throw MirrorError.stranger("another vault, \(record.instance)") }
        } else if try folder.list(max: 1000).contains(where: { !isOurs($0) }) {
            throw MirrorError.stranger("something else than a mirror")
        }
        return record
    }

    /// - Returns: the mirror's register where it is as ours; nil where it is a beginning of it.
    private static func same(
        _ record: MirrorRecord, as register: Connection, at path: String, _ instance: Instance
    ) throws -> Connection? {
        do {
            let connection = try Connection(path: Register.path("\(path)/\(record.state)"), .readWrite)
            try Schema.check(connection)
            try connection.checkpoint()
            return try MirrorComparison.outcome(register, connection, instance: instance.id) == .same ? connection : nil
        } catch let error as RegisterError {
            throw MirrorError.damaged("\(error)")
        }
    }

    /// A new state, whole and on its disk.
    private static func copy(
        _ register: Connection, to made: MirrorRecord, of mirror: Mirror, in folder: DurableFolder, _ instance: Instance
    ) throws -> Connection {
        let state = try folder.makeFolder(made.state)
        let path = "\(mirror.path)/\(made.state)"
        let place = try state.makeFolder("register")
        try register.backUp(to: Register.path(path))
        try place.open("register.sqlite").sync()
        try place.sync()
        let connection = try Connection(path: Register.path(path), .readWrite)
        // What only the tables of record tell is kept up: whoever restores folds the views anew.
        try connection.execute("DELETE FROM views")
        try connection.checkpoint()
        guard try MirrorComparison.outcome(register, connection, instance: instance.id) == .same else {
            throw MirrorError.damaged("the copy is not what was copied")
        }
        try instance.write(data: state)
        try mirror.fill(state)
        try state.sync()
        return connection
    }

    /// Does a transaction's changes again, and leaves them to be committed.
    func begin(_ changes: [UInt8]) throws {
        guard !changes.isEmpty else { return }
        try connection.beginWriting()
        do { try connection.apply(changes) } catch {
            undo()
            throw error
        }
    }

    func commit() throws {
        if connection.isInTransaction { try connection.commit() }
    }

    func undo() { try? connection.rollback() }

    private static func isOurs(_ name: String) -> Bool {
        // A file system's own.
        name == "lost+found" || name == "lock" || name == "envelopes" || name.hasPrefix("state-") || name == ".\(MirrorRecord.file).new"
    }

    private static func envelopes(_ folder: DurableFolder) throws -> DurableFolder {
        guard try !folder.exists("envelopes") else { return try folder.folder("envelopes") }
        let made = try folder.makeFolder("envelopes")
        try folder.sync()
        return made
    }

    /// A state: files, and folders of files.
    private static func remove(_ name: String, in parent: DurableFolder) throws {
        guard try parent.exists(name) else { return }
        let folder = try parent.folder(name)
        for entry in try folder.list(max: 1000) {
            if let inner = try? folder.folder(entry) {
                for file in try inner.list(max: 1000) { try inner.unlink(file) }
                try folder.removeFolder(entry)
            } else {
                try folder.unlink(entry)
            }
        }
        try parent.removeFolder(name)
    }
}
