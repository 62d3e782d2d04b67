import Canonical
public import OpenSSL

/// The holder's recovery key, out of its safe for a moment: opens the second copy of T, on the day that no time-lock key is left.
public struct RecoveryKey: ~Copyable {
    private let key: PrivateKey
    public let certificate: Certificate

    public init(key: consuming PrivateKey, certificate: Certificate) throws(SealingError) {
        guard certificate.matches(key) else {
            throw SealingError(.keys, "the recovery certificate is not of the recovery key")
        }
        self.key = key
        self.certificate = certificate
    }

    /// Whether this capsule's second copy is for this key.
    public func isOf(_ capsule: Capsule) -> Bool { capsule.recovery?.certificate == Digest(certificate) }

    /// Shows that T opens; keeps nothing.
    public func rehearse(_ capsule: Capsule) throws(SealingError) { _ = try open(capsule) }

    /// T, sealed anew to a time-lock certificate.
    public func restore(_ capsule: Capsule, to certificate: Certificate) throws(SealingError) -> Capsule.SealedPlatformSecret {
        let secret = try open(capsule)
        let sealed = try naming(.cryptography, "part \(capsule.part): the platform's secret") {
            try SealedObject.seal(secret, to: certificate)
        }
        return .init(certificate: Digest(certificate), secret: sealed)
    }

    private func open(_ capsule: Capsule) throws(SealingError) -> Secret {
        guard let copy = capsule.recovery else {
            throw SealingError(.platform, "part \(capsule.part): it has no copy for a recovery key")
        }
        guard copy.certificate == Digest(certificate) else {
            throw SealingError(.platform, "part \(capsule.part): its recovery copy is sealed to another certificate")
        }
        let secret = try naming(.platform, "part \(capsule.part): the recovery copy") {
            try SealedObject.open(copy.secret, length: 32, certificate: certificate, key: key)
        }
        guard secret.digest == capsule.platformDigest else {
            throw SealingError(.platform, "part \(capsule.part): the recovery copy is not the secret that the capsule says")
        }
        return secret
    }
}
