public import Canonical
public import Procurement
public import Sealing

/// One bid of the minutes.
public struct MinutesBid: Sendable, Hashable {
    public let position: Int64
    public let bid: Identifier
    /// The company's account and name, as its event has them.
    public let depositor: Identifier
    public let name: String
    public let started: Instant
    public let received: Instant
    public let recorded: Instant
    public let clock: ClockState
    /// In the statement; `late` for what came after it.
    public let verdict: ClosingVerdict
    public let intent: Intent
    /// The bid of this depositor before it.
    public let previous: Identifier?
    public let result: Minutes.Result
    /// Why, where it is not opened.
    public let cause: String?
    public let candidate: Candidate?
    /// Those that opened.
    public let documents: [Minutes.Document]
    /// The key set that it is sealed to, where that is another than the one opened: its own committee opens it.
    public let keys: Digest?

    public init(
        _ event: BidReceived, position: Int64, verdict: ClosingVerdict, result: Minutes.Result, cause: String?,
        candidate: Candidate?, documents: [Minutes.Document], keys: Digest? = nil
    ) {
        self.keys = keys
        self.position = position
        bid = event.bid
        depositor = event.depositor
        name = event.by.name
        started = event.started
        received = event.received
        recorded = event.recorded
        clock = event.clock
        self.verdict = verdict
        intent = event.intent
        previous = event.previous
        self.result = result
        self.cause = cause
        self.candidate = candidate
        self.documents = documents
    }

    var json: JSON {
        var fields: [String: JSON] = [
            "position": .integer(position), "bid": .identifier(bid), "depositor": .identifier(depositor),
            "name": .string(name), "started": .instant(started), "received": .instant(received),
            "recorded": .instant(recorded), "clock": .string(clock.rawValue), "verdict": .string(verdict.rawValue),
            "intent": .string(intent.rawValue), "result": .string(result.rawValue),
            "documents": .array(documents.map(\.json)),
        ]
        fields["previous"] = previous.map(JSON.identifier)
        fields["keys"] = keys.map(JSON.digest)
        fields["cause"] = cause.map(JSON.string)
        fields["candidate"] = candidate.map(\.json)
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        position = try reader.integer("position")
        bid = try reader.identifier("bid")
        depositor = try reader.identifier("depositor")
        name = try reader.string("name", max: AccountCreated.longestName)
        started = try reader.instant("started")
        received = try reader.instant("received")
        recorded = try reader.instant("recorded")
        clock = try reader.oneOf("clock", ClockState.self)
        verdict = try reader.oneOf("verdict", ClosingVerdict.self)
        intent = try reader.oneOf("intent", Intent.self)
        previous = try reader.optionalIdentifier("previous")
        result = try reader.oneOf("result", Minutes.Result.self)
        cause = try reader.optionalString("cause", max: 4096)
        guard (cause == nil) == (result == .opened) else {
            throw CanonicalError(reason: "`cause` is there exactly where a bid is not opened")
        }
        keys = try reader.optionalDigest("keys")
        guard keys == nil || result == .withheld else { throw CanonicalError(reason: "`keys` is of a bid that is withheld") }
        if var candidate = try reader.optionalObject("candidate") {
            self.candidate = try Candidate(&candidate)
            try candidate.finish()
        } else {
            candidate = nil
        }
        documents = try reader.list("documents", max: 10_000) { (document) throws(CanonicalError) in
            try Minutes.Document(&document)
        }
    }
}
