public import Linux
internal import Canonical
public import Procurement
internal import SQLite

/// A register made from a mirror's.
public struct MirroredRegister: Sendable {
    public let heads: [Log: LogHead]
    /// Events of both logs.
    public var events: Int64 { heads.values.reduce(0) { $0 + $1.count } }
}

extension Register {
    /// Copies the register of a mirror's state into a data folder that has none yet, and folds its views. The caller holds the
    /// mirror's lock.
    ///
    /// - Parameters:
    ///   - state: the path of the state.
    ///   - data: of the data folder; `register/` is there, empty.
    public static func restore(state: String, to data: String) throws -> MirroredRegister {
        let mirror = try Connection(path: path(state), .readWrite)
        try Schema.check(mirror)
        // What the last commits left in its write-ahead log.
        try mirror.checkpoint()
        try mirror.backUp(to: path(data))
        let connection = try Connection(path: path(data), .readWrite)
        try connection.transaction { try Views.rebuild(connection) }
        try connection.checkpoint()
        try DurableFolder(path: "\(data)/register").sync()
        return MirroredRegister(heads: try StoredGeneration.heads(connection))
    }

    /// Writes the high-water mark that belongs to a restored register; one that is there already is compared, and left.
    ///
    /// - Returns: whether a mark that was there vouches for this register: no event was acknowledged that it lacks.
    public static func mark(data: String, highWater folder: DurableFolder) throws -> Bool {
        let connection = try Connection(path: path(data), .readOnly)
        let heads = try StoredGeneration.heads(connection)
        if try folder.exists(HighWater.file) {
            // The mark is written behind the mirror's commit: it may know one commit less, and never more.
            let mark = try HighWater.read(folder)
            return Log.allCases.allSatisfy { mark.logs[$0]?.count ?? 0 <= heads[$0]?.count ?? 0 }
        }
        let name = try connection.first("SELECT key FROM head WHERE log = 'real' ORDER BY generation LIMIT 1") { $0.text(0) }
        guard let name, let first = name.split(separator: "+").first, first.split(separator: "/").count > 1,
            let instance = try? Identifier(String(first.split(separator: "/")[1]))
        else { throw RegisterError.head(.real) }
        try HighWater(instance: instance, logs: heads).write(folder)
        return false
    }

    /// Whether a mirror holds what the register does: for `sceaud check`, beside a running daemon too, which may be a commit further.
    ///
    /// - Returns: one line for each finding; empty if it is as the register, or, beside a daemon, a beginning of it.
    public static func mirrorFindings(data: String, mirror path: String, isRunning: Bool) throws -> [String] {
        let instance = try Instance.read(data: data)
        guard let record = try MirrorRecord.read(DurableFolder(path: path)) else { return ["there is no mirror.json"] }
        guard record.instance == instance.id else { return ["it is of another vault, \(record.instance)"] }
        // The mirror first: it never runs ahead of the register.
        let mirror = try Connection(path: Register.path("\(path)/\(record.state)"), .readOnly)
        try Schema.check(mirror)
        try mirror.beginReading()
        _ = try StoredGeneration.heads(mirror)
        let register = try Connection(path: Register.path(data), .readOnly)
        try register.beginReading()
        do {
            let outcome = try MirrorComparison.outcome(register, mirror, instance: instance.id)
            return outcome == .same || isRunning ? [] : ["it lacks what was committed last: the next start brings it up"]
        } catch let error as MirrorError {
            return [error.description]
        }
    }
}
