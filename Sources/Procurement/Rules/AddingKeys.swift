public import Canonical

/// Another key set once bids may have come: earlier bids keep theirs, and their bidders are told.
///
/// For keys that may have been stolen, or that too few members can still open: those who bid by then may deposit again, under keys that
/// open. What was sealed before stays with the committee of its own keys.
extension Consultation {
    /// Sets that one consultation may have had in force.
    public static let mostKeySets = 16

    /// From this event on bids are sealed to the proposed set.
    ///
    /// nil where it is in force already: sent again after a lost answer.
    ///
    /// - Parameter grounds: why, for the file; the tender documents name another fingerprint from then on.
    public func addingKeys(
        by principal: Principal, fingerprint: Digest, grounds: String, now: Instant
    ) throws(Refusal) -> KeysAdded? {
        try check(principal, may: .addKeys)
        guard let keys else { throw Refusal(.phase, "The consultation has no key set yet.") }
        if keys.original == fingerprint, !earlier.isEmpty { return nil }
        guard !deadline.hasCome(at: now) else { throw Refusal(.tooLate, "The deadline has passed.") }
        guard let proposed, proposed.fingerprint == fingerprint else {
            throw Refusal(.fingerprint, "The fingerprint is not that of a key set that was proposed.")
        }
        guard proposed.accepted.count >= proposed.needed else {
            throw Refusal(
                .quorum, "\(proposed.accepted.count) members have accepted; it takes \(proposed.needed) of \(proposed.n).")
        }
        try Grounds.check(grounds)
        return KeysAdded(
            consultation: id, user: principal.user, fingerprint: fingerprint, replaces: keys.original, grounds: grounds)
    }

    /// A set proposed beside others has keys of its own: with a part key of an earlier set it would protect nothing more.
    func checkBeside(_ parts: [KeysSet.Part]) throws(Refusal) {
        guard published else { return }
        guard keySets.count < Consultation.mostKeySets else {
            throw Refusal(.keys, "A consultation has at most \(Consultation.mostKeySets) key sets.")
        }
        let known = keySets.flatMap(\.keys.parts)
        for part in parts where known.contains(where: { $0.certificate == part.certificate || $0.secret == part.secret }) {
            throw Refusal(.keys, "A certificate or a secret is that of an earlier key set.")
        }
    }
}
