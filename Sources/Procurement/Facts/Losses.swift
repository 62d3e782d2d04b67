public import Canonical

/// After a loss nothing of this consultation is opened until its bidders could present their receipts: a bid that was
/// acknowledged may be among what is lost.
public struct ConsultationFrozen: Fact {
    public static let type = "consultation-frozen"
    public let consultation: Identifier
    /// The generation of its log that the loss began.
    public let generation: Int64

    public init(consultation: Identifier, generation: Int64) {
        self.consultation = consultation
        self.generation = generation
    }

    public var fields: [String: JSON] {
        ["consultation": .identifier(consultation), "generation": .integer(generation)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        generation = try reader.integer("generation", in: 2...JSON.largestInteger)
    }
}

/// The buyer has decided that the consultation goes on.
public struct ConsultationUnfrozen: Fact, Equatable {
    public static let type = "consultation-unfrozen"
    /// Bytes of the ground.
    public static let longestGround = 2000
    public let consultation: Identifier
    public let user: Identifier
    /// In the buyer's words.
    public let ground: String

    public init(consultation: Identifier, user: Identifier, ground: String) {
        self.consultation = consultation
        self.user = user
        self.ground = ground
    }

    public var fields: [String: JSON] {
        ["consultation": .identifier(consultation), "user": .identifier(user), "ground": .string(ground)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        ground = try reader.string("ground", max: Self.longestGround)
    }
}
