public import Canonical
public import OpenSSL

/// One of the platform's time-lock keys, with its certificate. Read once and never written: several threads use it at a time.
public final class TimeLockKey: Sendable {
    private let key: PrivateKey
    public let certificate: Certificate
    /// SHA-256 of the certificate: how capsules name it.
    public let digest: Digest

    /// Whatever the certificate's time: what was sealed under it must open long after.
    public init(key: consuming PrivateKey, certificate: Certificate) throws(SealingError) {
        guard certificate.keyKind == .p256, certificate.matches(key) else {
            throw SealingError(.keys, "the time-lock certificate is not P-256, or not of the time-lock key")
        }
        self.key = key
        self.certificate = certificate
        digest = Digest(certificate)
    }

    func open(_ sealed: [UInt8]) throws(CMSError) -> Secret {
        try SealedObject.open(sealed, length: 32, certificate: certificate, key: key)
    }
}
