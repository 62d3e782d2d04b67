public import Canonical

/// A copy of safeguard (*copie de sauvegarde*, R2132-11) reached the buyer: on what medium, when, and who brought it.
public struct CopyRegistered: Fact {
    public static let type = "copy-registered"
    public static let longestText = 500

    public let copy: Identifier
    public let consultation: Identifier
    public let user: Identifier
    /// The company, as the envelope names it.
    public let depositor: String
    /// What holds it: paper, a key, a disc.
    public let medium: String
    /// Who handed it over, or the carrier.
    public let bearer: String
    /// When it reached the buyer, in the buyer's words.
    public let arrived: Instant

    public init(
        copy: Identifier, consultation: Identifier, user: Identifier, depositor: String, medium: String, bearer: String,
        arrived: Instant
    ) {
        self.copy = copy
        self.consultation = consultation
        self.user = user
        self.depositor = depositor
        self.medium = medium
        self.bearer = bearer
        self.arrived = arrived
    }

    public var fields: [String: JSON] {
        [
            "copy": .identifier(copy), "consultation": .identifier(consultation), "user": .identifier(user),
            "depositor": .string(depositor), "medium": .string(medium), "bearer": .string(bearer), "arrived": .instant(arrived),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        copy = try reader.identifier("copy")
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        depositor = try reader.string("depositor", max: Self.longestText)
        medium = try reader.string("medium", max: Self.longestText)
        bearer = try reader.string("bearer", max: Self.longestText)
        arrived = try reader.instant("arrived")
    }
}

/// What became of a copy of safeguard.
public struct CopyDecided: Fact {
    public static let type = "copy-decided"

    public enum Decision: String, Sendable, CaseIterable {
        case opened
        case setAside = "set-aside"
        case returned, destroyed
    }

    /// Why the electronic bid does not do.
    public enum Cause: String, Sendable, CaseIterable {
        case infected, incomplete, late, unreadable
    }

    public let copy: Identifier
    public let consultation: Identifier
    public let user: Identifier
    public let decision: Decision
    /// Of one that was opened.
    public let cause: Cause?
    /// The electronic bid, or the attempt at one, whose transmission had begun in time.
    public let bid: Identifier?
    public let grounds: String

    public init(
        copy: Identifier, consultation: Identifier, user: Identifier, decision: Decision, cause: Cause?, bid: Identifier?,
        grounds: String
    ) {
        self.copy = copy
        self.consultation = consultation
        self.user = user
        self.decision = decision
        self.cause = cause
        self.bid = bid
        self.grounds = grounds
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "copy": .identifier(copy), "consultation": .identifier(consultation), "user": .identifier(user),
            "decision": .string(decision.rawValue), "grounds": .string(grounds),
        ]
        fields["cause"] = (cause?.rawValue).map(JSON.string)
        fields["bid"] = bid.map(JSON.identifier)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        copy = try reader.identifier("copy")
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        decision = try reader.word("decision", of: Decision.self)
        cause = reader.has("cause") ? try reader.word("cause", of: Cause.self) : nil
        bid = try reader.optionalIdentifier("bid")
        grounds = try reader.string("grounds", max: Grounds.longest)
    }
}
