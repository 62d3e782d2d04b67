public import Canonical

/// `<bid>.seal`: everything of an envelope but its documents' ciphertext, in one stored ZIP that has one writing only.
public struct SealArchive: Sendable, Hashable {
    /// What describes one document's ciphertext file.
    public struct Document: Sendable, Hashable {
        /// `N.p7m`
        public let headers: [UInt8]
        /// `N.segments`
        public let segments: [UInt8]

        public init(headers: [UInt8], segments: [UInt8]) {
            self.headers = headers
            self.segments = segments
        }
    }

    public let seal: Seal
    /// The sealed manifests, in the order of the seal's parts.
    public let manifests: [[UInt8]]
    /// In the order of the seal's documents.
    public let documents: [Document]
    /// The last entry, outside the seal.
    public let received: Received

    public init(seal: Seal, manifests: [[UInt8]], documents: [Document], received: Received) {
        precondition(manifests.count == seal.parts.count && documents.count == seal.documents.count)
        self.seal = seal
        self.manifests = manifests
        self.documents = documents
        self.received = received
    }

    public func encoded() -> [UInt8] {
        let entries = SubmittedEnvelope(seal: seal, manifests: manifests, documents: documents).entries
        return StoredZip(entries: entries + [.init(name: "received.json", bytes: received.canonicalBytes)]).encoded()
    }

    /// Reads exactly the bytes that ``encoded()`` writes. Digests are not looked at: see ``checkDigests()``.
    public init(parsing bytes: [UInt8]) throws(SealingError) {
        guard bytes.count <= SealingLimits.archive else { throw SealingError(.limit, "an archive is at most 256 MiB") }
        var reader = StoredZip.Reader(bytes)
        let envelope = try SubmittedEnvelope(taking: &reader)
        let receivedBytes = try reader.take("received.json")
        let received = try naming(.format, "received.json") { try Received(canonical: receivedBytes) }
        try reader.finish()
        self.init(seal: envelope.seal, manifests: envelope.manifests, documents: envelope.documents, received: received)
    }

    /// `seal.json` alone, read from the beginning of an archive: a receipt needs no more of it.
    ///
    /// - Parameters:
    ///   - seal: its digest, from the register.
    ///   - read: at most so many bytes, from where the last call ended; none at the end.
    public static func sealBytes(_ seal: Digest, read: (Int) throws -> [UInt8]) throws -> [UInt8] {
        func take(_ count: Int) throws -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < count {
                let piece = try read(count - bytes.count)
                guard !piece.isEmpty else { throw SealingError(.envelope, "the seal is cut off") }
                bytes += piece
            }
            return bytes
        }
        let header = try take(30 + "seal.json".utf8.count)
        let count = (0..<4).reduce(0) { $0 | Int(header[18 + $1]) << (8 * $1) }
        guard count <= SealingLimits.seal else { throw SealingError(.envelope, "the seal is too long") }
        let bytes = try take(count)
        guard Digest(of: bytes) == seal else { throw SealingError(.envelope, "seal.json is not the one that was recorded") }
        return bytes
    }

    /// Every file against the seal.
    public func checkDigests() throws(SealingError) {
        for (part, manifest) in zip(seal.parts, manifests) where Digest(of: manifest) != part.manifest {
            throw SealingError(.envelope, "\(part.part).p7m is not the one that was sealed")
        }
        for index in documents.indices { try checkDigests(document: index + 1) }
        guard received.seal == seal.digest, received.bid == seal.bid, received.consultation == seal.consultation else {
            throw SealingError(.envelope, "received.json is of another envelope")
        }
    }

    func checkDigests(document number: Int) throws(SealingError) {
        let (document, sealed) = (documents[number - 1], seal.documents[number - 1])
        guard Digest(of: document.headers) == sealed.headers else {
            throw SealingError(.envelope, "\(number).p7m is not the one that was sealed")
        }
        guard Digest(of: document.segments) == sealed.segments else {
            throw SealingError(.envelope, "\(number).segments is not the one that was sealed")
        }
    }
}
