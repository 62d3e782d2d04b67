public import OpenSSL

/// With what this vault stamps: its embedded authority.
public struct Stamping: Sendable {
    let authority: TimestampAuthority
    /// The certificate under which the embedded authority's tokens hold: what people trust.
    public let ca: Certificate
    /// Tokens that one account gets at `POST /tsa`, each minute.
    let perMinute: Int

    public init(authority: TimestampAuthority, ca: Certificate, perMinute: Int) {
        self.authority = authority
        self.ca = ca
        self.perMinute = perMinute
    }
}
