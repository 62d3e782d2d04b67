public import Canonical

/// A consultation was drafted. The event's log says whether it is real or training.
public struct ConsultationCreated: Fact {
    public static let type = "consultation-created"
    public let consultation: Identifier
    public let account: Identifier
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
        consultation: Identifier, account: Identifier, user: Identifier, reference: String, title: String,
        object: String?, deadline: Instant, timeZone: String, parts: [String], limits: Limits
    ) {
        self.consultation = consultation
        self.account = account
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
            "consultation": .identifier(consultation), "account": .identifier(account), "user": .identifier(user),
            "reference": .string(reference), "title": .string(title), "deadline": .instant(deadline),
            "timeZone": .string(timeZone), "parts": .array(parts.map(JSON.string)), "limits": limits.json,
        ]
        fields["object"] = object.map(JSON.string)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        reference = try reader.string("reference", max: 200)
        title = try reader.string("title", max: 1000)
        object = try reader.optionalString("object", max: 4000)
        deadline = try reader.instant("deadline")
        timeZone = try reader.string("timeZone", max: 64)
        var parts: [String] = []
        for value in try reader.array("parts", max: 8) {
            guard case .string(let part) = value else { throw CanonicalError(reason: "parts: not a text") }
            parts.append(part)
        }
        self.parts = parts
        var limits = try reader.object("limits")
        self.limits = try Limits(from: &limits)
        try limits.finish()
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
            "parts": .array(
                parts.map {
                    .object([
                        "part": .string($0.part), "certificate": .digest($0.certificate),
                        "capsule": .digest($0.capsule), "secret": .digest($0.secret),
                    ])
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        k = Int(try reader.integer("k", in: 1...255))
        n = Int(try reader.integer("n", in: 1...255))
        notBefore = try reader.instant("notBefore")
        var parts: [Part] = []
        for value in try reader.array("parts", max: 8) {
            var part = try FieldReader(value)
            parts.append(
                Part(
                    part: try part.string("part", max: 32), certificate: try part.digest("certificate"),
                    capsule: try part.digest("capsule"), secret: try part.digest("secret")))
            try part.finish()
        }
        self.parts = parts
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

    public init(consultation: Identifier, user: Identifier, fingerprint: Digest, member: Int, acceptance: Digest) {
        self.consultation = consultation
        self.user = user
        self.fingerprint = fingerprint
        self.member = member
        self.acceptance = acceptance
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "fingerprint": .digest(fingerprint),
            "member": .integer(Int64(member)), "acceptance": .digest(acceptance),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        member = Int(try reader.integer("member", in: 1...255))
        acceptance = try reader.digest("acceptance")
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
        deadlineVersion = Int(try reader.integer("deadlineVersion", in: 1...100_000))
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
        deadlineVersion = Int(try reader.integer("deadlineVersion", in: 1...100_000))
    }
}
