public import Canonical
public import Procurement
public import Records
import Sealing

/// Which consultations need which of the host's keys: read from the capsules of all that is not archived.
public struct KeyNeeds: Sendable {
    /// One part of one key set.
    public struct Need: Sendable, Equatable {
        public let consultation: Identifier
        public let reference: String
        public let log: Log
        public let deadline: Instant
        public let phase: Phase
        public let part: String
        /// SHA-256 of T.
        public let secret: Digest
        /// SHA-256 of the capsule.
        public let capsule: Digest
        /// Digests of the time-lock certificates to which T is sealed, the newest first: any one of their keys releases it.
        public let timeLocks: [Digest]
        /// Of the recovery certificate; nil where there was none.
        public let recovery: Digest?
    }

    public let needs: [Need]

    /// - Parameter now: a consultation that was never published needs nothing once its deadline is past.
    public init(in register: Snapshot, at now: Instant) throws {
        needs = try register.neededKeys(at: now).flatMap { consultation in
            try consultation.parts.map { part in
                guard let bytes = try register.object(part.capsule) else {
                    throw VaultFailure.register("the capsule \(part.capsule) is missing")
                }
                let capsule = try Capsule(canonical: bytes)
                return Need(
                    consultation: consultation.consultation, reference: consultation.reference, log: consultation.log,
                    deadline: consultation.deadline, phase: consultation.phase, part: part.part, secret: part.secret,
                    capsule: part.capsule,
                    timeLocks: try register.restoredCopies(of: part.secret).map(\.certificate) + [capsule.timeLock.certificate],
                    recovery: capsule.recovery?.certificate)
            }
        }
    }

    /// What would not open any more without this key.
    ///
    /// - Parameter held: digests of the time-lock keys that are here.
    public func needing(_ kind: HostKeyKind, _ certificate: Digest, held: Set<Digest>) -> [Need] {
        switch kind {
        case .timeLock:
            needs.filter { $0.timeLocks.contains(certificate) && held.isDisjoint(with: Set($0.timeLocks).subtracting([certificate])) }
        case .recovery: needs.filter { $0.recovery == certificate }
        case .timestamp, .timestampAuthority, .tls: []
        }
    }

    /// What cannot be released with the keys that are held.
    public func without(held: Set<Digest>) -> [Need] { needs.filter { held.isDisjoint(with: $0.timeLocks) } }
}
