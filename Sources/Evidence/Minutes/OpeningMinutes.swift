public import Canonical
public import Procurement

/// `sceau/minutes/2`: the minutes of an opening (*procès-verbal d'ouverture*) in full, signed by its announcer. Specified in
/// `Minutes.md`; ``Sealing/Minutes`` reads what was written before.
public struct OpeningMinutes: CanonicalObject, Equatable {
    public static let format = "sceau/minutes/2"

    /// What was asked for, as the daemon shows it and the log has it in each bid's event.
    public struct Subject: Sendable, Hashable {
        public let consultation: Identifier
        public let buyer: String
        public let reference: String
        public let title: String
        public let object: String?
        /// In which instants are shown to people (IANA name).
        public let timeZone: String

        public init(
            consultation: Identifier, buyer: String, reference: String, title: String, object: String?, timeZone: String
        ) {
            self.consultation = consultation
            self.buyer = buyer
            self.reference = reference
            self.title = title
            self.object = object
            self.timeZone = timeZone
        }
    }

    /// A member of the committee who approved.
    public struct Member: Sendable, Hashable {
        public let number: Int
        public let name: String
        /// The member's own instant.
        public let at: Instant
        /// SHA-256 of its signed approval, which the register holds.
        public let approval: Digest
        /// Its key lies on paper, and was taken out for this.
        public let isPaper: Bool

        public init(number: Int, name: String, at: Instant, approval: Digest, isPaper: Bool = false) {
            self.number = number
            self.name = name
            self.at = at
            self.approval = approval
            self.isPaper = isPaper
        }
    }

    /// A share that did not open what it should.
    public struct WrongShare: Sendable, Hashable {
        public let number: Int
        public let reason: String

        public init(number: Int, reason: String) {
            self.number = number
            self.reason = reason
        }
    }

    /// A decision of the buyer after the publication.
    public struct Decision: Sendable, Hashable {
        /// The event's type: `deadline-extended`, `reopened`, `hold-waived`, `late-bid-admitted`, `keys-added`.
        public let type: String
        public let at: Instant
        /// SHA-256 of the event's bytes.
        public let event: Digest
        public let deadline: Instant?
        public let grounds: String?

        public init(type: String, at: Instant, event: Digest, deadline: Instant?, grounds: String?) {
            self.type = type
            self.at = at
            self.event = event
            self.deadline = deadline
            self.grounds = grounds
        }
    }

    /// The opening: who announced it, under which keys, when.
    public struct Session: Sendable, Hashable {
        public let opening: Identifier
        /// SHA-256 of the opening object.
        public let digest: Digest
        public let log: Log
        public let parts: [String]
        public let announcer: Int
        /// Of the keys in force.
        public let fingerprint: Digest
        public let k: Int
        public let n: Int
        /// Of the keys first made, which bids and statement name, where a re-share came since.
        public let original: Digest?
        /// Those that were opened, as first made: what bids and statement name.
        public var keys: Digest { original ?? fingerprint }
        /// By the announcer's own clock.
        public let announced: Instant
        public let released: Instant
        public let concluded: Instant

        public init(
            opening: Identifier, digest: Digest, log: Log, parts: [String], announcer: Int, fingerprint: Digest, k: Int,
            n: Int, original: Digest? = nil, announced: Instant, released: Instant, concluded: Instant
        ) {
            self.opening = opening
            self.digest = digest
            self.log = log
            self.parts = parts
            self.announcer = announcer
            self.fingerprint = fingerprint
            self.k = k
            self.n = n
            self.original = original
            self.announced = announced
            self.released = released
            self.concluded = concluded
        }
    }

    public let subject: Subject
    public let session: Session
    public let statement: StatementSummary
    public let members: [Member]
    public let wrongShares: [WrongShare]
    /// Requests about this consultation that the daemon refused since the closing, by its own count.
    public let refusals: Int64
    public let decisions: [Decision]
    /// What the opener's tool held against the statement, in words: ``Reconciliation/checks``.
    public let reconciled: [String]
    /// In log order.
    public let bids: [MinutesBid]

    public init(
        subject: Subject, session: Session, statement: StatementSummary, members: [Member], wrongShares: [WrongShare],
        refusals: Int64, decisions: [Decision], reconciled: [String], bids: [MinutesBid]
    ) {
        self.subject = subject
        self.session = session
        self.statement = statement
        self.members = members
        self.wrongShares = wrongShares
        self.refusals = refusals
        self.decisions = decisions
        self.reconciled = reconciled
        self.bids = bids
    }

    public var fields: [String: JSON] {
        [
            "subject": subject.json, "session": session.json, "statement": statement.json,
            "members": .array(members.map(\.json)), "wrongShares": .array(wrongShares.map(\.json)),
            "refusals": .integer(refusals), "decisions": .array(decisions.map(\.json)),
            "reconciled": .array(reconciled.map(JSON.string)), "bids": .array(bids.map(\.json)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        subject = try reader.nested("subject") { (object) throws(CanonicalError) in try Subject(&object) }
        session = try reader.nested("session") { (object) throws(CanonicalError) in try Session(&object) }
        statement = try reader.nested("statement") { (object) throws(CanonicalError) in try StatementSummary(&object) }
        members = try reader.list("members", max: 255) { (object) throws(CanonicalError) in try Member(&object) }
        wrongShares = try reader.list("wrongShares", max: 255 * 8) { (object) throws(CanonicalError) in
            try WrongShare(&object)
        }
        refusals = try reader.integer("refusals")
        decisions = try reader.list("decisions", max: 10_000) { (object) throws(CanonicalError) in try Decision(&object) }
        reconciled = try reader.texts("reconciled", max: 100)
        bids = try reader.list("bids", max: 100_000) { (object) throws(CanonicalError) in try MinutesBid(&object) }
    }
}
