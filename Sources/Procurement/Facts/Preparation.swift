public import Canonical

/// A consultation was drafted. The event's log says whether it is real or training.
public struct ConsultationCreated: Fact {
    public static let type = "consultation-created"
    // Bytes of UTF-8.
    public static let longestReference = 200
    public static let longestTitle = 1000
    public static let longestObject = 4000
    public static let longestZone = 64

    public let consultation: Identifier
    public let account: Identifier
    /// The account's name, as it was.
    public let buyer: String
    public let user: Identifier
    public let reference: String
    public let title: String
    public let object: String?
    public let deadline: Instant
    /// The zone in which the deadline was given and is shown (IANA name).
    public let timeZone: String
    /// In opening order.
    public let parts: [String]
    public let limits: Limits

    public init(
        consultation: Identifier, account: Identifier, buyer: String, user: Identifier, reference: String,
        title: String, object: String?, deadline: Instant, timeZone: String, parts: [String], limits: Limits
    ) {
        self.consultation = consultation
        self.account = account
        self.buyer = buyer
        self.user = user
        self.reference = reference
        self.title = title
        self.object = object
        self.deadline = deadline
        self.timeZone = timeZone
        self.parts = parts
        self.limits = limits
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "account": .identifier(account), "buyer": .string(buyer),
            "user": .identifier(user), "reference": .string(reference), "title": .string(title),
            "deadline": .instant(deadline), "timeZone": .string(timeZone), "parts": .array(parts.map(JSON.string)),
            "limits": limits.json,
        ]
        fields["object"] = object.map(JSON.string)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        buyer = try reader.string("buyer", max: AccountCreated.longestName)
        user = try reader.identifier("user")
        reference = try reader.string("reference", max: ConsultationCreated.longestReference)
        title = try reader.string("title", max: ConsultationCreated.longestTitle)
        object = try reader.optionalString("object", max: ConsultationCreated.longestObject)
        deadline = try reader.instant("deadline")
        timeZone = try reader.string("timeZone", max: ConsultationCreated.longestZone)
        parts = try reader.parts("parts")
        limits = try Limits.taking("limits", &reader)
    }
}

/// The consultation's key set: what ties capsules, members and the time lock to it. `T` is the platform's secret.
public struct KeysSet: Fact {
    public static let type = "keys-set"

    public struct Part: Sendable, Equatable {
        public let part: String
        /// SHA-256 of the part's certificate, DER.
        public let certificate: Digest
        /// SHA-256 of the capsule, an object of the register.
        public let capsule: Digest
        /// SHA-256(T): unique in the register, so that a T copied from another consultation is refused.
        public let secret: Digest

        public init(part: String, certificate: Digest, capsule: Digest, secret: Digest) {
            self.part = part
            self.certificate = certificate
            self.capsule = capsule
            self.secret = secret
        }
    }

    public let consultation: Identifier
    public let user: Identifier
    /// SHA-256 of the key set, an object of the register: the fingerprint.
    public let fingerprint: Digest
    public let k: Int
    public let n: Int
    public let notBefore: Instant
    public let parts: [Part]

    public init(
        consultation: Identifier, user: Identifier, fingerprint: Digest, k: Int, n: Int, notBefore: Instant,
        parts: [Part]
    ) {
        self.consultation = consultation
        self.user = user
        self.fingerprint = fingerprint
        self.k = k
        self.n = n
        self.notBefore = notBefore
        self.parts = parts
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "fingerprint": .digest(fingerprint),
            "k": .integer(Int64(k)), "n": .integer(Int64(n)), "notBefore": .instant(notBefore),
            "parts": .array(parts.map(\.json)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        (k, n) = try reader.quorum()
        notBefore = try reader.instant("notBefore")
        parts = try Part.list(&reader)
    }
}

/// A member's tool opened its share and checked it. The signed acceptance is an object of the register.
public struct KeyAccepted: Fact {
    public static let type = "key-accepted"
    public let consultation: Identifier
    public let user: Identifier
    public let fingerprint: Digest
    public let member: Int
    public let acceptance: Digest
    /// The member's key lies on paper, and was taken out.
    public let isPaper: Bool

    public init(
        consultation: Identifier, user: Identifier, fingerprint: Digest, member: Int, acceptance: Digest,
        isPaper: Bool = false
    ) {
        self.consultation = consultation
        self.user = user
        self.fingerprint = fingerprint
        self.member = member
        self.acceptance = acceptance
        self.isPaper = isPaper
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "user": .identifier(user), "fingerprint": .digest(fingerprint),
            "member": .integer(Int64(member)), "acceptance": .digest(acceptance),
        ]
        if isPaper { fields["paper"] = .bool(true) }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        member = try reader.count("member", in: 1...255)
        acceptance = try reader.digest("acceptance")
        isPaper = try reader.paper()
    }
}

/// Open to bids, under the fingerprint that the buyer's own tool kept.
public struct Published: Fact {
    public static let type = "published"
    public let consultation: Identifier
    public let user: Identifier
    public let fingerprint: Digest
    public let deadline: Instant
    public let deadlineVersion: Int

    public init(consultation: Identifier, user: Identifier, fingerprint: Digest, deadline: Instant, deadlineVersion: Int) {
        self.consultation = consultation
        self.user = user
        self.fingerprint = fingerprint
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "fingerprint": .digest(fingerprint),
            "deadline": .instant(deadline), "deadlineVersion": .integer(Int64(deadlineVersion)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
    }
}

/// Enough members of a set dealt since the publication have accepted, and the buyer put it in force: bids to come are sealed to it, those
/// that have come keep theirs.
public struct KeysAdded: Fact {
    public static let type = "keys-added"
    public let consultation: Identifier
    public let user: Identifier
    public let fingerprint: Digest
    /// The set, as first made, that was in force for bids until then.
    public let replaces: Digest
    public let grounds: String

    public init(consultation: Identifier, user: Identifier, fingerprint: Digest, replaces: Digest, grounds: String) {
        self.consultation = consultation
        self.user = user
        self.fingerprint = fingerprint
        self.replaces = replaces
        self.grounds = grounds
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "fingerprint": .digest(fingerprint),
            "replaces": .digest(replaces), "grounds": .string(grounds),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        replaces = try reader.digest("replaces")
        grounds = try reader.string("grounds", max: Grounds.longest)
    }
}

/// The deadline was moved later, before it had passed.
public struct DeadlineExtended: Fact {
    public static let type = "deadline-extended"
    public let consultation: Identifier
    public let user: Identifier
    public let deadline: Instant
    public let deadlineVersion: Int

    public init(consultation: Identifier, user: Identifier, deadline: Instant, deadlineVersion: Int) {
        self.consultation = consultation
        self.user = user
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "deadline": .instant(deadline),
            "deadlineVersion": .integer(Int64(deadlineVersion)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
    }
}
