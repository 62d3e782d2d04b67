internal import Canonical
internal import OpenSSL

/// T′, what the daemon releases: HMAC-SHA256 under T of what the register took when the keys were set.
///
/// So T never leaves the daemon, and a T copied into another consultation, part, certificate or time gives another T′.
enum PlatformSecret {
    static let format = "sceau/timelock/1"

    static func derive(
        _ secret: borrowing Secret, consultation: Identifier, part: String, certificate: Digest, notBefore: Instant
    ) throws(OpenSSLError) -> Secret {
        let message = JSON.object([
            "format": .string(format), "consultation": .identifier(consultation), "part": .string(part),
            "certificate": .digest(certificate), "notBefore": .instant(notBefore),
        ])
        return try HMAC.sha256(key: secret, message.encoded())
    }
}

extension Secret {
    /// SHA-256: what a capsule says of C and of T.
    var digest: Digest { withBytes { Digest(SHA256.hash($0)) } }
}
