import Canonical
public import OpenSSL
import Procurement

/// With what this vault stamps: its embedded authority, and external ones if there are any.
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

    public init(
        authority: TimestampAuthority, ca: Certificate, perMinute: Int, external: [any TimestampSource] = [],
        isExternalRequired: Bool = false
    ) {
        self.authority = authority
        self.ca = ca
        self.perMinute = perMinute
        self.external = external
        self.isExternalRequired = isExternalRequired
    }

    /// Those that are asked, in order.
    func sources(clock: JudgedClock) -> [any TimestampSource] {
        external.isEmpty ? [EmbeddedSource(stamping: self, clock: clock)] : external
    }
}

/// The embedded authority, asked as the external ones are.
struct EmbeddedSource: TimestampSource {
    let stamping: Stamping
    let clock: JudgedClock

    var name: String { Timestamped.embedded }

    func token(over digest: InlineArray<32, UInt8>) throws(StampFailure) -> TimestampToken {
        guard let now = try? clock.sound() else { throw StampFailure("the clock is not believed") }
        do {
            let request = try TimestampRequest(imprint: digest)
            let answer = try stamping.authority.answer(request.der, at: now.milliseconds)
            return try TimestampResponse.token(of: answer, to: request, trust: [stamping.ca]).token
        } catch {
            throw StampFailure("\(error)")
        }
    }
}
