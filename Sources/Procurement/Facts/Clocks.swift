public import Canonical

/// The clock is not believed any more: from here on no release, no stamp, no closing, no verdict.
public struct ClockUnsound: Fact {
    public static let type = "clock-unsound"
    /// The last instant at which it was believed.
    public let since: Instant
    /// What it showed.
    public let wall: Instant
    /// At least one, in the order of ``ClockFault``'s cases.
    public let faults: [ClockFault]
    /// Milliseconds from the raw clock since the baseline; absent where there is none.
    public let drift: Int64?

    public init(since: Instant, wall: Instant, faults: [ClockFault], drift: Int64?) {
        self.since = since
        self.wall = wall
        self.faults = faults
        self.drift = drift.map(ClockUnsound.bounded)
    }

    static let drifts: ClosedRange<Int64> = -(1 << 52)...(1 << 52)
    static func bounded(_ drift: Int64) -> Int64 { min(max(drift, drifts.lowerBound), drifts.upperBound) }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "since": .instant(since), "wall": .instant(wall), "faults": .array(faults.map { .string($0.rawValue) }),
        ]
        fields["drift"] = drift.map(JSON.integer)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        since = try reader.instant("since")
        wall = try reader.instant("wall")
        var faults: [ClockFault] = []
        for value in try reader.array("faults", max: ClockFault.allCases.count) {
            guard case .string(let word) = value, let fault = ClockFault(rawValue: word), !faults.contains(fault) else {
                throw CanonicalError(reason: "`faults` is not a list of known faults")
            }
            faults.append(fault)
        }
        guard !faults.isEmpty else { throw CanonicalError(reason: "`faults` is empty") }
        self.faults = faults
        drift = try reader.optionalInteger("drift", in: ClockUnsound.drifts)
    }
}

/// The clock is believed again.
public struct ClockSound: Fact {
    public static let type = "clock-sound"

    public enum Ground: String, Sendable, CaseIterable {
        /// It agrees again with the clocks that it is held against.
        case agreement
        /// Somebody said so: see ``ClockAccepted``.
        case decision
    }

    /// As in the `clock-unsound` that this ends.
    public let since: Instant
    /// The first instant that is believed.
    public let until: Instant
    public let ground: Ground

    public init(since: Instant, until: Instant, ground: Ground) {
        self.since = since
        self.until = until
        self.ground = ground
    }

    public var fields: [String: JSON] {
        ["since": .instant(since), "until": .instant(until), "ground": .string(ground.rawValue)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        since = try reader.instant("since")
        until = try reader.instant("until")
        ground = try reader.word("ground", of: Ground.self)
    }
}

/// Whoever runs the host said that its clock is right: a new baseline, and a new floor. It opens nothing.
public struct ClockAccepted: Fact {
    public static let type = "clock-accepted"
    /// Bytes of UTF-8.
    public static let longestReason = 1000
    /// What the clock showed.
    public let instant: Instant
    public let drift: Int64?
    /// In the words of who decided.
    public let reason: String

    public init(instant: Instant, drift: Int64?, reason: String) {
        self.instant = instant
        self.drift = drift.map(ClockUnsound.bounded)
        self.reason = reason
    }

    public static func deciding(_ reason: String, instant: Instant, drift: Int64?) throws(Refusal) -> ClockAccepted {
        try PlainText.check(reason, "reason", max: longestReason)
        return ClockAccepted(instant: instant, drift: drift, reason: reason)
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = ["instant": .instant(instant), "reason": .string(reason)]
        fields["drift"] = drift.map(JSON.integer)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instant = try reader.instant("instant")
        reason = try reader.string("reason", max: ClockAccepted.longestReason)
        drift = try reader.optionalInteger("drift", in: ClockUnsound.drifts)
    }
}

/// A baseline was replaced in its time: how far the wall clock had drifted from the raw one since the last.
public struct ClockCompared: Fact {
    public static let type = "clock-compared"
    public let since: Instant
    public let until: Instant
    public let drift: Int64

    public init(since: Instant, until: Instant, drift: Int64) {
        self.since = since
        self.until = until
        self.drift = ClockUnsound.bounded(drift)
    }

    public var fields: [String: JSON] {
        ["since": .instant(since), "until": .instant(until), "drift": .integer(drift)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        since = try reader.instant("since")
        until = try reader.instant("until")
        drift = try reader.integer("drift", in: ClockUnsound.drifts)
    }
}

/// At a start: the daemon had not been running.
public struct Down: Fact {
    public static let type = "down"
    /// The last instant in the register.
    public let since: Instant
    /// Of the start, on whatever clock.
    public let until: Instant

    public init(since: Instant, until: Instant) {
        self.since = since
        self.until = until
    }

    public var fields: [String: JSON] { ["since": .instant(since), "until": .instant(until)] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        since = try reader.instant("since")
        until = try reader.instant("until")
    }
}

/// The verdict on a bid that was received while the clock was not believed.
public struct VerdictGiven: Fact {
    public static let type = "verdict-given"

    public enum Rule: String, Sendable, CaseIterable {
        /// Its last byte came so long before a believed instant, by the raw clock: `received` is that instant less that time.
        case elapsed
        /// All of the span lies before the deadline, or all after it.
        case span
        /// The deadline lies within the span, and nothing says on which side of it the bid came: on time, for a bidder does not pay
        /// for the platform's clock.
        case doubt
        /// The list was closed before.
        case closed
    }

    public let consultation: Identifier
    public let bid: Identifier
    /// Never `pending`.
    public let verdict: Verdict
    public let rule: Rule
    /// The span in which the clock was not believed.
    public let since: Instant
    public let until: Instant
    /// With the rule `elapsed`.
    public let received: Instant?

    public init(
        consultation: Identifier, bid: Identifier, verdict: Verdict, rule: Rule, since: Instant, until: Instant,
        received: Instant?
    ) {
        self.consultation = consultation
        self.bid = bid
        self.verdict = verdict
        self.rule = rule
        self.since = since
        self.until = until
        self.received = received
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "verdict": .string(verdict.rawValue),
            "rule": .string(rule.rawValue), "since": .instant(since), "until": .instant(until),
        ]
        fields["received"] = received.map(JSON.instant)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        verdict = try reader.word("verdict", of: Verdict.self)
        guard verdict != .pending else { throw CanonicalError(reason: "`verdict` is none") }
        rule = try reader.word("rule", of: Rule.self)
        since = try reader.instant("since")
        until = try reader.instant("until")
        received = try reader.optionalInstant("received")
        guard (received != nil) == (rule == .elapsed) else {
            throw CanonicalError(reason: "`received` is there exactly with the rule elapsed")
        }
    }
}
