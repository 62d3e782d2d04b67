public import Canonical
public import Merkle
public import OpenSSL
public import Procurement
public import Records
public import Sealing
import Synchronization

extension Vault {
    /// The ring of time-lock keys as it is now.
    public var timeLock: TimeLock { ring.withLock { $0 } }

    /// To which every ceremony seals its half now: the time lock's, and the recovery holder's where there is one.
    public var ceremonyCertificates: (timeLock: Certificate, recovery: Certificate?) {
        let timeLock = timeLock
        return (timeLock.certificate, timeLock.recovery)
    }

    /// All keys that are held, the current of each kind first.
    public var hostKeys: [HostKey] { heldKeys.withLock { $0 } }

    /// From now on these: for the ceremonies, releases and warnings to come. What they are is in the log already.
    public func use(_ timeLock: TimeLock, keys: [HostKey]) {
        ring.withLock { $0 = timeLock }
        heldKeys.withLock { $0 = keys }
    }

    /// Records that a key came into use.
    public func record(_ key: HostKey) throws {
        _ = try register.commit { _ in [EventDraft(log: .real, fact: key.added)] }
    }

    /// Records the keys in use of which the log does not know: those of a first start, and those whose files an administrator replaced.
    public func note(_ keys: [HostKey]) throws {
        _ = try register.commit { transaction in
            let known = try transaction.hostKeys()
            return keys.filter { key in
                switch key.kind {
                // One at a time: an older one that is back is news too.
                case .timestampAuthority where !key.isCurrent: false
                case .tls, .timestamp, .timestampAuthority: known.last { $0.kind == key.kind }?.certificate != key.digest
                case .timeLock, .recovery: !known.contains { $0.kind == key.kind && $0.certificate == key.digest }
                }
            }.map { EventDraft(log: .real, fact: $0.added) }
        }
    }

    /// As the log has them.
    public func loggedHostKeys() throws -> [LoggedHostKey] { try register.read { try $0.hostKeys() } }

    /// Records that a key is gone, if nothing needs it. From the commit on nothing is taken that was sealed to it; that its files go is the
    /// caller's to do, afterwards.
    public func retire(_ kind: HostKeyKind, _ certificate: Digest) throws {
        let keys = hostKeys
        guard kind == .timeLock || kind == .recovery else {
            throw Refusal(.invalid, "A \(kind.rawValue) key goes when the next one is added.")
        }
        guard let key = keys.first(where: { $0.kind == kind && $0.digest == certificate }) else {
            throw Refusal(.notFound, "No \(kind.rawValue) key with this certificate is here.")
        }
        guard !key.isCurrent else { throw Refusal(.keys, "It is the \(kind.rawValue) key in use: add the next one first.") }
        let held = Set(keys.filter { $0.kind == .timeLock }.map(\.digest))
        // A clock that is ahead would take a consultation for one that is over.
        let now = try clock.sound()
        _ = try register.commit { transaction in
            let needing = try KeyNeeds(in: transaction, at: now).needing(kind, certificate, held: held)
            guard needing.isEmpty else { throw Refusal(.keys, Vault.needed(by: needing)) }
            return [EventDraft(log: .real, fact: HostKeyRetired(kind: kind, certificate: certificate))]
        }
    }

    private static func needed(by needs: [KeyNeeds.Need]) -> String {
        var lines: [String] = []
        for need in needs where !lines.contains(where: { $0.hasPrefix(need.reference + " (\(need.consultation)") }) {
            lines.append("\(need.reference) (\(need.consultation), deadline \(need.deadline), \(need.phase.rawValue))")
        }
        let rest = lines.count > 20 ? ", and \(lines.count - 20) more" : ""
        return "It is needed, until they are archived, by \(lines.prefix(20).joined(separator: ", "))\(rest)."
    }

    /// A log goes on under a new key, while all else goes on too.
    ///
    /// - Returns: its verifier key.
    public func rotateLog(_ log: Log, to keys: LogKeys) throws -> VerifierKey { try register.rotateKey(of: log, to: keys) }

    /// Records that a recovery key was shown to open so many copies. Whoever asks has the host.
    public func recordRehearsal(certificate: Digest, secrets: Int64) throws {
        let fact = RecoveryRehearsed(certificate: certificate, secrets: secrets)
        _ = try register.commit { _ in [EventDraft(log: .real, fact: fact)] }
    }

    /// What a buyer is told at publication of the platform's own means: nothing of it stops it.
    public func publicationWarnings() throws -> [PublicationWarning] {
        guard timeLock.recovery != nil else { return [.noRecoveryKey] }
        let last = try register.read { try $0.lastRehearsal()?.at }
        let isRecent = last.map { clock.now.second - $0.second <= 90 * 86_400 } ?? false
        return isRecent ? [] : [.recoveryNotRehearsed]
    }

    /// The words are the API's.
    public enum PublicationWarning: String, Sendable, CaseIterable {
        /// If the platform loses its time-lock key, nothing opens.
        case noRecoveryKey = "no-recovery-key"
        /// Nobody has shown in the last 90 days that the recovery key opens what it must.
        case recoveryNotRehearsed = "recovery-not-rehearsed"
    }

    /// The keys with what needs them, for whoever looks after the host. Of what is not published no reference is told.
    public func keyState(for principal: Principal) throws -> KeyState {
        try Permission.check(principal, may: .readHostKeys)
        let keys = hostKeys
        let now = clock.now
        return try register.read { register in
            KeyState(keys: keys, needs: try KeyNeeds(in: register, at: now), rehearsed: try register.lastRehearsal()?.at, now: now)
        }
    }

    public struct KeyState: Sendable {
        public let keys: [HostKey]
        public let needs: KeyNeeds
        /// When a recovery key was last shown to open what is sealed to it.
        public let rehearsed: Instant?
        public let now: Instant

        public func needing(_ key: HostKey) -> [KeyNeeds.Need] {
            needs.needing(key.kind, key.digest, held: Set(keys.filter { $0.kind == .timeLock }.map(\.digest)))
        }
    }
}
