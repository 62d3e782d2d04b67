import Canonical
import Evidence
import OpenSSL
import Procurement

/// The keys that the host makes itself, with their certificates: at `sceaud init`, and at each rotation.
enum KeyMaking {
    /// A key that nobody else has, and its certificate.
    struct Pair: ~Copyable {
        let key: PrivateKey
        let certificate: Certificate

        init(_ key: consuming PrivateKey, _ certificate: Certificate) {
            self.key = key
            self.certificate = certificate
        }
    }

    private static let day: Int64 = 86_400

    /// A member's clock may be a little behind.
    private static func start(_ now: Int64) -> Int64 { now - 3600 }

    /// As long as the longest procedure, its appeals and its archive may need it: twenty years.
    static func timeLock(now: Int64) throws -> Pair {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: "Sceau time lock", usage: .sealing, notBefore: start(now), notAfter: now + 7300 * day)
        return Pair(key, certificate)
    }

    /// Self-signed.
    ///
    /// - Parameter hosts: at least one.
    static func tls(hosts: [String], now: Int64) throws -> Pair {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: String(hosts[0].prefix(64)), alternativeNames: hosts, usage: .server, notBefore: start(now),
            notAfter: now + 825 * day)
        return Pair(key, certificate)
    }

    /// The embedded time-stamping authority's own: what people trust.
    static func authority(_ name: String, instance: Identifier, now: Int64) throws -> Pair {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: StampAuthorities.ownName(name, instance: instance), usage: .authority, notBefore: start(now),
            notAfter: now + 7300 * day)
        return Pair(key, certificate)
    }

    /// What it signs with.
    static func timestamp(_ name: String, issuer: Certificate, signedWith authority: borrowing PrivateKey, now: Int64) throws -> Pair {
        let key = try PrivateKey.generateP256()
        let certificate = try issuer.issue(
            to: key, commonName: commonName("Sceau timestamp key, " + name), usage: .timestamping, notBefore: start(now),
            notAfter: min(now + 3650 * day, issuer.notAfter), signedWith: authority)
        return Pair(key, certificate)
    }

    /// A common name has at most 64 characters (RFC 5280, upper bounds).
    private static func commonName(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(64)))
    }
}
