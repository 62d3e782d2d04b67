/// What was known of the daemon's clock when it gave an instant. A bid is received and kept whatever it says, because a
/// bidder must not pay for the platform's clock.
public enum ClockState: String, Sendable, CaseIterable {
    /// Compared with other clocks and found good.
    case sound
    /// Known to be wrong.
    case unsound
    /// Read, and compared with nothing.
    case unjudged
}
