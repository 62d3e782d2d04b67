public import Canonical
internal import OpenSSL

/// Gathers an envelope's documents and makes its manifests and its seal.
public struct EnvelopeBuilder: Sendable {
    private struct Part {
        let certificate: PartCertificate
        var documents: [ManifestDocument]
    }

    private let consultation: Identifier
    private let bid: Identifier
    private let keys: Digest
    private let sealedBy: Seal.Sealer
    private let depositor: Identifier
    private let candidate: Candidate?
    private var parts: [Part] = []
    private var sealed: [Seal.Document] = []
    private var files: [SealArchive.Document] = []

    /// - Parameters:
    ///   - keys: fingerprint of the key set whose certificates the documents were sealed to.
    ///   - depositor: the company's account.
    public init(
        consultation: Identifier, bid: Identifier, keys: Digest, sealedBy: Seal.Sealer, depositor: Identifier,
        candidate: Candidate? = nil
    ) {
        self.consultation = consultation
        self.bid = bid
        self.keys = keys
        self.sealedBy = sealedBy
        self.depositor = depositor
        self.candidate = candidate
    }

    /// The next document: the first is number 1. Parts stand in the seal in the order in which they first come.
    public mutating func add(part: PartCertificate, document: ManifestDocument, files: DocumentFiles)
        throws(SealingError)
    {
        guard sealed.count < SealingLimits.documents else {
            throw SealingError(.limit, "an envelope has at most 10,000 documents")
        }
        guard document.length == files.length else {
            throw SealingError(.envelope, "a document is not as long as its ciphertext")
        }
        if let index = parts.firstIndex(where: { $0.certificate.part == part.part }) {
            guard parts[index].certificate == part else {
                throw SealingError(.keys, "part \(part.part) has two certificates")
            }
            parts[index].documents.append(document)
        } else {
            parts.append(Part(certificate: part, documents: [document]))
        }
        sealed.append(
            Seal.Document(
                part: part.part, length: files.length, headers: Digest(of: files.headers),
                segments: Digest(of: files.segments)))
        self.files.append(SealArchive.Document(headers: files.headers, segments: files.segments))
    }

    public func finish() throws(SealingError) -> SealedEnvelope {
        guard !sealed.isEmpty else { throw SealingError(.envelope, "an envelope has at least one document") }
        var sealedParts: [Seal.Part] = []
        var (manifests, contents): ([[UInt8]], [[UInt8]]) = ([], [])
        for part in parts {
            let nonce = try naming(.cryptography, "a manifest's nonce") { try Random.bytes(16) }
            let content = Manifest(
                consultation: consultation, depositor: depositor, part: part.certificate.part, nonce: nonce,
                candidate: candidate,
                documents: part.documents
            ).canonicalBytes
            let manifest = try naming(.cryptography, "the manifest of part \(part.certificate.part)") {
                try SealedObject.seal(content.span, to: part.certificate.certificate)
            }
            manifests.append(manifest)
            contents.append(content)
            sealedParts.append(
                Seal.Part(
                    part: part.certificate.part, certificate: part.certificate.digest, manifest: Digest(of: manifest),
                    contents: Digest(of: content)))
        }
        let seal = Seal(
            consultation: consultation, bid: bid, keys: keys, sealedBy: sealedBy, parts: sealedParts, documents: sealed)
        return SealedEnvelope(seal: seal, contents: contents, manifests: manifests, documents: files)
    }
}

/// A sealed envelope, whose archive wants only to know how it was received.
public struct SealedEnvelope: Sendable {
    public let seal: Seal
    /// The manifests in the clear, in the order of the seal's parts: for the bidder's receipt, and for nothing that is kept
    /// as it is. None where it arrived sealed.
    public let contents: [[UInt8]]
    private let manifests: [[UInt8]]
    private let documents: [SealArchive.Document]

    init(seal: Seal, contents: [[UInt8]], manifests: [[UInt8]], documents: [SealArchive.Document]) {
        self.seal = seal
        self.contents = contents
        self.manifests = manifests
        self.documents = documents
    }

    /// What a bidder who sealed it submits, beside the documents' ciphertext.
    public var submitted: SubmittedEnvelope { SubmittedEnvelope(seal: seal, manifests: manifests, documents: documents) }

    /// The bytes of `<bid>.seal`.
    public func archived(with received: Received) -> [UInt8] {
        SealArchive(seal: seal, manifests: manifests, documents: documents, received: received).encoded()
    }
}
