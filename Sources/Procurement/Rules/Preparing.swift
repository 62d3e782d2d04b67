public import Canonical

/// From a draft to a published consultation, and the extension of its deadline. A command and a state give a fact or a
/// refusal; nothing here reads a clock or a disk.
extension Consultation {
    /// - Parameter now: refuses a deadline that has passed.
    public static func creating(
        _ id: Identifier, by principal: Principal, reference: String, title: String, object: String?,
        deadline: Instant, timeZone: String, parts: [String], limits: Limits, now: Instant
    ) throws(Refusal) -> ConsultationCreated {
        try Permission.check(principal, may: .create)
        guard principal.kind != .company else { throw Refusal(.forbidden) }
        try PlainText.check(reference, "reference", max: ConsultationCreated.longestReference)
        try PlainText.check(title, "title", max: ConsultationCreated.longestTitle)
        if let object { try PlainText.check(object, "object", max: ConsultationCreated.longestObject) }
        guard !Deadline(deadline, version: 1).hasCome(at: now) else {
            throw Refusal(.invalid, "deadline: it has passed.")
        }
        try checkYear(deadline)
        guard isZoneName(timeZone) else { throw Refusal(.invalid, "timeZone: not a name such as Europe/Paris.") }
        guard !parts.isEmpty, parts.count <= PartName.most, Set(parts).count == parts.count else {
            throw Refusal(.invalid, "parts: one to \(PartName.most), each once.")
        }
        guard parts.allSatisfy(PartName.isValid) else {
            throw Refusal(.invalid, "parts: a name is 1 to \(PartName.longest) lower-case letters.")
        }
        return ConsultationCreated(
            consultation: id, account: principal.account, buyer: principal.accountName, user: principal.user,
            reference: reference, title: title, object: object, deadline: deadline, timeZone: timeZone, parts: parts,
            limits: limits)
    }

    /// A new key set, once `Sealing` has checked what the daemon could not release later.
    ///
    /// nil where it is the one in force: sent again after a lost answer, it must not undo the acceptances.
    public func settingKeys(
        by principal: Principal, fingerprint: Digest, k: Int, n: Int, notBefore: Instant, parts: [KeysSet.Part],
        now: Instant
    ) throws(Refusal) -> KeysSet? {
        try check(principal, may: .setKeys)
        guard notBefore == deadline.instant else {
            throw Refusal(.keys, "The capsules' notBefore is not the consultation's deadline.")
        }
        guard parts.map(\.part) == self.parts else { throw Refusal(.keys, "The parts are not the consultation's.") }
        // A key for each part: with one for two, the first release would open both.
        for digests in [parts.map(\.certificate), parts.map(\.capsule), parts.map(\.secret)]
        where Set(digests).count != digests.count {
            throw Refusal(.keys, "Two parts share a certificate, a capsule or a secret.")
        }
        guard (1...255).contains(n), (1...n).contains(k) else {
            throw Refusal(.keys, "The quorum is not between 1 and n, or n is above 255.")
        }
        guard !deadline.hasCome(at: now) else { throw Refusal(.tooLate, "The deadline has passed.") }
        guard proposed?.fingerprint != fingerprint, !keySets.contains(where: { $0.keys.fingerprint == fingerprint || $0.keys.original == fingerprint })
        else { return nil }
        try checkBeside(parts)
        return KeysSet(
            consultation: id, user: principal.user, fingerprint: fingerprint, k: k, n: n, notBefore: notBefore,
            parts: parts)
    }

    public func accepting(
        by principal: Principal, fingerprint: Digest, member: Int, acceptance: Digest, isPaper: Bool = false
    ) throws(Refusal) -> KeyAccepted {
        try check(principal, may: .accept)
        // Those that a re-share or a new ceremony has dealt, too: their acceptance is what puts them in force.
        let known = everyKeys.first { $0.fingerprint == fingerprint }
        let keys = if let known { known } else { try keysInForce(fingerprint) }
        guard (1...keys.n).contains(member) else { throw Refusal(.notAMember, "No such member in the key set.") }
        guard !keys.accepted.contains(member) else {
            throw Refusal(.alreadyDone, "Member \(member) has accepted already.")
        }
        return KeyAccepted(
            consultation: id, user: principal.user, fingerprint: fingerprint, member: member, acceptance: acceptance,
            isPaper: isPaper)
    }

    public func publishing(by principal: Principal, fingerprint: Digest, now: Instant) throws(Refusal) -> Published {
        try check(principal, may: .publish)
        let keys = try keysInForce(fingerprint)
        guard keys.accepted.count >= keys.needed else {
            throw Refusal(
                .quorum, "\(keys.accepted.count) members have accepted; publication needs \(keys.needed) of \(keys.n).")
        }
        guard !deadline.hasCome(at: now) else { throw Refusal(.tooLate, "The deadline has passed.") }
        return Published(
            consultation: id, user: principal.user, fingerprint: fingerprint, deadline: deadline.instant,
            deadlineVersion: deadline.version)
    }

    /// Never brought forward, and refused from the deadline itself.
    public func extending(by principal: Principal, to instant: Instant, now: Instant) throws(Refusal) -> DeadlineExtended {
        try check(principal, may: .extend)
        guard !deadline.hasCome(at: now) else { throw Refusal(.tooLate, "The deadline has passed.") }
        // Compared in whole seconds, as all deadlines are: another millisecond is no extension.
        guard instant.second > deadline.instant.second else {
            throw Refusal(.invalid, "deadline: it can be extended, never brought forward.")
        }
        try Consultation.checkDeadline(instant, after: deadline)
        return DeadlineExtended(
            consultation: id, user: principal.user, deadline: instant, deadlineVersion: deadline.version + 1)
    }

    /// A version more of the deadline.
    static func checkDeadline(_ instant: Instant, after deadline: Deadline) throws(Refusal) {
        try checkYear(instant)
        guard Int64(deadline.version) < Deadline.versions.upperBound else {
            throw Refusal(.invalid, "deadline: it was moved as often as it may be.")
        }
    }

    /// Of all sets to which bids are sealed, the one whose committee is in force under this fingerprint.
    func keysInForce(_ fingerprint: Digest) throws(Refusal) -> Keys {
        guard keys != nil else { throw Refusal(.phase, "The consultation has no key set yet.") }
        guard let found = keySets.first(where: { $0.keys.fingerprint == fingerprint }) else {
            throw Refusal(.fingerprint, "The fingerprint is not that of a key set in force.")
        }
        return found.keys
    }

    /// The second in which it closes must still be written with four digits of a year.
    private static func checkYear(_ deadline: Instant) throws(Refusal) {
        guard deadline.milliseconds < 253_402_300_799_000 else { throw Refusal(.invalid, "deadline: beyond year 9999.") }
    }

    /// The form of an IANA name. Whether it exists is for the one who reads a zone database.
    private static func isZoneName(_ name: String) -> Bool {
        guard (1...ConsultationCreated.longestZone).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { word in
            guard let first = word.utf8.first, isLetter(first) else { return false }
            return word.utf8.allSatisfy {
                isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2b || $0 == 0x2d || $0 == 0x5f
            }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
