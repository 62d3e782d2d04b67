public import Canonical
public import OpenSSL

/// The daemon's half: opens T, and releases T′ to a session. It keeps no clock; whoever calls ``release(_:to:)`` has checked
/// time and quorum.
public struct TimeLock: ~Copyable, Sendable {
    private let key: PrivateKey
    public let certificate: Certificate
    /// The holder's recovery certificate, where there is one: every capsule must then carry a copy of T for it.
    public let recovery: Certificate?

    public init(key: consuming PrivateKey, certificate: Certificate, recovery: Certificate?) throws(SealingError) {
        guard certificate.keyKind == .p256, certificate.matches(key) else {
            throw SealingError(.keys, "the time-lock certificate is not P-256, or not of the time-lock key")
        }
        if let recovery, !recovery.keyKind.isAccepted {
            throw SealingError(.keys, "the recovery certificate holds \(recovery.keyKind)")
        }
        self.key = key
        self.certificate = certificate
        self.recovery = recovery
    }

    /// What `PUT …/keys` verifies, so that nothing is taken that could not be released later: the set, its capsules, each
    /// sealed thing's shape, and T itself. That SHA-256(T) is nowhere else in the register is the caller's to check.
    public func check(
        _ keySet: KeySet, _ capsules: [Capsule], consultation: Identifier, deadline: Instant, parts: [String]
    ) throws(SealingError) {
        guard keySet.consultation == consultation else {
            throw SealingError(.keys, "the key set is of another consultation")
        }
        guard keySet.parts.map(\.part) == parts else {
            throw SealingError(.keys, "the key set's parts are not the consultation's, in order")
        }
        try keySet.check(capsules)
        for capsule in capsules {
            guard capsule.notBefore == deadline else {
                throw SealingError(
                    .keys, "part \(capsule.part): `notBefore` is \(capsule.notBefore), the deadline is \(deadline)")
            }
            guard (capsule.recovery == nil) == (recovery == nil) else {
                throw SealingError(
                    .keys,
                    "part \(capsule.part): the copy for the recovery key is \(recovery == nil ? "not wanted" : "missing")"
                )
            }
            try capsule.check(recovery: recovery)
            _ = try open(capsule)
        }
    }

    /// T′ of a part, over the capsule that the register took, sealed to a session's certificate. T itself never leaves.
    public func release(_ capsule: Capsule, to session: Certificate) throws(SealingError) -> [UInt8] {
        let secret = try open(capsule)
        return try naming(.cryptography, "the release of part \(capsule.part)") {
            try SealedObject.seal(capsule.platformSecret(from: secret), to: session)
        }
    }

    /// T, if it is the one whose digest the capsule has.
    private func open(_ capsule: Capsule) throws(SealingError) -> Secret {
        guard capsule.timeLock.certificate == Digest(certificate) else {
            throw SealingError(
                .platform,
                "part \(capsule.part): the platform's secret is sealed to another certificate than this platform's")
        }
        let secret = try naming(.platform, "part \(capsule.part): the platform's secret") {
            try SealedObject.open(capsule.timeLock.secret, length: 32, certificate: certificate, key: key)
        }
        guard secret.digest == capsule.platformDigest else {
            throw SealingError(
                .platform, "part \(capsule.part): the platform's secret is not the one that the capsule says")
        }
        return secret
    }
}
