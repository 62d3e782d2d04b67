public import Canonical
import Merkle
public import Procurement

/// The names of an export's files.
public enum ExportLayout {
    public static let index = "export.json"
    /// Events in one file of entries.
    public static let entriesWidth = 256
    /// Bytes of a file of entries, of an object.
    public static let longestEntries = 256 << 20
    public static let longestObject = 256 << 20

    /// The folder of a generation: `log/real`, and `log/real-2` from the second on.
    public static func folder(_ log: Log, _ generation: Int64) -> String {
        "log/\(log.rawValue)" + (generation == 1 ? "" : "-\(generation)")
    }

    /// The file of 256 entries, `entries/000`, as tiles are named; the last one may hold fewer: `entries/000.p/7`.
    public static func entries(_ number: Int, width: Int) -> String {
        String(TilePath(.entries, index: number, width: width).description.dropFirst("tile/".count))
    }

    public static func object(_ digest: Digest) -> String { "objects/\(digest)" }
    public static func envelope(_ consultation: Identifier, _ name: String) -> String { "envelopes/\(consultation)/\(name)" }
}

/// `export.json`, `sceau/export/1`: which vault, and the generations of its logs.
public struct ExportIndex: CanonicalObject, Equatable {
    public static let format = "sceau/export/1"
    public let instance: Identifier
    /// In order: the real log's, then training's.
    public let generations: [Generation]

    public struct Generation: Sendable, Equatable {
        public let log: Log
        public let number: Int64
        /// Position of its first event, and how many events it has.
        public let base: Int64
        public let size: Int64

        public init(log: Log, number: Int64, base: Int64, size: Int64) {
            self.log = log
            self.number = number
            self.base = base
            self.size = size
        }
    }

    public init(instance: Identifier, generations: [Generation]) {
        self.instance = instance
        self.generations = generations
    }

    public var fields: [String: JSON] {
        [
            "instance": .identifier(instance),
            "generations": .array(
                generations.map {
                    .object([
                        "log": .string($0.log.rawValue), "number": .integer($0.number), "base": .integer($0.base),
                        "size": .integer($0.size),
                    ])
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        var generations: [Generation] = []
        for value in try reader.array("generations", max: 10_000) {
            var entry = try FieldReader(value)
            guard let log = Log(rawValue: try entry.string("log", max: 16)) else {
                throw CanonicalError(reason: "`generations.log` is no log")
            }
            generations.append(
                Generation(
                    log: log, number: try entry.integer("number", in: 1...JSON.largestInteger), base: try entry.integer("base"),
                    size: try entry.integer("size", in: 1...JSON.largestInteger)))
            try entry.finish()
        }
        self.generations = generations
    }
}
