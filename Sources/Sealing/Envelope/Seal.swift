public import Canonical

/// `seal.json`: what an envelope is, in the clear. Its SHA-256 is *the seal*, the value that is receipted and logged.
public struct Seal: CanonicalObject, Hashable {
    public static let format = "sceau/seal/1"

    /// Who sealed the documents, and so whose fault it is if they do not open although the seal is intact.
    public enum Sealer: String, Sendable {
        /// The platform, on arrival.
        case platform
        /// The bidder, before sending.
        case bidder
    }

    public struct Part: Sendable, Hashable {
        public let part: String
        /// SHA-256 of the part's certificate.
        public let certificate: Digest
        /// SHA-256 of `<part>.p7m`, the sealed manifest.
        public let manifest: Digest
        /// SHA-256 of the manifest's plaintext, which holds a nonce.
        public let contents: Digest

        public init(part: String, certificate: Digest, manifest: Digest, contents: Digest) {
            self.part = part
            self.certificate = certificate
            self.manifest = manifest
            self.contents = contents
        }
    }

    public struct Document: Sendable, Hashable {
        public let part: String
        public let length: Int64
        /// SHA-256 of `N.p7m`.
        public let headers: Digest
        /// SHA-256 of `N.segments`.
        public let segments: Digest

        public init(part: String, length: Int64, headers: Digest, segments: Digest) {
            self.part = part
            self.length = length
            self.headers = headers
            self.segments = segments
        }
    }

    public let consultation: Identifier
    public let bid: Identifier
    /// Fingerprint of the key set.
    public let keys: Digest
    public let sealedBy: Sealer
    public let parts: [Part]
    /// Document 1 first.
    public let documents: [Document]

    public init(
        consultation: Identifier, bid: Identifier, keys: Digest, sealedBy: Sealer, parts: [Part], documents: [Document]
    ) {
        self.consultation = consultation
        self.bid = bid
        self.keys = keys
        self.sealedBy = sealedBy
        self.parts = parts
        self.documents = documents
    }

    /// The seal.
    public var digest: Digest { Digest(of: canonicalBytes) }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "keys": .digest(keys),
            "sealedBy": .string(sealedBy.rawValue),
            "parts": .array(
                parts.map {
                    .object([
                        "part": .string($0.part), "certificate": .digest($0.certificate),
                        "manifest": .digest($0.manifest),
                        "contents": .digest($0.contents),
                    ])
                }),
            "documents": .array(
                documents.map {
                    .object([
                        "part": .string($0.part), "length": .integer($0.length), "headers": .digest($0.headers),
                        "segments": .digest($0.segments),
                    ])
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        keys = try reader.digest("keys")
        guard let sealer = Sealer(rawValue: try reader.string("sealedBy")) else {
            throw CanonicalError(reason: "`sealedBy` is not platform or bidder")
        }
        sealedBy = sealer
        parts = try reader.objects("parts", max: SealingLimits.parts) { (part) throws(CanonicalError) in
            Part(
                part: try part.part(), certificate: try part.digest("certificate"),
                manifest: try part.digest("manifest"),
                contents: try part.digest("contents"))
        }
        documents = try reader.objects("documents", max: SealingLimits.documents) { (document) throws(CanonicalError) in
            Document(
                part: try document.part(), length: try document.integer("length", in: 0...SealingLimits.document),
                headers: try document.digest("headers"),
                segments: try document.digest("segments"))
        }
        let names = parts.map(\.part)
        guard !documents.isEmpty, Set(names).count == names.count, Set(names) == Set(documents.map(\.part)) else {
            throw CanonicalError(reason: "`parts` are not those of the documents, each once")
        }
    }
}
