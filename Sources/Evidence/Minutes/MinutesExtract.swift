public import Canonical
public import Procurement
public import Sealing

/// `sceau/minutes-extract/1`: the minutes as they may be communicated to whoever asks, before anybody knows who wins. Specified in
/// `Minutes.md`, with what is left out and why.
public struct MinutesExtract: CanonicalObject, Equatable {
    public static let format = "sceau/minutes-extract/1"

    /// A bid, told by its identifier alone: each bidder knows its own, and nobody another's.
    public struct Bid: Sendable, Hashable {
        public let bid: Identifier
        public let received: Instant
        public let verdict: ClosingVerdict
        public let result: Minutes.Result
        /// How many opened.
        public let documents: Int64
    }

    /// SHA-256 of the minutes in full.
    public let minutes: Digest
    public let subject: OpeningMinutes.Subject
    public let session: OpeningMinutes.Session
    public let statement: StatementSummary
    public let members: [OpeningMinutes.Member]
    public let refusals: Int64
    public let decisions: [OpeningMinutes.Decision]
    public let bids: [Bid]

    /// What follows from the minutes, and from nothing else.
    public init(of full: OpeningMinutes) {
        minutes = Digest(of: full.canonicalBytes)
        subject = full.subject
        session = full.session
        statement = full.statement
        members = full.members
        refusals = full.refusals
        decisions = full.decisions
        bids = full.bids.map {
            Bid(
                bid: $0.bid, received: $0.received, verdict: $0.verdict, result: $0.result,
                documents: Int64($0.documents.count))
        }
    }

    public var fields: [String: JSON] {
        [
            "minutes": .digest(minutes), "subject": subject.json, "session": session.json, "statement": statement.json,
            "members": .array(members.map(\.json)), "refusals": .integer(refusals),
            "decisions": .array(decisions.map(\.json)),
            "bids": .array(
                bids.map {
                    .object([
                        "bid": .identifier($0.bid), "received": .instant($0.received),
                        "verdict": .string($0.verdict.rawValue), "result": .string($0.result.rawValue),
                        "documents": .integer($0.documents),
                    ])
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        minutes = try reader.digest("minutes")
        subject = try reader.nested("subject") { (object) throws(CanonicalError) in try OpeningMinutes.Subject(&object) }
        session = try reader.nested("session") { (object) throws(CanonicalError) in try OpeningMinutes.Session(&object) }
        statement = try reader.nested("statement") { (object) throws(CanonicalError) in try StatementSummary(&object) }
        members = try reader.list("members", max: 255) { (object) throws(CanonicalError) in
            try OpeningMinutes.Member(&object)
        }
        refusals = try reader.integer("refusals")
        decisions = try reader.list("decisions", max: 10_000) { (object) throws(CanonicalError) in
            try OpeningMinutes.Decision(&object)
        }
        bids = try reader.list("bids", max: 100_000) { (object) throws(CanonicalError) in
            Bid(
                bid: try object.identifier("bid"), received: try object.instant("received"),
                verdict: try object.oneOf("verdict", ClosingVerdict.self),
                result: try object.oneOf("result", Minutes.Result.self), documents: try object.integer("documents"))
        }
    }
}
