public import Canonical

/// `sceau/rehearsal/1`: a member says that its share of every part opened again, on its own machine, and was what it must be.
/// Nothing of the share is in it.
public struct ShareRehearsal: CanonicalObject, Hashable {
    public static let format = "sceau/rehearsal/1"

    public let consultation: Identifier
    public let fingerprint: Digest
    /// The member's.
    public let number: Int
    /// By the member's own clock.
    public let at: Instant

    public init(consultation: Identifier, fingerprint: Digest, number: Int, at: Instant) {
        self.consultation = consultation
        self.fingerprint = fingerprint
        self.number = number
        self.at = at
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "fingerprint": .digest(fingerprint),
            "number": .integer(Int64(number)), "at": .instant(at),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        fingerprint = try reader.digest("fingerprint")
        number = try reader.number()
        at = try reader.instant("at")
    }
}

extension Member {
    /// Opens every share and checks it as ``accept(_:fingerprint:)`` does, and says so. Nothing of it leaves.
    public func rehearse(_ committee: Committee, fingerprint: Digest, now: Instant) throws(SealingError) -> Signed {
        guard fingerprint == committee.fingerprint else {
            throw SealingError(.statement, "the key set is not the pinned one: its fingerprint differs")
        }
        let number = try checkShares(in: committee)
        return try sign(
            ShareRehearsal(consultation: committee.keySet.consultation, fingerprint: fingerprint, number: number, at: now))
    }
}

extension Committee {
    public func rehearsal(_ signed: Signed, fingerprint: Digest) throws(SealingError) -> ShareRehearsal {
        let rehearsal = try signed.verified(as: ShareRehearsal.self)
        _ = try statement(signed, by: rehearsal.number, as: ShareRehearsal.self)
        guard rehearsal.consultation == keySet.consultation else {
            throw SealingError(.statement, "it is of another consultation")
        }
        guard rehearsal.fingerprint == fingerprint, fingerprint == self.fingerprint else {
            throw SealingError(.statement, "it is for another key set: the fingerprint differs")
        }
        return rehearsal
    }
}
