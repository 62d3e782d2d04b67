internal import Canonical
internal import Linux
internal import Merkle
internal import Procurement
internal import SQLite

/// What a start found, for the operator's log.
public struct Recovery: Sendable, Equatable {
    /// Events that were committed and that no high-water mark knew yet: a crash came between.
    public let beyondMark: Int64
    /// The views were of another version of the program and were folded anew.
    public let viewsRebuilt: Bool
}

/// The start, which is also the recovery: nothing is read before it is on the disk, nothing is believed before it is
/// compared with its signed head and with the high-water mark.
///
/// It reads of each log the right edge of the tree, the head and the last events: a log of a million opens at once. That
/// every event is that of its leaf is for `sceaud check`; the head stands for them all.
struct OpenedRegister {
    let instance: Instance
    let connection: Connection
    let highWater: DurableFolder
    let logs: [Log: GrowingLog]
    let lastAt: Instant
    let recovery: Recovery

    init(data: String, highWater path: String?, keys: LogKeys) throws {
        instance = try Instance.read(data: data)
        do {
            highWater = try DurableFolder(path: path ?? Register.highWater(data))
        } catch {
            throw RegisterError.unreadable("high-water folder", error.description)
        }
        let mark = try Self.mark(highWater)
        guard mark.instance == instance.id else { throw RegisterError.stranger }
        let connection: Connection
        do {
            connection = try Connection(path: Register.path(data), .readWrite)
        } catch {
            throw RegisterError.unreadable("register", error.description)
        }
        try Schema.check(connection)
        // After a sync of the log that failed, the kernel may show rows that the disk does not have.
        do { try connection.checkpoint() } catch { throw RegisterError.notDurable(error.description) }

        var logs: [Log: GrowingLog] = [:]
        var lastAt = Instant(milliseconds: 0)
        var beyond: Int64 = 0
        for log in Log.allCases {
            let opened = try OpenedLog(connection, log, instance: instance.id)
            beyond += try opened.compare(with: mark.logs[log] ?? .empty)
            guard try keys.publicKey(log) == opened.stored.generation.key.publicKey else { throw RegisterError.key(log) }
            logs[log] = GrowingLog(generation: opened.stored.generation, edge: opened.edge)
            lastAt = max(lastAt, opened.lastAt)
        }
        if beyond > 0 { try HighWater(instance: instance.id, logs: logs.mapValues(\.head)).write(highWater) }

        let isCurrent = try Views.version(connection) == ViewSchema.version
        if !isCurrent { try connection.transaction { try Views.rebuild(connection) } }
        self.connection = connection
        self.logs = logs
        self.lastAt = lastAt
        recovery = Recovery(beyondMark: beyond, viewsRebuilt: !isCurrent)
    }

    private static func mark(_ folder: DurableFolder) throws -> HighWater {
        do { return try HighWater.read(folder) } catch { throw RegisterError.unreadable("high-water mark", "\(error)") }
    }
}
