public import Canonical

/// The same keys under a new committee's shares: an opening of which nothing of the platform's is released, and which asks
/// neither deadline nor clock. What of it needs cryptography was checked before, by `Reception` with `Sealing`.
extension Consultation {
    /// Role, whose consultation it is, phase.
    public func checkResharing(_ principal: Principal) throws(Refusal) {
        try check(principal, may: .reshare)
    }

    /// - Parameters:
    ///   - announcement: whose `closing` is the digest of `committee`.
    ///   - openings: those announced before, of this consultation.
    ///   - isTaken: whether an opening of this identifier exists, in any consultation.
    public func announcingReshare(
        _ announcement: Announcement, to committee: Digest, among openings: [OpeningState], isTaken: Bool,
        by principal: Principal
    ) throws(Refusal) -> OpeningAnnounced {
        try checkResharing(principal)
        try checkAnnouncement(announcement, among: openings.filter(\.isReshare), isTaken: isTaken)
        guard announcement.closing == committee else {
            throw Refusal(.invalid, "closing: not the digest of the committee.")
        }
        guard announcement.parts == parts else { throw Refusal(.invalid, "parts: a re-share is of every part.") }
        return OpeningAnnounced(
            consultation: id, opening: announcement.opening, user: principal.user, digest: announcement.digest,
            announcement: announcement.signed, announcer: announcement.announcer, session: announcement.session,
            parts: announcement.parts, keys: earlier.isEmpty ? nil : announcement.fingerprint, committee: committee)
    }

    /// nil where the approvals were given before: the same answer again, and more approvals with it.
    public func releasingShares(
        _ opening: OpeningState, by principal: Principal
    ) throws(Refusal) -> SharesReleased? {
        try checkResharing(principal)
        let keys = try checkReshare(opening, by: principal)
        guard opening.approvals.count >= keys.k else {
            throw Refusal(.quorum, "\(opening.approvals.count) of \(keys.k) members have approved.")
        }
        guard !opening.released else { return nil }
        return SharesReleased(
            consultation: id, opening: opening.opening, user: principal.user, approvals: opening.approvals.map(\.member))
    }

    /// The new set, once `Sealing` has found that nothing but members, k and shares differs from the one in force, and that it is
    /// dealt to the committee that was announced.
    ///
    /// nil where it was taken before: sent again after a lost answer.
    ///
    /// - Parameters:
    ///   - replaces: fingerprint of the set that it was compared with.
    ///   - parts: of the new set.
    ///   - openings: all of the consultation's, in the order of their announcements.
    public func resharing(
        _ opening: OpeningState, fingerprint: Digest, replaces: Digest, k: Int, n: Int, parts: [KeysSet.Part],
        among openings: [OpeningState], by principal: Principal
    ) throws(Refusal) -> KeysReshared? {
        try checkResharing(principal)
        let pending = keySet(original: opening.original)?.pending
        if let pending, pending.opening == opening.opening, pending.keys.fingerprint == fingerprint,
            opening.announcedBy == principal.user
        {
            return nil
        }
        let keys = try checkReshare(opening, by: principal)
        guard opening.released, let committee = opening.committee else {
            throw Refusal(.quorum, "Nothing was released to this re-share yet.")
        }
        guard keys.fingerprint == replaces, fingerprint != replaces, fingerprint != keys.original else {
            throw Refusal(.fingerprint, "The keys were replaced meanwhile, or are those in force.")
        }
        guard (1...255).contains(n), (1...n).contains(k) else {
            throw Refusal(.keys, "The quorum is not between 1 and n, or n is above 255.")
        }
        // The daemon's own words: certificate and secret of each part are those in force, its capsule is not.
        guard parts.count == keys.parts.count,
            zip(parts, keys.parts).allSatisfy({
                $0.part == $1.part && $0.certificate == $1.certificate && $0.secret == $1.secret && $0.capsule != $1.capsule
            })
        else { throw Refusal(.keys, "The parts, their certificates or their secrets are not those in force.") }
        // What k members approved last is what is meant: an older re-share does not come back over it.
        let order = openings.map(\.opening)
        if let pending, let last = order.firstIndex(of: pending.opening), let own = order.firstIndex(of: opening.opening), own < last {
            throw Refusal(.alreadyDone, "A re-share that was announced later has dealt already.")
        }
        return KeysReshared(
            consultation: id, opening: opening.opening, user: principal.user, fingerprint: fingerprint, replaces: replaces,
            original: keys.original, committee: committee, k: k, n: n, notBefore: keys.notBefore, parts: parts)
    }

    /// Whether this acceptance puts the pending set in force.
    public func replacing(after acceptance: KeyAccepted) -> KeysReplaced? {
        guard let set = keySets.first(where: { $0.pending?.keys.fingerprint == acceptance.fingerprint }), let pending = set.pending else {
            return nil
        }
        let keys = set.keys
        let accepted = Set(pending.keys.accepted).union([acceptance.member]).sorted()
        guard accepted.count >= pending.keys.needed else { return nil }
        return KeysReplaced(
            consultation: id, opening: pending.opening, fingerprint: pending.keys.fingerprint, replaces: keys.fingerprint,
            original: keys.original, accepted: accepted)
    }

    /// Of the keys in force, its announcer's, and not ended.
    private func checkReshare(_ opening: OpeningState, by principal: Principal) throws(Refusal) -> Keys {
        guard keys != nil, opening.consultation == id, opening.isReshare else { throw Refusal(.notFound) }
        guard opening.announcedBy == principal.user else {
            throw Refusal(.forbidden, "Only its announcer reads an opening.")
        }
        try checkUnderWay(opening)
        return try checkInForce(opening)
    }
}
