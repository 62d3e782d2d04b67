public import Canonical

/// The approvals of a re-share left the daemon with their shares: from now on who holds the session's key can rebuild the
/// committee's half of the keys, and deal it anew. The platform's half did not leave.
public struct SharesReleased: Fact {
    public static let type = "shares-released"
    public let consultation: Identifier
    public let opening: Identifier
    public let user: Identifier
    /// Numbers of the members who had approved, in the order of their approvals.
    public let approvals: [Int]

    public init(consultation: Identifier, opening: Identifier, user: Identifier, approvals: [Int]) {
        self.consultation = consultation
        self.opening = opening
        self.user = user
        self.approvals = approvals
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "user": .identifier(user),
            "approvals": .array(approvals.map { .integer(Int64($0)) }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        user = try reader.identifier("user")
        approvals = try reader.members("approvals")
    }
}

/// The same part keys under the shares of a new committee: dealt, and not in force before enough of it has accepted. Another one
/// may take its place until then.
public struct KeysReshared: Fact {
    public static let type = "keys-reshared"
    public let consultation: Identifier
    /// The re-share that dealt it.
    public let opening: Identifier
    public let user: Identifier
    /// Of the new key set.
    public let fingerprint: Digest
    /// The one in force, whose members approved.
    public let replaces: Digest
    /// The one first made, which receipts and tender documents name.
    public let original: Digest
    /// SHA-256 of the new committee, an object of the register: who can open from then on.
    public let committee: Digest
    public let k: Int
    public let n: Int
    public let notBefore: Instant
    /// Certificates and secrets of the set that it replaces, in new capsules.
    public let parts: [KeysSet.Part]

    public init(
        consultation: Identifier, opening: Identifier, user: Identifier, fingerprint: Digest, replaces: Digest, original: Digest,
        committee: Digest, k: Int, n: Int, notBefore: Instant, parts: [KeysSet.Part]
    ) {
        self.consultation = consultation
        self.opening = opening
        self.user = user
        self.fingerprint = fingerprint
        self.replaces = replaces
        self.original = original
        self.committee = committee
        self.k = k
        self.n = n
        self.notBefore = notBefore
        self.parts = parts
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "user": .identifier(user),
            "fingerprint": .digest(fingerprint), "replaces": .digest(replaces), "original": .digest(original),
            "committee": .digest(committee), "k": .integer(Int64(k)), "n": .integer(Int64(n)),
            "notBefore": .instant(notBefore), "parts": .array(parts.map(\.json)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        replaces = try reader.digest("replaces")
        original = try reader.digest("original")
        committee = try reader.digest("committee")
        (k, n) = try reader.quorum()
        notBefore = try reader.instant("notBefore")
        parts = try KeysSet.Part.list(&reader)
    }
}

/// Enough of the new committee has accepted: from this event on its members open, and those of the set before do not.
public struct KeysReplaced: Fact {
    public static let type = "keys-replaced"
    public let consultation: Identifier
    public let opening: Identifier
    public let fingerprint: Digest
    public let replaces: Digest
    public let original: Digest
    /// Numbers of the members of the new set who had accepted, ascending.
    public let accepted: [Int]

    public init(
        consultation: Identifier, opening: Identifier, fingerprint: Digest, replaces: Digest, original: Digest, accepted: [Int]
    ) {
        self.consultation = consultation
        self.opening = opening
        self.fingerprint = fingerprint
        self.replaces = replaces
        self.original = original
        self.accepted = accepted
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "opening": .identifier(opening), "fingerprint": .digest(fingerprint),
            "replaces": .digest(replaces), "original": .digest(original),
            "accepted": .array(accepted.map { .integer(Int64($0)) }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        opening = try reader.identifier("opening")
        fingerprint = try reader.digest("fingerprint")
        replaces = try reader.digest("replaces")
        original = try reader.digest("original")
        accepted = try reader.members("accepted")
    }
}

extension KeysSet.Part {
    var json: JSON {
        .object([
            "part": .string(part), "certificate": .digest(certificate), "capsule": .digest(capsule), "secretHash": .digest(secret),
        ])
    }

    static func list(_ reader: inout FieldReader) throws(CanonicalError) -> [KeysSet.Part] {
        var parts: [KeysSet.Part] = []
        for value in try reader.array("parts", max: PartName.most) {
            var part = try FieldReader(value)
            parts.append(
                KeysSet.Part(
                    part: try part.part("part"), certificate: try part.digest("certificate"),
                    capsule: try part.digest("capsule"), secret: try part.digest("secretHash")))
            try part.finish()
        }
        guard !parts.isEmpty else { throw CanonicalError(reason: "`parts` is empty") }
        return parts
    }
}
