public import Canonical

/// After a fault of the platform, and before anything was released: a new deadline, a new statement to come.
public struct Reopened: Fact {
    public static let type = "reopened"
    public let consultation: Identifier
    public let user: Identifier
    public let deadline: Instant
    public let deadlineVersion: Int
    /// In the buyer's words, for all to read.
    public let grounds: String
    /// Openings under way, which end with it, and their approvals.
    public let voids: [Identifier]

    public init(
        consultation: Identifier, user: Identifier, deadline: Instant, deadlineVersion: Int, grounds: String,
        voids: [Identifier]
    ) {
        self.consultation = consultation
        self.user = user
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
        self.grounds = grounds
        self.voids = voids
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "deadline": .instant(deadline),
            "deadlineVersion": .integer(Int64(deadlineVersion)), "grounds": .string(grounds),
            "voids": .array(voids.map(JSON.identifier)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
        grounds = try reader.string("grounds", max: Grounds.longest)
        voids = try reader.identifiers("voids", max: 255 * Consultation.mostOpenings)
    }
}

/// The platform was not there over the deadline, and the buyer goes on all the same.
public struct HoldWaived: Fact {
    public static let type = "hold-waived"
    public let consultation: Identifier
    public let user: Identifier
    /// SHA-256 of the `closing-stated` event that held the opening.
    public let statement: Digest
    public let grounds: String

    public init(consultation: Identifier, user: Identifier, statement: Digest, grounds: String) {
        self.consultation = consultation
        self.user = user
        self.statement = statement
        self.grounds = grounds
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "statement": .digest(statement),
            "grounds": .string(grounds),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        statement = try reader.digest("statement")
        grounds = try reader.string("grounds", max: Grounds.longest)
    }
}

/// The buyer lets the bidders read the whole statement.
public struct StatementDisclosed: Fact {
    public static let type = "statement-disclosed"

    public enum Occasion: String, Sendable, CaseIterable {
        /// The contract is signed.
        case signature
        /// The procedure is given up.
        case abandonment
    }

    public let consultation: Identifier
    public let user: Identifier
    public let statement: Digest
    public let occasion: Occasion

    public init(consultation: Identifier, user: Identifier, statement: Digest, occasion: Occasion) {
        self.consultation = consultation
        self.user = user
        self.statement = statement
        self.occasion = occasion
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "user": .identifier(user), "statement": .digest(statement),
            "occasion": .string(occasion.rawValue),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        statement = try reader.digest("statement")
        occasion = try reader.word("occasion", of: Occasion.self)
    }
}

/// Why a buyer decided something, in its own words.
public enum Grounds {
    /// Bytes of UTF-8.
    public static let longest = 2000

    static func check(_ text: String) throws(Refusal) { try PlainText.check(text, "grounds", max: longest) }
}
