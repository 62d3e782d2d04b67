public import Canonical

/// What the register says of the clock that wrote it.
public struct ClockHistory: Sendable, Equatable {
    /// Below which no true instant can be: the last `at` of any event. In a span in which the clock was not believed, the last instant
    /// before it. Where somebody decided that the clock was right while `at` was ahead of it, the instant of the decision, until `at`
    /// has moved on.
    public let floor: Instant
    /// Of a span in which the clock was not believed, and that has not ended: the last instant before it that was.
    public let unsoundSince: Instant?

    public init(floor: Instant, unsoundSince: Instant?) {
        self.floor = floor
        self.unsoundSince = unsoundSince
    }

    /// - Parameters:
    ///   - last: the latest `at`.
    ///   - decision: the instant of the last `clock-accepted`, and its `at`.
    public init(last: Instant, decision: (instant: Instant, at: Instant)?, unsoundSince: Instant?) {
        let isStuck = decision.map { last <= $0.at } ?? false
        // What was recorded on a clock that is not believed says nothing: a second start must not take it for the truth.
        self.init(
            floor: unsoundSince ?? (isStuck ? decision?.instant ?? last : last), unsoundSince: unsoundSince)
    }
}

extension Outage {
    public static let down = "not-running"
    /// The clock was not believed.
    public static let clock = "clock"

    /// Whether it holds any instant of `span`.
    public func overlaps(_ span: ClosedRange<Instant>) -> Bool { from <= span.upperBound && to >= span.lowerBound }
}
