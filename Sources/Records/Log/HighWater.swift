internal import Canonical
internal import Linux
internal import Procurement

/// The high-water mark, `sceau/high-water/2`: how far the register had come when its last answer went out.
///
/// It lies in a folder of its own, so that a register put back from an older backup, or cut short, is found out at the
/// start instead of being continued over what was acknowledged. Specified in `Records.md`.
struct HighWater: CanonicalObject, Equatable {
    static let format = "sceau/high-water/2"
    static let file = "mark.json"

    let instance: Identifier
    let logs: [Log: LogHead]

    init(instance: Identifier, logs: [Log: LogHead]) {
        self.instance = instance
        self.logs = logs
    }

    var fields: [String: JSON] {
        [
            "instance": .identifier(instance),
            "logs": .array(
                Log.allCases.map {
                    let head = logs[$0] ?? .empty
                    return .object([
                        "log": .string($0.rawValue), "count": .integer(head.count),
                        "generation": .integer(head.generation), "root": .digest(head.root),
                    ])
                }),
        ]
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        let values = try reader.array("logs", max: Log.allCases.count)
        guard values.count == Log.allCases.count else { throw CanonicalError(reason: "`logs` lacks a log") }
        var logs: [Log: LogHead] = [:]
        for (log, value) in zip(Log.allCases, values) {
            var entry = try FieldReader(value)
            guard try entry.string("log") == log.rawValue else {
                throw CanonicalError(reason: "`logs` is out of order")
            }
            logs[log] = LogHead(
                count: try entry.integer("count"),
                generation: try entry.integer("generation", in: 1...JSON.largestInteger),
                root: try entry.digest("root"))
            try entry.finish()
        }
        self.logs = logs
    }

    static func read(_ folder: DurableFolder) throws -> HighWater {
        try HighWater(canonical: folder.readAll(file, max: 4096))
    }

    /// Temporary file, fsync. Whatever fails of the mark for want of room fails here, before the COMMIT that it is to mark.
    func prepare(_ folder: DurableFolder) throws {
        try folder.prepare(Self.file, with: canonicalBytes)
    }

    /// Rename, fsync of the folder: what `prepare` wrote becomes the mark.
    static func putInPlace(_ folder: DurableFolder) throws {
        try folder.putInPlace(file)
    }

    /// Both at once.
    func write(_ folder: DurableFolder) throws {
        try prepare(folder)
        try Self.putInPlace(folder)
    }
}
