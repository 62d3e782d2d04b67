internal import Canonical
public import Linux
internal import Merkle
public import Procurement
internal import SQLite

/// A register as a copy holds it.
public struct RegisterCopy: Sendable {
    public let heads: [Log: LogHead]

    /// Events of both logs.
    public var events: Int64 { heads.values.reduce(0) { $0 + $1.count } }
}

extension Register {
    /// - Throws: ``RegisterError`` where a key is not the one that the log's current generation names.
    public static func check(_ keys: LogKeys, data: String) throws {
        let connection = try Connection(path: path(data), .readOnly)
        for log in Log.allCases {
            guard let current = try StoredGeneration.all(connection, log).last else { throw RegisterError.head(log) }
            guard try keys.publicKey(log) == current.generation.key.publicKey else { throw RegisterError.key(log) }
        }
    }

    /// Makes a consistent copy of a register, also beside a running daemon, with the high-water mark that belongs to it:
    /// `register/` and `high-water/` in `folder`, every file synced. The copy is what was committed at one moment.
    ///
    /// - Parameters:
    ///   - data: the data folder.
    ///   - folder: an empty folder; `path` is where it lies.
    public static func copy(data: String, to folder: DurableFolder, at path: String) throws -> RegisterCopy {
        let instance = try Instance.read(data: data)
        let register = try folder.makeFolder("register")
        let highWater = try folder.makeFolder("high-water")
        do {
            let connection = try Connection(path: Register.path(data), .readOnly)
            try Schema.check(connection)
            try connection.backUp(to: Register.path(path))
        }
        try register.open("register.sqlite").sync()
        try register.sync()
        // The copy's own bytes, not the source's: what was written is what is vouched for.
        let copied = try Connection(path: Register.path(path), .readOnly)
        let heads = try StoredGeneration.heads(copied)
        for (log, head) in heads {
            let verification = try LogVerification(copied, instance: instance.id, log, mark: head, publicKey: nil)
            guard verification.findings.isEmpty else { throw RegisterError.head(log) }
        }
        try HighWater(instance: instance.id, logs: heads).write(highWater)
        try folder.sync()
        return RegisterCopy(heads: heads)
    }
}
