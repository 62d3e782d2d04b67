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
        try checkText(reference, "reference", max: 200)
        try checkText(title, "title", max: 1000)
        if let object { try checkText(object, "object", max: 4000) }
        guard deadline > now else { throw Refusal(.invalid, "deadline: it has passed.") }
        guard deadline.milliseconds < 253_402_300_800_000 else { throw Refusal(.invalid, "deadline: beyond year 9999.") }
        guard !parts.isEmpty, parts.count <= 8, Set(parts).count == parts.count else {
            throw Refusal(.invalid, "parts: one to eight, each once.")
        }
        for part in parts where !isPartName(part) {
            throw Refusal(.invalid, "parts: a name is 1 to 32 lower-case letters.")
        }
        return ConsultationCreated(
            consultation: id, account: principal.account, user: principal.user, reference: reference, title: title,
            object: object, deadline: deadline, timeZone: timeZone, parts: parts, limits: limits)
    }

    /// A new key set, once `Sealing` has checked what the daemon could not release later.
    public func settingKeys(
        by principal: Principal, fingerprint: Digest, k: Int, n: Int, notBefore: Instant, parts: [KeysSet.Part],
        now: Instant
    ) throws(Refusal) -> KeysSet {
        try check(principal, may: .setKeys)
        guard notBefore == deadline.instant else {
            throw Refusal(.keys, "The capsules' notBefore is not the consultation's deadline.")
        }
        guard parts.map(\.part) == self.parts else { throw Refusal(.keys, "The parts are not the consultation's.") }
        guard (1...n).contains(k), n <= 255 else { throw Refusal(.keys, "The quorum is not between 1 and n.") }
        guard now < deadline.instant else { throw Refusal(.tooLate, "The deadline has passed.") }
        return KeysSet(
            consultation: id, user: principal.user, fingerprint: fingerprint, k: k, n: n, notBefore: notBefore,
            parts: parts)
    }

    public func accepting(
        by principal: Principal, fingerprint: Digest, member: Int, acceptance: Digest
    ) throws(Refusal) -> KeyAccepted {
        try check(principal, may: .accept)
        let keys = try keysInForce(fingerprint)
        guard (1...keys.n).contains(member) else { throw Refusal(.notAMember, "No such member in the key set.") }
        guard !keys.accepted.contains(member) else {
            throw Refusal(.alreadyDone, "Member \(member) has accepted already.")
        }
        return KeyAccepted(
            consultation: id, user: principal.user, fingerprint: fingerprint, member: member, acceptance: acceptance)
    }

    public func publishing(by principal: Principal, fingerprint: Digest, now: Instant) throws(Refusal) -> Published {
        try check(principal, may: .publish)
        let keys = try keysInForce(fingerprint)
        guard keys.accepted.count >= keys.needed else {
            throw Refusal(
                .quorum, "\(keys.accepted.count) members have accepted; publication needs \(keys.needed) of \(keys.n).")
        }
        guard now < deadline.instant else { throw Refusal(.tooLate, "The deadline has passed.") }
        return Published(
            consultation: id, user: principal.user, fingerprint: fingerprint, deadline: deadline.instant,
            deadlineVersion: deadline.version)
    }

    /// Never brought forward, and refused from the deadline itself.
    public func extending(by principal: Principal, to instant: Instant, now: Instant) throws(Refusal) -> DeadlineExtended {
        try check(principal, may: .extend)
        guard now.second < deadline.instant.second else { throw Refusal(.tooLate, "The deadline has passed.") }
        guard instant > deadline.instant else {
            throw Refusal(.invalid, "deadline: it can be extended, never brought forward.")
        }
        guard instant.milliseconds < 253_402_300_800_000 else { throw Refusal(.invalid, "deadline: beyond year 9999.") }
        return DeadlineExtended(
            consultation: id, user: principal.user, deadline: instant, deadlineVersion: deadline.version + 1)
    }

    func keysInForce(_ fingerprint: Digest) throws(Refusal) -> Keys {
        guard let keys else { throw Refusal(.phase, "The consultation has no key set yet.") }
        guard keys.fingerprint == fingerprint else {
            throw Refusal(.fingerprint, "The fingerprint is not that of the key set in force.")
        }
        return keys
    }

    private static func checkText(_ text: String, _ field: String, max: Int) throws(Refusal) {
        guard !text.isEmpty, text.utf8.count <= max, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw Refusal(.invalid, "\(field): 1 to \(max) bytes without control characters.")
        }
    }

    private static func isPartName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7a).contains($0) }
    }
}
