public import Canonical

/// What the platform vouches for of an attempt at a deposit, `sceau/attempt/1`: every event that there is of it, and the
/// outages while it lasted. Its SHA-256 stands in an ``Attested`` event, whose place in the log is the signature.
public struct AttemptStatement: CanonicalObject {
    public static let format = "sceau/attempt/1"
    public let instance: Identifier
    public let attempt: Identifier
    public let account: Identifier
    /// The bid that it became.
    public let bid: Identifier?
    public let events: [Entry]
    public let outages: [Outage]

    public struct Entry: Sendable, Equatable {
        public let log: Log
        public let position: Int64
        /// Canonical, as in the log.
        public let bytes: [UInt8]

        public init(log: Log, position: Int64, bytes: [UInt8]) {
            self.log = log
            self.position = position
            self.bytes = bytes
        }
    }

    public init(
        instance: Identifier, attempt: Identifier, account: Identifier, bid: Identifier?, events: [Entry], outages: [Outage]
    ) {
        self.instance = instance
        self.attempt = attempt
        self.account = account
        self.bid = bid
        self.events = events
        self.outages = outages
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "instance": .identifier(instance), "attempt": .identifier(attempt), "account": .identifier(account),
            "events": .array(
                events.map {
                    .object(["log": .string($0.log.rawValue), "position": .integer($0.position), "event": .base64($0.bytes)])
                }),
            "outages": .array(outages.map(\.json)),
        ]
        fields["bid"] = bid.map(JSON.identifier)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        attempt = try reader.identifier("attempt")
        account = try reader.identifier("account")
        bid = try reader.optionalIdentifier("bid")
        var events: [Entry] = []
        for value in try reader.array("events", max: 16) {
            var entry = try FieldReader(value)
            events.append(
                Entry(
                    log: try entry.word("log", of: Log.self), position: try entry.integer("position"),
                    bytes: try entry.base64("event", max: 1 << 20)))
            try entry.finish()
        }
        self.events = events
        outages = try Outage.list(&reader, max: 10_000)
    }
}

/// What the platform vouches for of its own health, `sceau/health-statement/1`: the hours' digests, and every outage.
public struct HealthStatement: CanonicalObject {
    public static let format = "sceau/health-statement/1"
    public let instance: Identifier
    public let from: Instant
    public let to: Instant
    public let hours: [Hour]
    public let outages: [Outage]

    public struct Hour: Sendable, Equatable {
        public let hour: Instant
        public let samples: Digest
        public let count: Int64
        /// Of its event, in the log of real procedures.
        public let position: Int64

        public init(hour: Instant, samples: Digest, count: Int64, position: Int64) {
            self.hour = hour
            self.samples = samples
            self.count = count
            self.position = position
        }
    }

    public init(instance: Identifier, from: Instant, to: Instant, hours: [Hour], outages: [Outage]) {
        self.instance = instance
        self.from = from
        self.to = to
        self.hours = hours
        self.outages = outages
    }

    public var fields: [String: JSON] {
        [
            "instance": .identifier(instance), "from": .instant(from), "to": .instant(to),
            "hours": .array(
                hours.map {
                    .object([
                        "hour": .instant($0.hour), "samples": .digest($0.samples), "count": .integer($0.count),
                        "position": .integer($0.position),
                    ])
                }),
            "outages": .array(outages.map(\.json)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        from = try reader.instant("from")
        to = try reader.instant("to")
        var hours: [Hour] = []
        for value in try reader.array("hours", max: 10_000) {
            var hour = try FieldReader(value)
            hours.append(
                Hour(
                    hour: try hour.instant("hour"), samples: try hour.digest("samples"), count: try hour.integer("count"),
                    position: try hour.integer("position")))
            try hour.finish()
        }
        self.hours = hours
        outages = try Outage.list(&reader, max: 10_000)
    }
}

extension Outage {
    static func list(_ reader: inout FieldReader, max: Int) throws(CanonicalError) -> [Outage] {
        var outages: [Outage] = []
        for value in try reader.array("outages", max: max) { outages.append(try Outage(json: value)) }
        return outages
    }
}
