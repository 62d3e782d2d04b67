import Canonical
public import OpenSSL
import Procurement
import Synchronization

/// With what this vault stamps: its embedded authority, and external ones if there are any.
public struct Stamping: Sendable {
    /// The embedded one: its key may be replaced while it runs.
    let embedded: EmbeddedAuthority
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
        embedded = EmbeddedAuthority(authority, ca: ca)
        self.perMinute = perMinute
        self.external = external
        self.isExternalRequired = isExternalRequired
    }

    var authority: TimestampAuthority { embedded.now.authority }
    /// The certificate under which the embedded authority's tokens hold: what people trust.
    public var ca: Certificate { embedded.now.ca }

    /// From the next stamp on the embedded authority signs with another key.
    public func use(_ authority: TimestampAuthority, ca: Certificate) { embedded.use(authority, ca: ca) }

    /// Those that are asked, in order.
    func sources(clock: JudgedClock) -> [any TimestampSource] {
        external.isEmpty ? [EmbeddedSource(stamping: self, clock: clock)] : external
    }
}

/// The embedded authority's key and certificate, as they are now.
final class EmbeddedAuthority: Sendable {
    private let state: Mutex<(authority: TimestampAuthority, ca: Certificate)>

    init(_ authority: TimestampAuthority, ca: Certificate) { state = Mutex((authority, ca)) }

    var now: (authority: TimestampAuthority, ca: Certificate) { state.withLock { $0 } }

    func use(_ authority: TimestampAuthority, ca: Certificate) { state.withLock { $0 = (authority, ca) } }
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
            let (authority, ca) = stamping.embedded.now
            let answer = try authority.answer(request.der, at: now.milliseconds)
            return try TimestampResponse.token(of: answer, to: request, trust: [ca]).token
        } catch {
            throw StampFailure("\(error)")
        }
    }
}
