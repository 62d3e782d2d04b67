public import Canonical

/// `sceau/acceptance/1`: a member says that its share of every part opens and is what it must be.
public struct Acceptance: CanonicalObject, Hashable {
    public static let format = "sceau/acceptance/1"

    public let consultation: Identifier
    public let fingerprint: Digest
    /// The member's.
    public let number: Int

    public init(consultation: Identifier, fingerprint: Digest, number: Int) {
        self.consultation = consultation
        self.fingerprint = fingerprint
        self.number = number
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "fingerprint": .digest(fingerprint),
            "number": .integer(Int64(number)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        fingerprint = try reader.digest("fingerprint")
        number = try reader.number()
    }
}
