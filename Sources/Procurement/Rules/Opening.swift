public import Canonical

/// The unsealing protocol's checks that need no cryptography: who, when, how many. Signatures, digests and shapes were
/// checked before, by `Reception` with `Sealing`.
extension Consultation {
    /// What the announcement says of itself.
    public struct Announcement: Sendable {
        public let opening: Identifier
        public let log: Log
        public let fingerprint: Digest
        public let deadline: Instant
        public let closing: Digest
        public let parts: [String]
        public let announcer: Int
        public let session: Digest
        /// SHA-256 of the opening object, and of the signed object around it.
        public let digest: Digest
        public let signed: Digest

        public init(
            opening: Identifier, log: Log, fingerprint: Digest, deadline: Instant, closing: Digest, parts: [String],
            announcer: Int, session: Digest, digest: Digest, signed: Digest
        ) {
            self.opening = opening
            self.log = log
            self.fingerprint = fingerprint
            self.deadline = deadline
            self.closing = closing
            self.parts = parts
            self.announcer = announcer
            self.session = session
            self.digest = digest
            self.signed = signed
        }
    }

    /// Whether the list of openings may be read.
    public func checkListing(_ principal: Principal) throws(Refusal) {
        try check(principal, may: .readOpenings)
    }

    /// Before a signature is looked at: role, then time (who asks too early is told when), then phase.
    public func checkAnnouncing(_ principal: Principal, now: Instant) throws(Refusal) {
        try checkSide(principal, for: .announce)
        guard isPublic, !archived else { throw Refusal(.phase, "The consultation is \(phase.rawValue).") }
        try checkPast(now)
        try check(principal, may: .announce)
    }

    /// - Parameters:
    ///   - openings: those announced before, of this consultation.
    ///   - isTaken: whether an opening of this identifier exists, in any consultation.
    public func announcing(
        _ announcement: Announcement, among openings: [OpeningState], isTaken: Bool, by principal: Principal,
        now: Instant
    ) throws(Refusal) -> OpeningAnnounced {
        try checkAnnouncing(principal, now: now)
        let openings = openings.filter { !$0.isReshare }
        let inForce = try checkAnnouncement(announcement, among: openings, isTaken: isTaken)
        guard announcement.closing == closed else { throw Refusal(.invalid, "closing: not the closing in the register.") }
        try checkOrder(announcement.parts, after: openings.filter { $0.original == inForce.original })
        return OpeningAnnounced(
            consultation: id, opening: announcement.opening, user: principal.user, digest: announcement.digest,
            announcement: announcement.signed, announcer: announcement.announcer, session: announcement.session,
            parts: announcement.parts, keys: earlier.isEmpty ? nil : announcement.fingerprint)
    }

    /// What any announcement says: of this consultation, as it stands, and by a member who has not flooded it.
    ///
    /// - Parameter openings: those of the same purpose.
    /// - Returns: the set whose committee it asks.
    @discardableResult
    func checkAnnouncement(
        _ announcement: Announcement, among openings: [OpeningState], isTaken: Bool
    ) throws(Refusal) -> Keys {
        let keys = try keysInForce(announcement.fingerprint)
        guard announcement.log == log else { throw Refusal(.invalid, "log: not the consultation's.") }
        guard announcement.deadline == deadline.instant else {
            throw Refusal(.invalid, "deadline: not the one in the register.")
        }
        guard (1...keys.n).contains(announcement.announcer) else { throw Refusal(.notAMember, "No such member.") }
        guard !isTaken else { throw Refusal(.alreadyDone, "This opening was announced already.") }
        // Of these keys: under others the number is another person's.
        guard
            openings.count(where: { $0.announcer == announcement.announcer && $0.keys == keys.fingerprint }) < Consultation.mostOpenings
        else {
            throw Refusal(.forbidden, "Member \(announcement.announcer) has announced as many openings as one may.")
        }
        return keys
    }

    public func approving(
        _ opening: OpeningState, member: Int, memberInstant: Instant, approval: Digest,
        shares: [OpeningApproved.Share], isPaper: Bool = false, by principal: Principal, now: Instant
    ) throws(Refusal) -> OpeningApproved {
        if opening.isReshare {
            try checkResharing(principal)
        } else {
            try check(principal, may: .approve)
            try checkPast(now)
        }
        guard keys != nil, opening.consultation == id else { throw Refusal(.notFound) }
        try checkUnderWay(opening)
        let keys = try checkInForce(opening)
        // A share that its member never checked may be worthless: only accepted ones count.
        guard keys.accepted.contains(member) else {
            throw Refusal(.notAMember, "No member \(member) has accepted its share of this key set.")
        }
        guard !opening.approvals.contains(where: { $0.member == member }) else {
            throw Refusal(.alreadyDone, "Member \(member) has approved this opening already.")
        }
        // A member's own signed instant must be past too: k independent clocks.
        guard opening.isReshare || memberInstant >= opensAt else {
            throw Refusal(.notYet, "The approval's own instant is before the deadline.", possibleAt: opensAt)
        }
        guard shares.map(\.part) == opening.parts else {
            throw Refusal(.share, "One share for each part of the opening, in its order.")
        }
        return OpeningApproved(
            consultation: id, opening: opening.opening, user: principal.user, member: member,
            memberInstant: memberInstant, approval: approval, shares: shares, isPaper: isPaper)
    }

    /// nil where it was released before: the same answer again, and more approvals with it.
    public func releasing(
        _ opening: OpeningState, by principal: Principal, now: Instant
    ) throws(Refusal) -> OpeningReleased? {
        try check(principal, may: .release)
        try checkPast(now)
        guard keys != nil, opening.consultation == id, !opening.isReshare else { throw Refusal(.notFound) }
        guard opening.announcedBy == principal.user else {
            throw Refusal(.forbidden, "Only its announcer reads an opening.")
        }
        let keys = try checkInForce(opening)
        // Who needs more than its minutes say announces another: what is ended stays ended.
        try checkUnderWay(opening)
        guard opening.approvals.count >= keys.k else {
            throw Refusal(.quorum, "\(opening.approvals.count) of \(keys.k) members have approved.")
        }
        guard !opening.released else { return nil }
        return OpeningReleased(
            consultation: id, opening: opening.opening, user: principal.user, approvals: opening.approvals.map(\.member))
    }

    /// Whether this bid's files may be read in this opening. Late ones and withdrawn ones are withheld, but for those that the buyer admitted;
    /// so are those under other keys.
    public func checkRead(_ bid: BidEntry, in opening: OpeningState, by principal: Principal) throws(Refusal) {
        try checkReading(opening, by: principal)
        guard bid.consultation == id else { throw Refusal(.notFound) }
        guard bid.keys == opening.original else {
            throw Refusal(.withheld, "This bid is sealed to other keys, whose own committee opens it.")
        }
        guard !bid.isWithheld(in: opening) else {
            throw Refusal(.withheld, "This bid came after the deadline, or was withdrawn: it stays sealed.")
        }
    }

    /// Whether the list of bids may be read in this opening.
    public func checkReading(_ opening: OpeningState, by principal: Principal) throws(Refusal) {
        try check(principal, may: .readBids)
        guard opening.consultation == id, !opening.isReshare else { throw Refusal(.notFound) }
        guard opening.announcedBy == principal.user else {
            throw Refusal(.forbidden, "Only its announcer reads an opening.")
        }
        guard opening.released else { throw Refusal(.quorum, "Nothing was released to this opening yet.") }
        guard !opening.concluded else { throw Refusal(.phase, "This opening is concluded.") }
    }

    /// Only its announcer ends an opening, after a release, once, with minutes that account for every bid of the
    /// closing that was on time.
    public func concluding(
        _ opening: OpeningState, minutes: Digest, announcer: Int, opened: [Identifier], failed: [Identifier],
        bids: [BidEntry], by principal: Principal
    ) throws(Refusal) -> OpeningConcluded {
        try check(principal, may: .conclude)
        guard opening.consultation == id, !opening.isReshare else { throw Refusal(.notFound) }
        guard opening.announcedBy == principal.user, opening.announcer == announcer else {
            throw Refusal(.forbidden, "Only its announcer ends an opening.")
        }
        guard opening.released else { throw Refusal(.quorum, "Nothing was released to this opening yet.") }
        guard !opening.concluded else { throw Refusal(.alreadyDone, "This opening is concluded.") }
        let accounted = opened + failed
        let expected = bids.filter { $0.consultation == id && !$0.isWithheld(in: opening) }.map(\.bid)
        guard accounted.count == expected.count, Set(accounted) == Set(expected) else {
            throw Refusal(.invalid, "The minutes do not account for each bid of the closing, once.")
        }
        let wasOpened = Set(opened)
        return OpeningConcluded(
            consultation: id, opening: opening.opening, user: principal.user, announcer: announcer, minutes: minutes,
            opened: expected.filter(wasOpened.contains), failed: expected.filter { !wasOpened.contains($0) })
    }

    /// Openings that one member may announce for one consultation: a lost session key or a wrong share asks for another,
    /// and no member's flood hides the rest.
    public static let mostOpenings = 32

    /// Of keys that were replaced since nothing more is approved or released: who opens is the new committee. What was
    /// released before is read and concluded, so that it ends with minutes.
    ///
    /// - Returns: the keys that it names.
    @discardableResult
    public func checkInForce(_ opening: OpeningState) throws(Refusal) -> Keys {
        guard let set = keySets.first(where: { $0.keys.fingerprint == opening.keys }) else {
            throw Refusal(.fingerprint, "The keys that this opening names were replaced since; announce another.")
        }
        return set.keys
    }

    func checkUnderWay(_ opening: OpeningState) throws(Refusal) {
        guard !opening.voided else { throw Refusal(.phase, "A reopening ended this opening.") }
        guard !opening.concluded else { throw Refusal(.phase, "This opening is concluded.") }
    }

    /// Parts are opened in the consultation's order: none before those that precede it were released or come with it.
    ///
    /// - Parameter openings: of the same keys. A set that nobody can open any more must not keep the bids under another shut.
    private func checkOrder(_ asked: [String], after openings: [OpeningState]) throws(Refusal) {
        guard !asked.isEmpty, asked == parts.filter(asked.contains) else {
            throw Refusal(.invalid, "parts: not the consultation's, in its order.")
        }
        let released = Set(openings.filter { $0.consultation == id && $0.released }.flatMap(\.parts))
        if let missing = parts.prefix(while: { $0 != asked[asked.count - 1] })
            .first(where: { !asked.contains($0) && !released.contains($0) })
        {
            throw Refusal(.invalid, "parts: \(missing) is opened before.")
        }
    }
}
