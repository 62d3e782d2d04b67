public import Canonical

/// The mirror was lost: what is committed from now on is in the register alone.
public struct MirrorLost: Fact, Equatable {
    public static let type = "mirror-lost"
    public let since: Instant
    /// `full`, `read-only`, `missing`, `refused`, `failed`.
    public let cause: String

    public init(since: Instant, cause: String) {
        self.since = since
        self.cause = Word.standing(for: cause)
    }

    public var fields: [String: JSON] { ["since": .instant(since), "cause": .string(cause)] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        since = try reader.instant("since")
        cause = try reader.word("cause")
    }
}

/// All that was committed is in the mirror again.
public struct MirrorRegained: Fact, Equatable {
    public static let type = "mirror-regained"
    public let since: Instant
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
