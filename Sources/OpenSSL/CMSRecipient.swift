/// Whom a CMS is sealed to: always exactly one.
enum CMSRecipient {
    /// P-256: ephemeral-static ECDH (RFC 5753), KDF SHA-256, AES-256 key wrap.
    case agreement(Certificate)
    /// RSA: OAEP with SHA-256 (RFC 3560); `count` is the modulus in bytes.
    case transport(Certificate, count: Int)
    /// A symmetric key known to both sides (RFC 5652, 6.2.3), AES-256 key wrap.
    case keyEncryption

    /// The identifier of every key-encryption key of ours, in stock `openssl`: `-secretkeyid 73636561752f706172742d6b65792f31`.
    static let keyIdentifier = Array("sceau/part-key/1".utf8)

    init(_ certificate: Certificate) throws(OpenSSLError) {
        let kind = certificate.keyKind
        switch kind {
        case .p256: self = .agreement(certificate)
        case .rsa(let bits) where kind.isAccepted: self = .transport(certificate, count: (bits + 7) / 8)
        default: throw OpenSSLError(operation: "seal to \(kind): P-256, or RSA from 3072 to 8192 bits, is needed")
        }
    }
}
