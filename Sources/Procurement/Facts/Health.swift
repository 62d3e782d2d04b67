public import Canonical

/// One look of the daemon at itself: every ten seconds, whatever happens.
public struct HealthSample: Sendable, Equatable {
    public let at: Instant
    /// Whether a request on the host's own socket was answered.
    public let accepts: Bool
    /// Milliseconds until the scribe had committed; absent where it had not within the time that it is given.
    public let scribe: Int64?
    /// Bytes and inodes that are free where the envelopes lie.
    public let free: Int64
    public let inodes: Int64
    /// The clock's state, a stable word.
    public let clock: String
    /// Under way.
    public let uploads: Int64
    /// Of the host: the load average over one minute, in hundredths.
    public let load: Int64

    public init(
        at: Instant, accepts: Bool, scribe: Int64?, free: Int64, inodes: Int64, clock: String, uploads: Int64, load: Int64
    ) {
        self.at = at
        self.accepts = accepts
        self.scribe = scribe
        self.free = free
        self.inodes = inodes
        self.clock = Word.standing(for: clock)
        self.uploads = uploads
        self.load = load
    }

    /// Why a bid could not have been taken at that moment; nil where it could.
    public var failure: String? {
        if !accepts { return "not-accepting" }
        if scribe == nil { return "not-committing" }
        return nil
    }

    public var json: JSON {
        var fields: [String: JSON] = [
            "at": .instant(at), "accepts": .bool(accepts), "free": .integer(free), "inodes": .integer(inodes),
            "clock": .string(clock), "uploads": .integer(uploads), "load": .integer(load),
        ]
        fields["scribe"] = scribe.map(JSON.integer)
        return .object(fields)
    }

    public init(json: JSON) throws(CanonicalError) {
        var reader = try FieldReader(json)
        at = try reader.instant("at")
        accepts = try reader.bool("accepts")
        scribe = try reader.optionalInteger("scribe")
        free = try reader.integer("free")
        inodes = try reader.integer("inodes")
        clock = try reader.word("clock")
        uploads = try reader.integer("uploads")
        load = try reader.integer("load")
        try reader.finish()
    }
}

/// A time in which nothing shows that the daemon worked, or in which it could not have taken a bid.
public struct Outage: Sendable, Equatable {
    /// The last sample before it at which all was well.
    public let from: Instant
    /// The first sample after it at which all was well.
    public let to: Instant
    /// `not-running`, `not-accepting`, `not-committing`.
    public let cause: String

    public init(from: Instant, to: Instant, cause: String) {
        self.from = from
        self.to = to
        self.cause = Word.standing(for: cause)
    }

    public var json: JSON { .object(["from": .instant(from), "to": .instant(to), "cause": .string(cause)]) }

    init(json: JSON) throws(CanonicalError) {
        var reader = try FieldReader(json)
        from = try reader.instant("from")
        to = try reader.instant("to")
        guard from < to else { throw CanonicalError(reason: "an outage ends before it begins") }
        cause = try reader.word("cause")
        try reader.finish()
    }

    /// Milliseconds between two samples that are no outage: two and a half times what is meant to be between them.
    public static let longestSilence: Int64 = 25_000

    /// The outages that samples show, in order of time. An outage that has not ended is in it up to the last sample.
    ///
    /// - Parameter samples: in order; the first one is a beginning only.
    public static func between(_ samples: [HealthSample]) -> [Outage] {
        guard var before = samples.first else { return [] }
        var outages: [Outage] = []
        var open = before.failure.map { (from: before.at, cause: $0) }
        func close(at instant: Instant) {
            if let open, open.from < instant { outages.append(Outage(from: open.from, to: instant, cause: open.cause)) }
        }
        for sample in samples.dropFirst() {
            if sample.at.milliseconds - before.at.milliseconds > longestSilence {
                close(at: before.at)
                outages.append(Outage(from: before.at, to: sample.at, cause: "not-running"))
                open = sample.failure.map { (sample.at, $0) }
            } else if sample.failure != open?.cause {
                close(at: sample.at)
                // From the last moment at which all was well.
                let from = open == nil ? before.at : sample.at
                open = sample.failure.map { (from, $0) }
            }
            before = sample
        }
        close(at: before.at)
        return outages
    }
}

/// An hour of the daemon's health: the digest of its samples, which are kept beside, and the outages that they show.
public struct Health: Fact {
    public static let type = "health"
    /// Its beginning, UTC.
    public let hour: Instant
    /// SHA-256 of the `sceau/health/1` object.
    public let samples: Digest
    /// How many samples were taken; an hour without outage has 360.
    public let count: Int64
    /// Those that ended in this hour.
    public let outages: [Outage]

    public init(hour: Instant, samples: Digest, count: Int64, outages: [Outage]) {
        self.hour = hour
        self.samples = samples
        self.count = count
        self.outages = outages
    }

    public var fields: [String: JSON] {
        [
            "hour": .instant(hour), "samples": .digest(samples), "count": .integer(count),
            "outages": .array(outages.map(\.json)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        hour = try reader.instant("hour")
        guard hour.milliseconds % 3_600_000 == 0 else { throw CanonicalError(reason: "`hour` is not a whole one") }
        samples = try reader.digest("samples")
        count = try reader.integer("count", in: 1...4000)
        var outages: [Outage] = []
        for value in try reader.array("outages", max: 4000) { outages.append(try Outage(json: value)) }
        self.outages = outages
    }
}

/// The samples of an hour, `sceau/health/1`: kept in the register, named by the hour's ``Health``.
public struct HealthSamples: CanonicalObject {
    public static let format = "sceau/health/1"
    public let hour: Instant
    public let samples: [HealthSample]

    public init(hour: Instant, samples: [HealthSample]) {
        self.hour = hour
        self.samples = samples
    }

    public var fields: [String: JSON] { ["hour": .instant(hour), "samples": .array(samples.map(\.json))] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        hour = try reader.instant("hour")
        var samples: [HealthSample] = []
        for value in try reader.array("samples", max: 4000) { samples.append(try HealthSample(json: value)) }
        self.samples = samples
    }
}
