internal import Canonical
internal import Linux
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
/// compared with the events' own bytes and with the high-water mark.
struct OpenedRegister {
    let instance: Instance
    let connection: Connection
    let highWater: DurableFolder
    let heads: [Log: LogHead]
    let lastAt: Instant
    let recovery: Recovery

    init(data: String, highWater path: String?) throws {
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

        let chain = try Chain(connection, marking: mark.logs.mapValues { [$0.count] })
        let beyond = try Self.compare(chain, with: mark, stored: Chain.stored(connection))
        if beyond > 0 { try HighWater(instance: instance.id, logs: chain.heads).write(highWater) }

        let isCurrent = try Views.version(connection) == ViewSchema.version
        if !isCurrent { try connection.transaction { try Views.rebuild(connection) } }
        self.connection = connection
        heads = chain.heads
        lastAt = chain.lastAt
        recovery = Recovery(beyondMark: beyond, viewsRebuilt: !isCurrent)
    }

    private static func mark(_ folder: DurableFolder) throws -> HighWater {
        do { return try HighWater.read(folder) } catch { throw RegisterError.unreadable("high-water mark", "\(error)") }
    }

    /// - Returns: how many events the mark does not know yet.
    static func compare(
        _ chain: Chain, with mark: HighWater, stored: [Log: (head: LogHead, before: Int64)]
    ) throws -> Int64 {
        var beyond: Int64 = 0
        for log in Log.allCases {
            guard let computed = chain.heads[log], let stored = stored[log], stored.head == computed else {
                throw RegisterError.head(log)
            }
            let marked = mark.logs[log] ?? .empty
            guard marked.count <= computed.count else {
                throw RegisterError.shorter(log, register: computed.count, mark: marked.count)
            }
            guard chain.marks[log]?[marked.count] == marked else {
                throw RegisterError.different(log, position: marked.count)
            }
            // The mark is written before the next commit begins, so at most one commit is above it.
            guard marked.count == computed.count || marked.count == stored.before else {
                throw RegisterError.longer(log, register: computed.count, mark: marked.count)
            }
            beyond += computed.count - marked.count
        }
        return beyond
    }
}
