public import Canonical

/// `sceau/keys/1`, public: which capsules and certificates a consultation has. Its SHA-256 is **the fingerprint**.
public struct KeySet: CanonicalObject, Hashable {
    public static let format = "sceau/keys/1"

    public struct Part: Sendable, Hashable {
        public let part: String
        /// SHA-256 of the part's certificate.
        public let certificate: Digest
        /// SHA-256 of the capsule.
        public let capsule: Digest

        public init(part: String, certificate: Digest, capsule: Digest) {
            self.part = part
            self.certificate = certificate
            self.capsule = capsule
        }
    }

    public let consultation: Identifier
    /// In the order in which they are opened.
    public let parts: [Part]

    public init(consultation: Identifier, parts: [Part]) {
        self.consultation = consultation
        self.parts = parts
    }

    /// What people read aloud and tools pin.
    public var fingerprint: Digest { Digest(of: canonicalBytes) }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation),
            "parts": .array(
                parts.map {
                    .object([
                        "part": .string($0.part), "certificate": .digest($0.certificate),
                        "capsule": .digest($0.capsule),
                    ])
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        parts = try reader.objects("parts", max: SealingLimits.parts) { (part) throws(CanonicalError) in
            Part(
                part: try part.part(), certificate: try part.digest("certificate"), capsule: try part.digest("capsule"))
        }
        guard !parts.isEmpty, Set(parts.map(\.part)).count == parts.count,
            Set(parts.map(\.certificate)).count == parts.count
        else {
            throw CanonicalError(reason: "`parts` is empty, or names a part or a certificate twice")
        }
    }

    /// Refuses capsules that are not exactly this set's, one a part and in order, or that do not hold together.
    public func check(_ capsules: [Capsule]) throws(SealingError) {
        guard capsules.map(\.part) == parts.map(\.part) else {
            throw SealingError(.keys, "the capsules are not those of the key set's parts, in order")
        }
        for (part, capsule) in zip(parts, capsules) {
            func wrong(_ reason: String) -> SealingError { SealingError(.keys, "part \(part.part): \(reason)") }
            guard capsule.digest == part.capsule else {
                throw wrong("its capsule is not the one that the key set names")
            }
            guard Digest(capsule.certificate) == part.certificate else {
                throw wrong("its certificate is not the one that the key set names")
            }
            guard capsule.consultation == consultation else { throw wrong("its capsule is of another consultation") }
            guard capsule.notBefore == capsules[0].notBefore else { throw wrong("its capsule has another `notBefore`") }
            guard capsule.hasCommittee(of: capsules[0]) else { throw wrong("its capsule has another committee") }
            try capsule.check()
        }
        guard Set(capsules.map(\.platformDigest)).count == capsules.count else {
            throw SealingError(.platform, "two parts have the same platform secret")
        }
    }
}
