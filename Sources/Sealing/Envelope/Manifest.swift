public import Canonical

/// What the manifest says of one document. Sealed, since a name can tell a price and a small file's digest can be guessed.
public struct ManifestDocument: Sendable, Hashable {
    /// Text, as the bidder gave it: never a path on a host.
    public let folder: String?
    public let name: String
    public let lots: [String]
    public let mediaType: String?
    public let length: Int64
    /// Of the plaintext.
    public let sha256: Digest
    /// The place, from 1, in this manifest of the document that this one signs.
    public let signatureOf: Int?

    public init(
        folder: String? = nil, name: String, lots: [String] = [], mediaType: String? = nil, length: Int64,
        sha256: Digest,
        signatureOf: Int? = nil
    ) {
        self.folder = folder
        self.name = name
        self.lots = lots
        self.mediaType = mediaType
        self.length = length
        self.sha256 = sha256
        self.signatureOf = signatureOf
    }

    var json: JSON {
        var fields: [String: JSON] = ["name": .string(name), "length": .integer(length), "sha256": .digest(sha256)]
        fields["folder"] = folder.map(JSON.string)
        if !lots.isEmpty { fields["lots"] = .array(lots.map(JSON.string)) }
        fields["mediaType"] = mediaType.map(JSON.string)
        fields["signatureOf"] = signatureOf.map { .integer(Int64($0)) }
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        folder = try reader.optionalString("folder", max: SealingLimits.text)
        name = try reader.string("name", max: SealingLimits.text)
        mediaType = try reader.optionalString("mediaType", max: 128)
        length = try reader.integer("length", in: 0...SealingLimits.document)
        sha256 = try reader.digest("sha256")
        signatureOf = try reader.optionalInteger("signatureOf", in: 1...Int64(SealingLimits.documents)).map(Int.init)
        var lots: [String] = []
        if let values = try reader.optionalArray("lots", max: 1000) {
            guard !values.isEmpty else { throw CanonicalError(reason: "`lots` is empty") }
            for value in values {
                guard case .string(let lot) = value, lot.utf8.count <= 64 else {
                    throw CanonicalError(reason: "`lots` holds what is no short text")
                }
                lots.append(lot)
            }
        }
        self.lots = lots
        guard !name.isEmpty else { throw CanonicalError(reason: "`name` is empty") }
    }
}

/// What one part of an envelope holds, sealed as `<part>.p7m`.
///
/// Consultation and depositor stand inside, where nobody who copies an envelope can change them.
public struct Manifest: CanonicalObject, Hashable {
    public static let format = "sceau/manifest/1"

    public let consultation: Identifier
    /// The depositing company's account.
    public let depositor: Identifier
    public let part: String
    /// 128 random bits: the digest of the manifest, which stands in the clear, tells nothing.
    public let nonce: [UInt8]
    public let candidate: Candidate?
    /// The part's documents, in the order of their numbers in the envelope.
    public let documents: [ManifestDocument]

    public init(
        consultation: Identifier, depositor: Identifier, part: String, nonce: [UInt8], candidate: Candidate?,
        documents: [ManifestDocument]
    ) {
        precondition(nonce.count == 16)
        self.consultation = consultation
        self.depositor = depositor
        self.part = part
        self.nonce = nonce
        self.candidate = candidate
        self.documents = documents
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "depositor": .identifier(depositor), "part": .string(part),
            "nonce": .base64(nonce), "documents": .array(documents.map(\.json)),
        ]
        fields["candidate"] = candidate.map(\.json)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        depositor = try reader.identifier("depositor")
        part = try reader.part()
        nonce = try reader.base64("nonce", max: 16)
        guard nonce.count == 16 else { throw CanonicalError(reason: "`nonce` is not 16 bytes") }
        if var candidate = try reader.optionalObject("candidate") {
            self.candidate = try Candidate(&candidate)
            try candidate.finish()
        } else {
            candidate = nil
        }
        documents = try reader.objects("documents", max: SealingLimits.documents) { (document) throws(CanonicalError) in
            try ManifestDocument(&document)
        }
        guard documents.allSatisfy({ ($0.signatureOf ?? 1) <= documents.count }) else {
            throw CanonicalError(reason: "`signatureOf` is no document of the manifest")
        }
    }
}
