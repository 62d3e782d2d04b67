public import Canonical

extension Consultation {
    /// A rehearsal counts once, for the key set in force, of a member who accepted it.
    ///
    /// - Parameters:
    ///   - last: when its share was last known to open, where it accepted.
    ///   - memberInstant: as the member signed it: not older than what is known, so that an old statement is no news.
    public func rehearsing(
        by principal: Principal, fingerprint: Digest, member: Int, memberInstant: Instant, rehearsal: Digest,
        isPaper: Bool, last: RehearsalEntry?, now: Instant
    ) throws(Refusal) -> ShareRehearsed {
        try check(principal, may: .rehearse)
        let keys = try keysInForce(fingerprint)
        guard (1...keys.n).contains(member) else { throw Refusal(.notAMember, "No such member in the key set.") }
        guard let last else {
            throw Refusal(.phase, "Member \(member) has not accepted this key set yet; its acceptance says the same.")
        }
        guard abs(memberInstant.second - now.second) <= Consultation.rehearsalTolerance else {
            throw Refusal(.invalid, "at: more than a day from the platform's clock.")
        }
        guard last.rehearsed.map({ memberInstant > $0 }) ?? true else {
            throw Refusal(.alreadyDone, "Member \(member) has rehearsed since.")
        }
        return ShareRehearsed(
            consultation: id, user: principal.user, fingerprint: fingerprint, member: member,
            memberInstant: memberInstant, rehearsal: rehearsal, isPaper: isPaper)
    }

    /// Seconds between a member's clock and the platform's.
    static let rehearsalTolerance: Int64 = 86_400
}

extension RehearsalEntry {
    /// The reminder of a share that was last known to open `days` ago, or was last reminded of so long ago; nil where none is due.
    public func due(after days: Int64, now: Instant) -> RehearsalDue? {
        guard now >= (reminded ?? since).advanced(bySeconds: days * 86_400) else { return nil }
        return RehearsalDue(consultation: consultation, fingerprint: fingerprint, member: member, since: since)
    }
}

extension CommitteeSet {
    /// - Parameters:
    ///   - name: as the object has it, held to its form by `Sealing`.
    ///   - replaced: the one that it was made from; nil where it stands for itself. Where another is in force by now, somebody else's change
    ///     would be undone without a word.
    ///   - known: those that the account has.
    /// - Returns: nil where it is the one in force: sent again after a lost answer.
    public static func setting(
        _ committee: Digest, named name: String, replacing replaced: Digest? = nil, by principal: Principal, known: [CommitteeEntry]
    ) throws(Refusal) -> CommitteeSet? {
        try Permission.check(principal, may: .setCommittee)
        guard principal.kind != .company else { throw Refusal(.forbidden) }
        let entry = known.first { $0.name == name }
        guard entry?.committee != committee else { return nil }
        if let replaced, entry?.committee != replaced {
            throw Refusal(.superseded, "The committee was changed meanwhile: \(entry?.committee.hex ?? "none") is in force, not \(replaced.hex).")
        }
        if entry == nil, known.count >= most {
            throw Refusal(.invalid, "An account has at most \(most) standing committees.")
        }
        return CommitteeSet(account: principal.account, user: principal.user, name: name, committee: committee)
    }
}
