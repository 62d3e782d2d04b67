public import Canonical

/// The buyer decided that a bid that came late is read all the same. It stays late, in the closing statement, in its receipt and in the
/// minutes; openings announced after this event give it out beside those that came in time.
public struct LateBidAdmitted: Fact {
    public static let type = "late-bid-admitted"

    /// What such a decision can rest on. There is no third: lateness is not the buyer's to forgive (R2151-5).
    public enum Ground: String, Sendable, CaseIterable {
        /// A court ordered it.
        case courtOrder = "court-order"
        /// The platform failed, and the company had done what could be asked of it: begun in time, tried another way.
        case platformFaultAndDiligence = "platform-fault-and-diligence"
    }

    public let consultation: Identifier
    public let bid: Identifier
    public let user: Identifier
    public let ground: Ground
    /// The order's reference, or the fault and the diligence, in the buyer's words.
    public let grounds: String

    public init(consultation: Identifier, bid: Identifier, user: Identifier, ground: Ground, grounds: String) {
        self.consultation = consultation
        self.bid = bid
        self.user = user
        self.ground = ground
        self.grounds = grounds
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "user": .identifier(user),
            "ground": .string(ground.rawValue), "grounds": .string(grounds),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        user = try reader.identifier("user")
        ground = try reader.word("ground", of: Ground.self)
        grounds = try reader.string("grounds", max: Grounds.longest)
    }
}
