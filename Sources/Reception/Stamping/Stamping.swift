public import OpenSSL
public import Procurement

/// With what this vault stamps: its embedded authority, and what it knows of its clock.
public struct Stamping: Sendable {
    let authority: TimestampAuthority
    /// The certificate under which the embedded authority's tokens hold: what people trust.
    public let ca: Certificate
    /// Tokens that one account gets at `POST /tsa`, each minute.
    let perMinute: Int
    /// Asked before each token: none is made while the clock is known to be wrong.
    let clockState: @Sendable () -> ClockState

    public init(
        authority: TimestampAuthority, ca: Certificate, perMinute: Int,
        clockState: @escaping @Sendable () -> ClockState = { .unjudged }
    ) {
        self.authority = authority
        self.ca = ca
        self.perMinute = perMinute
        self.clockState = clockState
    }
}
