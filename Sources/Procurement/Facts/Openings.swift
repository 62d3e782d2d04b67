public import Canonical

/// A member announced an opening. The signed announcement is an object of the register.
public struct OpeningAnnounced: Fact {
    public static let type = "opening-announced"
    public let consultation: Identifier
    public let opening: Identifier
    public let user: Identifier
    /// SHA-256 of the opening object, which approvals sign.
    public let digest: Digest
    /// SHA-256 of the signed object, as kept.
    public let announcement: Digest
    /// The announcer's number in the key set.
    public let announcer: Int
    /// SHA-256 of the session certificate to which everything of this opening is sealed.
    public let session: Digest
    public let parts: [String]
    /// Fingerprint of the set that it asks, as it is in force; absent where there never was but one.
    public let keys: Digest?
    /// Of a re-share: SHA-256 of the committee that it deals to, an object of the register.
    public let committee: Digest?

    public init(
        consultation: Identifier, opening: Identifier, user: Identifier, digest: Digest, announcement: Digest,
        announcer: Int, session: Digest, parts: [String], keys: Digest? = nil, committee: Digest? = nil
    ) {
        self.keys = keys
        self.committee = committee
        self.consultation = consultation
        self.opening = opening
        self.user = user
        self.digest = digest
        self.announcement = announcement
        self.announcer = announcer
        self.session = session
        self.parts = parts
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "user": .identifier(user),
            "digest": .digest(digest), "announcement": .digest(announcement), "announcer": .integer(Int64(announcer)),
            "session": .digest(session), "parts": .array(parts.map(JSON.string)),
        ]
        fields["keys"] = keys.map(JSON.digest)
        fields["committee"] = committee.map(JSON.digest)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        user = try reader.identifier("user")
        digest = try reader.digest("digest")
        announcement = try reader.digest("announcement")
        announcer = try reader.count("announcer", in: 1...255)
        session = try reader.digest("session")
        parts = try reader.parts("parts")
        keys = try reader.optionalDigest("keys")
        committee = try reader.optionalDigest("committee")
    }
}

/// A member approved, with its shares re-sealed to the session certificate (objects of the register).
public struct OpeningApproved: Fact {
    public static let type = "opening-approved"

    public struct Share: Sendable, Equatable {
        public let part: String
        /// SHA-256 of the re-sealed CMS.
        public let share: Digest

        public init(part: String, share: Digest) {
            self.part = part
            self.share = share
        }
    }

    public let consultation: Identifier
    public let opening: Identifier
    public let user: Identifier
    public let member: Int
    /// The member's own clock, as it signed: k of them must have passed the deadline, whatever the daemon's says.
    public let memberInstant: Instant
    /// SHA-256 of the signed approval, as kept.
    public let approval: Digest
    public let shares: [Share]
    /// The member's key lies on paper, and was taken out.
    public let isPaper: Bool

    public init(
        consultation: Identifier, opening: Identifier, user: Identifier, member: Int, memberInstant: Instant,
        approval: Digest, shares: [Share], isPaper: Bool = false
    ) {
        self.consultation = consultation
        self.opening = opening
        self.user = user
        self.member = member
        self.memberInstant = memberInstant
        self.approval = approval
        self.shares = shares
        self.isPaper = isPaper
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "user": .identifier(user),
            "member": .integer(Int64(member)), "memberInstant": .instant(memberInstant), "approval": .digest(approval),
            "shares": .array(
                shares.map { .object(["part": .string($0.part), "share": .digest($0.share)]) }),
        ]
        if isPaper { fields["paper"] = .bool(true) }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        user = try reader.identifier("user")
        member = try reader.count("member", in: 1...255)
        memberInstant = try reader.instant("memberInstant")
        approval = try reader.digest("approval")
        var shares: [Share] = []
        for value in try reader.array("shares", max: PartName.most) {
            var share = try FieldReader(value)
            shares.append(Share(part: try share.part("part"), share: try share.digest("share")))
            try share.finish()
        }
        self.shares = shares
        isPaper = try reader.paper()
    }
}

/// The platform's half left the daemon for this opening: from now on who holds the session key can read.
public struct OpeningReleased: Fact {
    public static let type = "opening-released"
    public let consultation: Identifier
    public let opening: Identifier
    public let user: Identifier
    /// Numbers of the members who had approved, in the order of their approvals.
    public let approvals: [Int]

    public init(consultation: Identifier, opening: Identifier, user: Identifier, approvals: [Int]) {
        self.consultation = consultation
        self.opening = opening
        self.user = user
        self.approvals = approvals
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "user": .identifier(user),
            "approvals": .array(approvals.map { .integer(Int64($0)) }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        user = try reader.identifier("user")
        approvals = try reader.members("approvals")
    }
}

/// An opener fetched a bid's sealed files: downloads are events.
public struct BidRead: Fact {
    public static let type = "bid-read"
    public let consultation: Identifier
    public let opening: Identifier
    public let bid: Identifier
    public let user: Identifier

    public init(consultation: Identifier, opening: Identifier, bid: Identifier, user: Identifier) {
        self.consultation = consultation
        self.opening = opening
        self.bid = bid
        self.user = user
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "bid": .identifier(bid),
            "user": .identifier(user),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        bid = try reader.identifier("bid")
        user = try reader.identifier("user")
    }
}

/// The announcer ended its opening with signed minutes, an object of the register.
public struct OpeningConcluded: Fact {
    public static let type = "opening-concluded"
    public let consultation: Identifier
    public let opening: Identifier
    public let user: Identifier
    public let announcer: Int
    public let minutes: Digest
    /// In log order, as the next.
    public let opened: [Identifier]
    /// A *failed* is final when openings by two different announcers record it; until then it is contested: ``FailedPart``.
    public let failed: [Identifier]

    public init(
        consultation: Identifier, opening: Identifier, user: Identifier, announcer: Int, minutes: Digest,
        opened: [Identifier], failed: [Identifier]
    ) {
        self.consultation = consultation
        self.opening = opening
        self.user = user
        self.announcer = announcer
        self.minutes = minutes
        self.opened = opened
        self.failed = failed
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "user": .identifier(user),
            "announcer": .integer(Int64(announcer)), "minutes": .digest(minutes),
            "opened": .array(opened.map(JSON.identifier)), "failed": .array(failed.map(JSON.identifier)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        user = try reader.identifier("user")
        announcer = try reader.count("announcer", in: 1...255)
        minutes = try reader.digest("minutes")
        opened = try reader.identifiers("opened", max: 1_000_000)
        failed = try reader.identifiers("failed", max: 1_000_000)
    }
}

/// What may be communicated of an opening's minutes, signed by their announcer as they are: an object of the register.
public struct MinutesExtracted: Fact {
    public static let type = "minutes-extracted"
    public let consultation: Identifier
    public let opening: Identifier
    /// SHA-256 of the signed minutes in full, as in `opening-concluded`.
    public let minutes: Digest
    /// SHA-256 of the signed extract.
    public let extract: Digest

    public init(consultation: Identifier, opening: Identifier, minutes: Digest, extract: Digest) {
        self.consultation = consultation
        self.opening = opening
        self.minutes = minutes
        self.extract = extract
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "minutes": .digest(minutes),
            "extract": .digest(extract),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        minutes = try reader.digest("minutes")
        extract = try reader.digest("extract")
    }
}
