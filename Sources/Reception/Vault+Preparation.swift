public import Canonical
import OpenSSL
public import Procurement
import Records
import Sealing

extension Vault {
    // MARK: Reading

    /// Those that are published, and those of the principal's own account.
    ///
    /// Without their keys: anybody may ask, and many at once.
    public func consultations(for principal: Principal?) throws -> [Consultation] {
        try register.read { try $0.consultations() }.filter { $0.isKnown(to: principal) }
    }

    public func consultation(_ id: Identifier, for principal: Principal?) throws -> ConsultationView {
        try register.read { register in
            let consultation = try self.consultation(id, in: register)
            guard consultation.isKnown(to: principal) else { throw Refusal(.notFound) }
            return try view(of: consultation, in: register)
        }
    }

    /// A set as it is in force, or proposed.
    ///
    /// - Parameter set: its fingerprint as first made; nil for the set of bids to come.
    public func keys(of id: Identifier, set: Digest? = nil, for principal: Principal) throws -> KeysView {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .readKeys)
            let found = try self.keySet(set, of: consultation)
            let material = try keyRing.material(for: found.keys, in: register)
            return KeysView(
                fingerprint: material.keySet.fingerprint, keySet: material.keySetBytes, capsules: material.capsuleBytes,
                original: found.keys.original, pending: found.pending?.keys.fingerprint,
                acceptances: try acceptances(of: material, in: register), sets: consultation.listedKeySets)
        }
    }

    /// Ceremonies of one consultation, whether their keys came into force or not.
    static let mostCeremonies: Int64 = 64

    func keySet(_ original: Digest?, of consultation: Consultation) throws -> Consultation.KeySet {
        guard let keys = consultation.keys else { throw Refusal(.phase, "There is no key set yet.") }
        guard let original else { return Consultation.KeySet(keys, pending: consultation.pending) }
        if let proposed = consultation.proposed, proposed.fingerprint == original { return Consultation.KeySet(proposed) }
        guard let found = consultation.keySet(original: original) else { throw Refusal(.notFound) }
        return found
    }

    // MARK: Preparing

    public func create(
        by principal: Principal, reference: String, title: String, object: String?, deadline: Instant,
        timeZone: String, training: Bool, parts: [String]
    ) throws -> ConsultationView {
        let id = Identifier(random: try Random.sixteen())
        _ = try register.commit { [self] _ in
            let fact = try Consultation.creating(
                id, by: principal, reference: reference, title: title, object: object, deadline: deadline,
                timeZone: timeZone, parts: parts, limits: limits.deposits, now: clock.now)
            return [EventDraft(log: training ? .training : .real, fact: fact)]
        }
        return try consultation(id, for: principal)
    }

    /// Takes a key set after checking all that the daemon could not release later.
    public func setKeys(of id: Identifier, by principal: Principal, keySet: [UInt8], capsules: [[UInt8]]) throws -> Digest {
        let before = try register.read { register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .setKeys)
            return consultation
        }
        let material: KeyMaterial
        do {
            material = try KeyMaterial(keySet: keySet, capsules: capsules)
            let timeLock = timeLock
            try timeLock.check(
                material.keySet, material.capsules, consultation: id, deadline: before.deadline.instant,
                parts: before.parts)
            // Not later: a member whose certificate has expired still opens.
            try material.committee.checkMembers(at: clock.now)
            try timeLock.checkTime(of: material.capsules, atSecond: clock.now.second)
        } catch let error as SealingError {
            throw Refusal(.keys, error.text)
        } catch let error as CanonicalError {
            throw Refusal(.keys, error.reason)
        }
        let parts = material.keySet.parts.map { part in
            (part, material.capsules.first { $0.part == part.part })
        }
        let first = material.capsules[0]
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            var entries: [KeysSet.Part] = []
            for case (let part, let capsule?) in parts {
                guard try !transaction.secretIsTaken(capsule.platformDigest, except: id) else {
                    throw Refusal(.keys, "The platform's secret of part \(part.part) was used for another consultation.")
                }
                // Retired since it was checked: nothing would ever open this.
                guard try !transaction.isRetired(.timeLock, capsule.timeLock.certificate) else {
                    throw Refusal(.keys, "The time-lock key of part \(part.part) is gone: seal again.")
                }
                entries.append(
                    KeysSet.Part(
                        part: part.part, certificate: part.certificate, capsule: part.capsule,
                        secret: capsule.platformDigest))
            }
            guard let fact = try consultation.settingKeys(
                by: principal, fingerprint: material.keySet.fingerprint, k: first.k, n: first.members.count,
                notBefore: first.notBefore, parts: entries, now: clock.now)
            else { return [] }
            // Each is kept for ever, with some megabytes of capsules.
            guard try transaction.keySetsMade(of: id) < Vault.mostCeremonies else {
                throw Refusal(.keys, "The keys of this consultation were made \(Vault.mostCeremonies) times: no more are taken.")
            }
            for object in [keySet] + capsules { _ = try transaction.keep(object) }
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return material.keySet.fingerprint
    }

    public func accept(
        _ id: Identifier, by principal: Principal, signed: [UInt8]
    ) throws -> (accepted: [Int], needed: Int) {
        let (material, all) = try register.read { register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .accept)
            return (
                try self.material(of: consultation, in: register),
                try consultation.everyKeys.map { try keyRing.material(for: $0, in: register) }
            )
        }
        let (acceptance, isPaper) = try Vault.refusing(.signature) {
            let signed = try Signed(canonical: signed)
            // Of those in force, or of those that were dealt, as it says itself; who it is by is then checked.
            let said = try signed.verified(as: Acceptance.self).fingerprint
            let accepted = all.first { $0.keySet.fingerprint == said } ?? material
            let acceptance = try accepted.committee.acceptance(signed, fingerprint: accepted.keySet.fingerprint)
            return (acceptance, accepted.isPaper(acceptance.number))
        }
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let fact = try consultation.accepting(
                by: principal, fingerprint: acceptance.fingerprint, member: acceptance.number,
                acceptance: try transaction.keep(signed), isPaper: isPaper)
            let replaced = consultation.replacing(after: fact)
            return [EventDraft(log: consultation.log, fact: fact)]
                + (replaced.map { [EventDraft(log: consultation.log, fact: $0)] } ?? [])
        }
        let keys = try register.read { try $0.keys(acceptance.fingerprint, of: id) }
        return (keys?.accepted ?? [], keys?.needed ?? 0)
    }

    public func publish(_ id: Identifier, by principal: Principal, fingerprint: Digest) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            try checkAuthorities(for: consultation)
            let fact = try consultation.publishing(by: principal, fingerprint: fingerprint, now: clock.sound())
            // Here, not only once the answer is made: whatever becomes of that, a published consultation closes. If it
            // is not published in the end, there will be nothing to close, and it is forgotten.
            closings.set(consultation)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try watch(id, for: principal)
    }

    /// Puts a proposed set in force for bids to come, and has those told who bid under the one before.
    public func addKeys(_ id: Identifier, by principal: Principal, fingerprint: Digest, grounds: String) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            try checkAuthorities(for: consultation)
            let fact = try consultation.addingKeys(by: principal, fingerprint: fingerprint, grounds: grounds, now: clock.sound())
            return fact.map { [EventDraft(log: consultation.log, fact: $0)] } ?? []
        }
        tell(ofKeysAddedTo: id)
        return try watch(id, for: principal)
    }

    public func extend(_ id: Identifier, by principal: Principal, to deadline: Instant) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let fact = try consultation.extending(by: principal, to: deadline, now: clock.sound())
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try watch(id, for: principal)
    }

    /// The buyer's decision that a consultation goes on after a loss.
    public func unfreeze(_ id: Identifier, by principal: Principal, ground: String) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            return [EventDraft(log: consultation.log, fact: try consultation.unfreezing(by: principal, ground: ground))]
        }
        return try watch(id, for: principal)
    }

    func watch(_ id: Identifier, for principal: Principal) throws -> ConsultationView {
        let view = try consultation(id, for: principal)
        closings.set(view.consultation)
        return view
    }

    /// Runs checks of what a client signed or sealed: what fails there is the client's, by name.
    static func refusing<Result>(_ kind: Refusal.Kind, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SealingError {
            throw Refusal(kind, error.text)
        } catch let error as CanonicalError {
            throw Refusal(.malformed, error.reason)
        } catch is OpenSSLError {
            throw Refusal(kind)
        }
    }
}
