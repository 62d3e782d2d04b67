public import Canonical

/// What the rules need to know of a consultation: the fold of its events.
public struct Consultation: Sendable, Equatable {
    public let id: Identifier
    public let log: Log
    public let account: Identifier
    public let buyer: String
    public let reference: String
    public let title: String
    public let object: String?
    public let timeZone: String
    public let parts: [String]
    public let limits: Limits
    /// The last version of the deadline; version 1 until an extension.
    public var deadline: Deadline
    /// Those in force for bids to come.
    public var keys: Keys?
    /// Those that keys added later took over from, in the order in which they were in force: bids stay sealed to them.
    public var earlier: [KeySet] = []
    /// Dealt since the publication, and not in force yet.
    public var proposed: Keys?
    public var published: Bool
    /// SHA-256 of the bytes of its closing statement, for the present version of the deadline.
    public var closed: Digest?
    /// The platform was not there over the deadline, and the buyer has not decided yet.
    public var isHeld: Bool
    /// Bidders may read the whole statement.
    public var isDisclosed: Bool
    /// Openings that no reopening made void; re-shares open nothing, and are none of these.
    public var openings: Int
    public var concluded: Int
    public var archived: Bool
    /// Bids of it may have been lost: nothing is opened until its buyer decides.
    public var frozen = false
    /// Dealt by a re-share of `keys`, and not accepted by enough of its members yet.
    public var pending: PendingKeys?

    /// The key set in force.
    public struct Keys: Sendable, Equatable {
        public let fingerprint: Digest
        /// Of the set first made, with the same part keys: the same, but after a re-share. Bids, receipts and tender documents
        /// name it for ever.
        public let original: Digest
        public let k: Int
        public let n: Int
        public let notBefore: Instant
        public let parts: [KeysSet.Part]
        /// Numbers of the members whose acceptance is recorded, ascending.
        public var accepted: [Int]

        public init(
            fingerprint: Digest, original: Digest? = nil, k: Int, n: Int, notBefore: Instant, parts: [KeysSet.Part],
            accepted: [Int]
        ) {
            self.fingerprint = fingerprint
            self.original = original ?? fingerprint
            self.k = k
            self.n = n
            self.notBefore = notBefore
            self.parts = parts
            self.accepted = accepted
        }

        /// Acceptances that publication asks for: one more than the quorum, so that one loss blocks nothing; all where
        /// the quorum is everybody.
        public var needed: Int { min(k + 1, n) }
    }

    public struct PendingKeys: Sendable, Equatable {
        public let keys: Keys
        /// The re-share that dealt them.
        public let opening: Identifier

        public init(_ keys: Keys, dealtBy opening: Identifier) {
            self.keys = keys
            self.opening = opening
        }
    }

    /// Keys to which bids are sealed, and what a re-share has dealt of them. Its own committee opens them, and may be replaced, whether
    /// another set took over from it or not.
    public struct KeySet: Sendable, Equatable {
        public var keys: Keys
        public var pending: PendingKeys?

        public init(_ keys: Keys, pending: PendingKeys? = nil) {
            self.keys = keys
            self.pending = pending
        }
    }

    /// Every set to which bids are sealed, in the order in which they came into force.
    public var keySets: [KeySet] { earlier + (keys.map { [KeySet($0, pending: pending)] } ?? []) }

    /// Of every set the keys in force and those that a re-share has dealt of them; and those that are proposed: whoever has a share of any of
    /// these may accept it.
    public var everyKeys: [Keys] {
        keySets.flatMap { [$0.keys, $0.pending?.keys].compactMap(\.self) } + (proposed.map { [$0] } ?? [])
    }

    /// The set that a bid names, by the fingerprint first made.
    public func keySet(original: Digest) -> KeySet? { keySets.first { $0.keys.original == original } }

    public init(
        id: Identifier, log: Log, account: Identifier, buyer: String, reference: String, title: String, object: String?,
        timeZone: String, parts: [String], limits: Limits, deadline: Deadline, keys: Keys? = nil,
        published: Bool = false, closed: Digest? = nil, isHeld: Bool = false, isDisclosed: Bool = false, openings: Int = 0, concluded: Int = 0, archived: Bool = false
    ) {
        self.id = id
        self.log = log
        self.account = account
        self.buyer = buyer
        self.reference = reference
        self.title = title
        self.object = object
        self.timeZone = timeZone
        self.parts = parts
        self.limits = limits
        self.deadline = deadline
        self.keys = keys
        self.published = published
        self.closed = closed
        self.isHeld = isHeld
        self.isDisclosed = isDisclosed
        self.openings = openings
        self.concluded = concluded
        self.archived = archived
    }

    public var phase: Phase {
        if archived { return .archived }
        if concluded > 0 { return .opened }
        if openings > 0 { return .opening }
        if closed != nil { return .closed }
        if published { return .published }
        return keys == nil ? .draft : .sealed
    }
}

/// An opening under way: the fold of its events.
public struct OpeningState: Sendable, Equatable {
    public let opening: Identifier
    public let consultation: Identifier
    public let digest: Digest
    public let announcement: Digest
    public let announcer: Int
    public let announcedBy: Identifier
    public let announcedAt: Instant
    public let session: Digest
    public let parts: [String]
    /// Fingerprint of the set that was in force when it was announced: its members approve it.
    public let keys: Digest
    /// Of that set as it was first made: what the bids that it opens name.
    public let original: Digest
    /// Of a re-share: digest of the committee that it deals to.
    public let committee: Digest?
    /// In the order of their events.
    public var approvals: [Approved]
    /// The platform's half to an opening; to a re-share nothing but the shares.
    public var released: Bool
    /// With minutes; a re-share by the set that it dealt.
    public var concluded: Bool
    /// A reopening ended it.
    public var voided: Bool

    public struct Approved: Sendable, Equatable {
        public let member: Int
        public let approval: Digest
        public let shares: [OpeningApproved.Share]

        public init(member: Int, approval: Digest, shares: [OpeningApproved.Share]) {
            self.member = member
            self.approval = approval
            self.shares = shares
        }
    }

    public init(
        opening: Identifier, consultation: Identifier, digest: Digest, announcement: Digest, announcer: Int,
        announcedBy: Identifier, announcedAt: Instant, session: Digest, parts: [String], keys: Digest, original: Digest? = nil, committee: Digest? = nil,
        approvals: [Approved] = [], released: Bool = false, concluded: Bool = false, voided: Bool = false
    ) {
        self.keys = keys
        self.original = original ?? keys
        self.committee = committee
        self.opening = opening
        self.consultation = consultation
        self.digest = digest
        self.announcement = announcement
        self.announcer = announcer
        self.announcedBy = announcedBy
        self.announcedAt = announcedAt
        self.session = session
        self.parts = parts
        self.approvals = approvals
        self.released = released
        self.concluded = concluded
        self.voided = voided
    }

    /// It deals shares, and opens nothing.
    public var isReshare: Bool { committee != nil }
}

/// A bid as the register lists it.
public struct BidEntry: Sendable, Equatable {
    public let position: Int64
    public let leaf: Digest
    public let bid: Identifier
    public let consultation: Identifier
    public let depositor: Identifier
    public let verdict: Verdict
    public let intent: Intent
    public let seal: Digest
    /// Fingerprint of the key set to which it is sealed, as first made.
    public let keys: Digest
    public let documents: Int
    public let isWithdrawn: Bool
    /// When the buyer decided that this late bid is read.
    public let admitted: Instant?

    public init(
        position: Int64, leaf: Digest, bid: Identifier, consultation: Identifier, depositor: Identifier,
        verdict: Verdict, intent: Intent, seal: Digest, keys: Digest, documents: Int, isWithdrawn: Bool = false, admitted: Instant? = nil
    ) {
        self.position = position
        self.leaf = leaf
        self.bid = bid
        self.consultation = consultation
        self.depositor = depositor
        self.verdict = verdict
        self.intent = intent
        self.seal = seal
        self.keys = keys
        self.documents = documents
        self.isWithdrawn = isWithdrawn
        self.admitted = admitted
    }
}
