public import Canonical
public import Procurement

/// Of a closing statement, what the minutes repeat: the statement itself is in the log.
public struct StatementSummary: Sendable, Equatable {
    /// SHA-256 of the event's bytes.
    public let digest: Digest
    /// In the log.
    public let position: Int64
    /// Every version.
    public let deadlines: [Instant]
    public let counts: [ClosingVerdict: Int64]
    public let drafts: Int64
    public let attempts: Int64
    /// Of the 24 hours before the closing.
    public let outages: [Outage]

    public init(_ statement: ClosingStated, digest: Digest, position: Int64) {
        self.digest = digest
        self.position = position
        deadlines = statement.deadlines.map(\.instant)
        var counts: [ClosingVerdict: Int64] = [:]
        for verdict in ClosingVerdict.allCases { counts[verdict] = Int64(statement.entries(verdict).count) }
        self.counts = counts
        drafts = statement.drafts
        attempts = statement.attempts
        outages = statement.outages
    }

    private static let keys: [(ClosingVerdict, String)] = [
        (.onTime, "onTime"), (.replaced, "replaced"), (.complementing, "complementing"), (.late, "late"),
        (.withdrawn, "withdrawn"), (.pending, "pending"),
    ]

    var json: JSON {
        var fields: [String: JSON] = [
            "digest": .digest(digest), "position": .integer(position), "deadlines": .array(deadlines.map(JSON.instant)),
            "drafts": .integer(drafts), "attempts": .integer(attempts),
            "outages": .array(outages.map(\.json)),
        ]
        for (verdict, key) in Self.keys { fields[key] = .integer(counts[verdict] ?? 0) }
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        digest = try reader.digest("digest")
        position = try reader.integer("position")
        deadlines = try reader.texts("deadlines", max: 10_000).map { (text) throws(CanonicalError) in
            try Instant(parsing: text)
        }
        drafts = try reader.integer("drafts")
        attempts = try reader.integer("attempts")
        outages = try reader.list("outages", max: 1000) { (object) throws(CanonicalError) in
            Outage(
                from: try object.instant("from"), to: try object.instant("to"),
                cause: try object.string("cause", max: Word.longest))
        }
        var counts: [ClosingVerdict: Int64] = [:]
        for (verdict, key) in Self.keys { counts[verdict] = try reader.integer(key) }
        self.counts = counts
        guard !deadlines.isEmpty else { throw CanonicalError(reason: "`deadlines` is empty") }
    }
}
