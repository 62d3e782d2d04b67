public import Canonical

/// A consultation is out of the daemon's care: nothing is received, announced or opened any more, and the keys that it needed are free.
public struct ConsultationArchived: Fact {
    public static let type = "consultation-archived"
    public let consultation: Identifier
    public let user: Identifier
    /// In the buyer's words; absent where an opening was concluded, and nothing needs a reason.
    public let grounds: String?

    public init(consultation: Identifier, user: Identifier, grounds: String?) {
        self.consultation = consultation
        self.user = user
        self.grounds = grounds
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = ["consultation": .identifier(consultation), "user": .identifier(user)]
        fields["grounds"] = grounds.map(JSON.string)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        grounds = try reader.optionalString("grounds", max: Grounds.longest)
    }
}
