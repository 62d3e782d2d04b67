public import Canonical

/// One part's share object, re-sealed by a member to the session's certificate.
public struct PartShare: Sendable, Hashable {
    public let part: String
    /// CMS.
    public let share: [UInt8]

    public init(part: String, share: [UInt8]) {
        self.part = part
        self.share = share
    }
}

/// `sceau/approval/1`: a member agrees to one opening, at its own clock's instant, with these shares.
public struct Approval: CanonicalObject, Hashable {
    public static let format = "sceau/approval/1"

    public struct Share: Sendable, Hashable {
        public let part: String
        /// SHA-256 of the re-sealed share.
        public let digest: Digest

        public init(part: String, digest: Digest) {
            self.part = part
            self.digest = digest
        }
    }

    /// SHA-256 of the opening object.
    public let opening: Digest
    /// The member's.
    public let number: Int
    public let at: Instant
    /// Of each part of the opening, in its order.
    public let shares: [Share]

    public init(opening: Digest, number: Int, at: Instant, shares: [Share]) {
        self.opening = opening
        self.number = number
        self.at = at
        self.shares = shares
    }

    public var fields: [String: JSON] {
        [
            "opening": .digest(opening), "number": .integer(Int64(number)), "at": .instant(at),
            "shares": .array(shares.map { .object(["part": .string($0.part), "digest": .digest($0.digest)]) }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        opening = try reader.digest("opening")
        number = try reader.number()
        at = try reader.instant("at")
        shares = try reader.objects("shares", max: SealingLimits.parts) { (share) throws(CanonicalError) in
            Share(part: try share.part(), digest: try share.digest("digest"))
        }
    }
}
