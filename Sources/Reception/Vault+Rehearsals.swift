public import Canonical
import OpenSSL
public import Procurement
import Records
import Sealing

extension Vault {
    /// A share that a key holds, where it may still be needed.
    public struct HeldShare: Sendable {
        public let consultation: Consultation
        public let fingerprint: Digest
        public let number: Int
        /// Nil where it was not accepted yet.
        public let rehearsal: RehearsalEntry?
    }

    /// A member who should open its share again.
    public struct Reminder: Sendable {
        public let consultation: Consultation
        public let name: String
        public let rehearsal: RehearsalEntry
    }

    /// Where, among the open consultations of the principal's account, this certificate holds a share.
    public func shares(of certificate: Digest, for principal: Principal) throws -> [HeldShare] {
        try Permission.check(principal, may: .readShares)
        return try register.read { register in
            var held: [HeldShare] = []
            for consultation in try openConsultations(of: principal.account, in: register) {
                // Those in force, and those that were dealt and are not.
                for keys in consultation.everyKeys {
                    let committee = try keyRing.material(for: keys, in: register).committee
                    guard let member = committee.members.first(where: { Digest($0.certificate) == certificate }) else { continue }
                    held.append(
                        HeldShare(
                            consultation: consultation, fingerprint: committee.fingerprint, number: member.number,
                            rehearsal: try register.rehearsal(
                                member.number, of: consultation.id, fingerprint: committee.fingerprint)))
                }
            }
            return held
        }
    }

    /// Takes a member's word that its share opened. Blocks.
    public func rehearse(_ id: Identifier, by principal: Principal, signed: [UInt8]) throws -> RehearsalEntry {
        let sets = try register.read { register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .rehearse)
            return try consultation.keySets.map { try keyRing.material(for: $0.keys, in: register) }
        }
        let (rehearsal, material): (ShareRehearsal, KeyMaterial) = try Vault.refusing(.signature) {
            let signed = try Signed(canonical: signed)
            let said = try signed.verified(as: ShareRehearsal.self).fingerprint
            guard let material = sets.first(where: { $0.keySet.fingerprint == said }) ?? sets.last else { throw Refusal(.phase) }
            return (try material.committee.rehearsal(signed, fingerprint: material.keySet.fingerprint), material)
        }
        let isPaper = material.isPaper(rehearsal.number)
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let fact = try consultation.rehearsing(
                by: principal, fingerprint: rehearsal.fingerprint, member: rehearsal.number, memberInstant: rehearsal.at,
                rehearsal: try transaction.keep(signed), isPaper: isPaper,
                last: transaction.rehearsal(rehearsal.number, of: id, fingerprint: rehearsal.fingerprint), now: clock.now)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        guard let entry = try register.read({
            try $0.rehearsal(rehearsal.number, of: id, fingerprint: rehearsal.fingerprint)
        }) else { throw VaultFailure.register("a rehearsal is missing") }
        return entry
    }

    /// The members of the account's committees of whom a rehearsal is due, in the order of consultations.
    public func reminders(for principal: Principal) throws -> [Reminder] {
        try Permission.check(principal, may: .readReminders)
        return try register.read { register in
            try register.reminders(account: principal.account, limit: Self.mostReminders).map { entry in
                let consultation = try self.consultation(entry.consultation, in: register)
                let members = try material(entry.fingerprint, of: consultation.id, in: register).committee.members
                return Reminder(
                    consultation: consultation, name: members.first { $0.number == entry.member }?.name ?? "", rehearsal: entry)
            }
        }
    }

    static let mostReminders = 1000

    /// Says of each member who has not rehearsed for so long that it is due; once for each such period. With the disk full, or on a clock
    /// that is not believed, it is said later.
    func tendRehearsals() {
        guard let now = try? clock.sound() else { return }
        let days = Int64(limits.rehearsalDays)
        do {
            let before = now.advanced(bySeconds: -days * 86_400)
            let entries = try register.read { try $0.rehearsals(before: before, limit: Self.mostReminders) }
            guard !entries.isEmpty else { return }
            _ = try register.commit(.trace) { [self] transaction in
                // Again, as the register stands now: a rehearsal may have come.
                try transaction.rehearsals(before: before, limit: Self.mostReminders).compactMap { entry in
                    guard let fact = entry.due(after: days, now: now) else { return nil }
                    return EventDraft(log: try self.consultation(entry.consultation, in: transaction).log, fact: fact)
                }
            }
        } catch {
            report("rehearsals could not be looked after: \(error)")
        }
    }
}

extension KeyMaterial {
    /// Whether this member's key lies on paper, by its certificate.
    func isPaper(_ number: Int) -> Bool {
        committee.members.first { $0.number == number }?.certificate.isPaper ?? false
    }
}
