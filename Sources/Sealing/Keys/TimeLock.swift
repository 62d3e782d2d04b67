public import Canonical
public import OpenSSL

/// The daemon's half: opens T, and releases T′ to a session. It keeps no clock; whoever calls ``release(_:restored:to:)`` has checked
/// time and quorum.
///
/// A ring: one key is the current one, to which ceremonies seal; those before stay as long as a consultation needs them, whatever the
/// time of their certificates.
public struct TimeLock: Sendable {
    /// The current one first.
    public let keys: [TimeLockKey]
    /// The holders' recovery certificates, the current one first; empty where there is none: every capsule must then carry a copy of T
    /// for one of them, or none.
    public let recoveries: [Certificate]

    /// - Parameter keys: at least one, the current one first.
    public init(_ keys: [TimeLockKey], recoveries: [Certificate]) throws(SealingError) {
        guard !keys.isEmpty else { throw SealingError(.keys, "there is no time-lock key") }
        for recovery in recoveries where !recovery.keyKind.isAccepted {
            throw SealingError(.keys, "the recovery certificate holds \(recovery.keyKind)")
        }
        self.keys = keys
        self.recoveries = recoveries
    }

    /// With one key.
    public init(key: consuming PrivateKey, certificate: Certificate, recovery: Certificate?) throws(SealingError) {
        try self.init([TimeLockKey(key: key, certificate: certificate)], recoveries: recovery.map { [$0] } ?? [])
    }

    public var certificate: Certificate { keys[0].certificate }
    public var recovery: Certificate? { recoveries.first }

    public func holds(_ certificate: Digest) -> Bool { keys.contains { $0.digest == certificate } }

    /// What `PUT …/keys` verifies, so that nothing is taken that could not be released later: the set, its capsules, each
    /// sealed thing's shape, and T itself. That SHA-256(T) is nowhere else in the register is the caller's to check.
    ///
    /// A ceremony that began before a rotation sealed to the keys of then: it is taken as long as they are held.
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
            guard (capsule.recovery == nil) == recoveries.isEmpty else {
                throw SealingError(
                    .keys,
                    "part \(capsule.part): the copy for the recovery key is \(recoveries.isEmpty ? "not wanted" : "missing")"
                )
            }
            try capsule.check(recovery: recoveryCertificate(of: capsule))
            _ = try open(capsule, restored: [])
        }
    }

    /// Refuses a ceremony that sealed to a certificate which is out of its time: nothing new begins under it, though all that was
    /// sealed under it still opens.
    ///
    /// - Parameter second: since 1970.
    public func checkTime(of capsules: [Capsule], atSecond second: Int64) throws(SealingError) {
        for capsule in capsules {
            let key = keys.first { $0.digest == capsule.timeLock.certificate }?.certificate
            for (certificate, name) in [(key, "time-lock"), (recoveryCertificate(of: capsule), "recovery")] {
                guard let certificate, !certificate.isValid(atSecond: second) else { continue }
                let word = certificate.notAfter < second ? "has expired" : "is not valid yet"
                throw SealingError(
                    .keys,
                    "part \(capsule.part): the platform's \(name) certificate \(word): its administrator adds a new one (sceaud key add \(name))")
            }
        }
    }

    /// T′ of a part, over the capsule that the register took, sealed to a session's certificate. T itself never leaves.
    ///
    /// - Parameter restored: copies of T that were sealed to another key later, the newest first.
    public func release(
        _ capsule: Capsule, restored: [Capsule.SealedPlatformSecret] = [], to session: Certificate
    ) throws(SealingError) -> [UInt8] {
        let secret = try open(capsule, restored: restored)
        return try naming(.cryptography, "the release of part \(capsule.part)") {
            try SealedObject.seal(capsule.platformSecret(from: secret), to: session)
        }
    }

    private func recoveryCertificate(of capsule: Capsule) -> Certificate? {
        recoveries.first { Digest($0) == capsule.recovery?.certificate } ?? recovery
    }

    /// T, if it is the one whose digest the capsule has: from the newest copy whose key is here.
    private func open(_ capsule: Capsule, restored: [Capsule.SealedPlatformSecret]) throws(SealingError) -> Secret {
        for copy in restored + [capsule.timeLock] {
            guard let key = keys.first(where: { $0.digest == copy.certificate }) else { continue }
            let secret = try naming(.platform, "part \(capsule.part): the platform's secret") { try key.open(copy.secret) }
            guard secret.digest == capsule.platformDigest else {
                throw SealingError(
                    .platform, "part \(capsule.part): the platform's secret is not the one that the capsule says")
            }
            return secret
        }
        throw SealingError(
            .platform,
            "part \(capsule.part): the platform's secret is sealed to another certificate than this platform's")
    }
}
