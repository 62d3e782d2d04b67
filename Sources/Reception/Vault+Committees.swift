public import Canonical
import OpenSSL
public import Procurement
import Records
public import Sealing

extension Vault {
    /// A standing committee, as the API shows it.
    public struct StandingView: Sendable {
        public let committee: StandingCommittee
        public let bytes: [UInt8]
        /// Since when it is in force.
        public let at: Instant
        /// Open consultations whose shares are with somebody who is in it no more.
        public let due: [Consultation]
    }

    /// Puts a standing committee of the principal's account in force. Blocks.
    ///
    /// - Parameter replaced: the one that it was made from, which must be in force still; nil where it stands for itself.
    public func setCommittee(
        _ bytes: [UInt8], named name: String, replacing replaced: Digest? = nil, by principal: Principal
    ) throws -> StandingView {
        try Permission.check(principal, may: .setCommittee)
        let committee = try Vault.refusing(.keys) {
            let committee = try StandingCommittee(canonical: bytes)
            try committee.check(at: clock.now)
            return committee
        }
        guard committee.name == name else { throw Refusal(.keys, "The committee has another name than its address.") }
        for member in committee.members { try PlainText.check(member.name, "name", max: 256) }
        _ = try register.commit { transaction in
            let known = try transaction.committees(of: principal.account)
            guard let fact = try CommitteeSet.setting(
                committee.digest, named: name, replacing: replaced, by: principal, known: known)
            else { return [] }
            _ = try transaction.keep(bytes)
            return [EventDraft(log: .real, fact: fact)]
        }
        return try standing(name, for: principal)
    }

    public func committees(for principal: Principal) throws -> [StandingView] {
        try Permission.check(principal, may: .readCommittees)
        return try register.read { register in
            try register.committees(of: principal.account).map { try self.view($0, of: principal.account, in: register) }
        }
    }

    public func standing(_ name: String, for principal: Principal) throws -> StandingView {
        try Permission.check(principal, may: .readCommittees)
        return try register.read { register in
            guard let entry = try register.committees(of: principal.account).first(where: { $0.name == name }) else {
                throw Refusal(.notFound)
            }
            return try self.view(entry, of: principal.account, in: register)
        }
    }

    private func view(_ entry: CommitteeEntry, of account: Identifier, in register: Snapshot) throws -> StandingView {
        let (committee, bytes) = try standingCommittee(entry.committee, in: register)
        let present = Set(committee.members.map(\.certificate))
        var former: Set<Certificate> = []
        for digest in try register.formerCommittees(of: account, named: entry.name, limit: Self.formerCommittees) {
            former.formUnion(try standingCommittee(digest, in: register).committee.members.map(\.certificate))
        }
        former.subtract(present)
        var due: [Consultation] = []
        if !former.isEmpty {
            for consultation in try openConsultations(of: account, in: register) {
                let members = try consultation.keySets.flatMap { try keyRing.material(for: $0.keys, in: register).committee.members }
                if members.contains(where: { former.contains($0.certificate) }) { due.append(consultation) }
            }
        }
        return StandingView(committee: committee, bytes: bytes, at: entry.at, due: due)
    }

    /// Changes of a committee that are looked back upon.
    private static let formerCommittees = 200

    private func standingCommittee(
        _ digest: Digest, in register: Snapshot
    ) throws -> (committee: StandingCommittee, bytes: [UInt8]) {
        guard let bytes = try register.object(digest) else { throw VaultFailure.register("a standing committee is missing") }
        return (try StandingCommittee(canonical: bytes), bytes)
    }

    /// Those of an account that have keys which may still be needed: sealed, and neither opened nor archived.
    func openConsultations(of account: Identifier, in register: Snapshot) throws -> [Consultation] {
        try register.consultations().filter { consultation in
            guard consultation.account == account, consultation.keys != nil else { return false }
            // Of several key sets the last may be opened, and an earlier one not yet.
            if consultation.phase == .opened, !consultation.earlier.isEmpty { return try !register.unopenedKeySets(of: consultation.id).isEmpty }
            return [.sealed, .published, .closed, .opening].contains(consultation.phase)
        }
    }
}
