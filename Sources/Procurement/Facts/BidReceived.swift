public import Canonical

/// A bid is here: sealed, durable, on time or late. Its leaf is what its bidder's receipt rests on, alone and offline, so
/// it names the depositor, the buyer and the consultation in full, and says under which deadline and limits it came.
///
/// The names and digests of its documents stand in its sealed manifest only.
public struct BidReceived: Fact {
    public static let type = "bid-received"

    /// What was asked for, as it stood when the bid was recorded.
    public struct Subject: Sendable, Equatable {
        public let consultation: Identifier
        /// The buyer's name.
        public let buyer: String
        public let reference: String
        public let title: String
        public let object: String?
        /// The zone in which the deadline, and every instant here, is shown to people (IANA name).
        public let timeZone: String
        public let deadline: Instant
        public let deadlineVersion: Int
        public let limits: Limits
    }

    /// Whose bid it is.
    public struct Depositor: Sendable, Equatable {
        public let account: Identifier
        public let name: String
        public let registration: Registration?
        public let user: Identifier
        /// SHA-256(salt ‖ person): what is about the person is kept apart and can be erased.
        public let person: Digest
    }

    /// Where the request bore an `Idempotency-Key`: its SHA-256, and the stored answer, an object of the register sealed
    /// under the bearer token that made it.
    public struct Outcome: Sendable, Equatable {
        public let key: Digest
        public let answer: Digest

        public init(key: Digest, answer: Digest) {
            self.key = key
            self.answer = answer
        }
    }

    /// The vault that received it: the first event of its log has the same identifier.
    public let instance: Identifier
    public let subject: Subject
    public let by: Depositor
    public let submission: Submission
    public let verdict: Verdict
    /// Read by the scribe before its transaction.
    public let recorded: Instant
    public let clock: ClockState
    /// The bid that this depositor made here before this one.
    public let previous: Identifier?

    public var bid: Identifier { submission.bid }
    public var consultation: Identifier { subject.consultation }
    /// The company's account.
    public var depositor: Identifier { by.account }
    public var user: Identifier { by.user }
    public var seal: Digest { submission.seal }
    public var keys: Digest { submission.keys }
    public var sealedBy: SealedBy { submission.sealedBy }
    public var intent: Intent { submission.intent }
    public var deadline: Instant { subject.deadline }
    public var deadlineVersion: Int { subject.deadlineVersion }
    public var started: Instant { submission.started }
    public var firstByte: Instant { submission.firstByte }
    public var received: Instant { submission.received }
    public var bidCode: Digest { submission.bidCode }
    public var documents: Int { submission.documents }
    public var outcome: Outcome? { submission.outcome }

    init(
        instance: Identifier, subject: Subject, by depositor: Depositor, submission: Submission, verdict: Verdict,
        recorded: Instant, clock: ClockState, previous: Identifier?
    ) {
        self.instance = instance
        self.subject = subject
        self.by = depositor
        self.submission = submission
        self.verdict = verdict
        self.recorded = recorded
        self.clock = clock
        self.previous = previous
    }
}

extension BidReceived {
    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "bid": .identifier(bid), "instance": .identifier(instance), "consultation": .identifier(consultation),
            "buyer": .string(subject.buyer), "reference": .string(subject.reference), "title": .string(subject.title),
            "timeZone": .string(subject.timeZone), "deadline": .instant(deadline),
            "deadlineVersion": .integer(Int64(deadlineVersion)), "limits": subject.limits.json,
            "depositor": .identifier(depositor), "depositorName": .string(by.name), "user": .identifier(user),
            "person": .digest(by.person), "seal": .digest(seal), "keys": .digest(keys),
            "sealedBy": .string(sealedBy.rawValue), "intent": .string(intent.rawValue),
            "documents": .integer(Int64(documents)), "bidCodeHash": .digest(bidCode),
            "verdict": .string(verdict.rawValue), "clock": .string(clock.rawValue), "started": .instant(started),
            "firstByte": .instant(firstByte), "received": .instant(received), "recorded": .instant(recorded),
        ]
        fields["object"] = subject.object.map(JSON.string)
        fields["depositorRegistration"] = by.registration?.json
        fields["previous"] = previous.map(JSON.identifier)
        if let outcome {
            fields["outcome"] = .object(["key": .digest(outcome.key), "answer": .digest(outcome.answer)])
        }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        subject = try Subject(from: &reader)
        by = try Depositor(from: &reader)
        submission = try Submission(from: &reader)
        verdict = try reader.word("verdict", of: Verdict.self)
        clock = try reader.word("clock", of: ClockState.self)
        recorded = try reader.instant("recorded")
        previous = try reader.optionalIdentifier("previous")
    }
}

extension BidReceived.Subject {
    fileprivate init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        buyer = try reader.string("buyer", max: AccountCreated.longestName)
        reference = try reader.string("reference", max: ConsultationCreated.longestReference)
        title = try reader.string("title", max: ConsultationCreated.longestTitle)
        object = try reader.optionalString("object", max: ConsultationCreated.longestObject)
        timeZone = try reader.string("timeZone", max: ConsultationCreated.longestZone)
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
        limits = try Limits.taking("limits", &reader)
    }
}

extension BidReceived.Depositor {
    fileprivate init(from reader: inout FieldReader) throws(CanonicalError) {
        account = try reader.identifier("depositor")
        name = try reader.string("depositorName", max: AccountCreated.longestName)
        registration = try Registration.optional("depositorRegistration", &reader)
        user = try reader.identifier("user")
        person = try reader.digest("person")
    }
}
