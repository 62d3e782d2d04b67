import Canonical
public import OpenSSL
public import Procurement

/// With what this vault stamps: its embedded authority, external ones if there are any, and what it knows of its clock.
public struct Stamping: Sendable {
    let authority: TimestampAuthority
    /// The certificate under which the embedded authority's tokens hold: what people trust.
    public let ca: Certificate
    /// In order of preference. While there is one, the embedded authority stamps neither bids nor closings.
    let external: [any TimestampSource]
    /// Whether a real consultation needs an external authority to be published.
    let isExternalRequired: Bool
    /// Tokens that one account gets at `POST /tsa`, each minute.
    let perMinute: Int
    /// Asked before each token of our own: none is made while the clock is known to be wrong.
    let clockState: @Sendable () -> ClockState

    public init(
        authority: TimestampAuthority, ca: Certificate, perMinute: Int, external: [any TimestampSource] = [],
        isExternalRequired: Bool = false, clockState: @escaping @Sendable () -> ClockState = { .unjudged }
    ) {
        self.authority = authority
        self.ca = ca
        self.perMinute = perMinute
        self.external = external
        self.isExternalRequired = isExternalRequired
        self.clockState = clockState
    }

    /// Those that are asked, in order.
    func sources(clock: WallClock) -> [any TimestampSource] {
        external.isEmpty ? [EmbeddedSource(stamping: self, clock: clock)] : external
    }
}

/// The embedded authority, asked as the external ones are.
struct EmbeddedSource: TimestampSource {
    let stamping: Stamping
    let clock: WallClock

    var name: String { Timestamped.embedded }

    func token(over digest: InlineArray<32, UInt8>) throws(StampFailure) -> TimestampToken {
        guard stamping.clockState() != .unsound else { throw StampFailure("the clock is not sound") }
        do {
            let request = try TimestampRequest(imprint: digest)
            let answer = try stamping.authority.answer(request.der, at: clock.now.milliseconds)
            return try TimestampResponse.token(of: answer, to: request, trust: [stamping.ca]).token
        } catch {
            throw StampFailure("\(error)")
        }
    }
}
