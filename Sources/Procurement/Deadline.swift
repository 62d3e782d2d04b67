public import Canonical

/// One version of a consultation's deadline.
///
/// Compared in whole seconds, for a clock declared good to a second proves no fraction: with a deadline at 12:00:00,
/// 12:00:00.999 is on time, and the consultation closes at 12:00:01.000.
public struct Deadline: Sendable, Equatable {
    public let instant: Instant
    /// Of which there may be so many.
    public static let versions: ClosedRange<Int64> = 1...10_000

    /// 1 at publication, one more at each extension.
    public let version: Int

    public init(_ instant: Instant, version: Int) {
        self.instant = instant
        self.version = version
    }

    /// The first instant at which a bid is late and an opening is possible.
    public var closesAt: Instant { Instant(milliseconds: (instant.second + 1) * 1000) }

    /// Whether its own second has begun: from then on nothing can be published under it, and it cannot be moved. Bids
    /// are on time until that second is over.
    public func hasCome(at now: Instant) -> Bool { now.second >= instant.second }

    public func verdict(received: Instant) -> Verdict {
        received.second <= instant.second ? .onTime : .late
    }
}

/// Whether a bid was received in time (R2151-5 of the Code de la commande publique).
public enum Verdict: String, Sendable {
    case onTime = "on-time"
    case late
    /// Received on a clock known to be wrong: judged once it is sound again, by a `verdict-given` event.
    case pending
}
