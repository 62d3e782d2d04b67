public import Canonical
internal import OpenSSL

/// An envelope as its bidder submits it: all of `<bid>.seal` but `received.json`, which only who receives it can write.
///
/// Whoever sends one is the attacker: an archive that costs much to read, a seal that names another's bid, headers that a
/// parser would stumble over years later. What can be checked without a key is checked here, before anything is kept.
public struct SubmittedEnvelope: Sendable, Hashable {
    /// What it must be the envelope of.
    public struct Expected: Sendable {
        public let consultation: Identifier
        public let bid: Identifier
        /// Fingerprint of the key set in force.
        public let keys: Digest
        public let certificates: [PartCertificate]
        /// Of the documents that were received, in order: their part, and their bytes.
        public let documents: [(part: String, length: Int64)]

        public init(
            consultation: Identifier, bid: Identifier, keys: Digest, certificates: [PartCertificate],
            documents: [(part: String, length: Int64)]
        ) {
            self.consultation = consultation
            self.bid = bid
            self.keys = keys
            self.certificates = certificates
            self.documents = documents
        }
    }

    /// Where a segment's ciphertext lies in its document, and what it is.
    public struct Segment: Sendable, Hashable {
        public let offset: Int64
        public let length: Int
        public let sha256: Digest
    }

    public let seal: Seal
    /// The sealed manifests, in the order of the seal's parts.
    let manifests: [[UInt8]]
    let documents: [SealArchive.Document]

    init(seal: Seal, manifests: [[UInt8]], documents: [SealArchive.Document]) {
        self.seal = seal
        self.manifests = manifests
        self.documents = documents
    }

    /// Reads exactly the bytes that ``encoded()`` writes.
    public init(parsing bytes: [UInt8]) throws(SealingError) {
        guard bytes.count <= SealingLimits.archive else { throw SealingError(.limit, "an archive is at most 256 MiB") }
        var reader = StoredZip.Reader(bytes)
        try self.init(taking: &reader)
        try reader.finish()
    }

    /// The entries that every archive of an envelope begins with.
    init(taking reader: inout StoredZip.Reader) throws(SealingError) {
        let bytes = try reader.take("seal.json")
        guard bytes.count <= SealingLimits.seal else { throw SealingError(.limit, "seal.json is at most 8 MiB") }
        seal = try naming(.format, "seal.json") { try Seal(canonical: bytes) }
        var manifests: [[UInt8]] = []
        for part in seal.parts { manifests.append(try reader.take("\(part.part).p7m")) }
        var documents: [SealArchive.Document] = []
        for number in seal.documents.indices.map({ $0 + 1 }) {
            documents.append(
                SealArchive.Document(headers: try reader.take("\(number).p7m"), segments: try reader.take("\(number).segments")))
        }
        self.manifests = manifests
        self.documents = documents
    }

    var entries: [StoredZip.Entry] {
        var entries = [StoredZip.Entry(name: "seal.json", bytes: seal.canonicalBytes)]
        for (part, manifest) in zip(seal.parts, manifests) {
            entries.append(.init(name: "\(part.part).p7m", bytes: manifest))
        }
        for (index, document) in documents.enumerated() {
            entries.append(.init(name: "\(index + 1).p7m", bytes: document.headers))
            entries.append(.init(name: "\(index + 1).segments", bytes: document.segments))
        }
        return entries
    }

    public func encoded() -> [UInt8] { StoredZip(entries: entries).encoded() }

    /// As it is kept once it is received. Its manifests in the clear are its bidder's alone.
    public var envelope: SealedEnvelope {
        SealedEnvelope(seal: seal, contents: [], manifests: manifests, documents: documents)
    }

    // MARK: Checking

    /// Everything but the ciphertext: whose it is, every file against the seal, the shape of every manifest and header.
    ///
    /// - Returns: the segments of each document, to be held against its ciphertext.
    /// - Throws: ``SealingError`` naming document and segment; of code `limit` where there are too many.
    public func check(_ expected: Expected) throws(SealingError) -> [[Segment]] {
        func wrong(_ reason: String) -> SealingError { SealingError(.envelope, reason) }
        guard seal.sealedBy == .bidder else { throw wrong("seal.json does not say that its bidder sealed it") }
        guard seal.bid == expected.bid else { throw wrong("seal.json is of another bid") }
        guard seal.consultation == expected.consultation else { throw wrong("seal.json is of another consultation") }
        guard seal.keys == expected.keys else { throw wrong("it was sealed under another key set") }
        let certificates = Dictionary(expected.certificates.map { ($0.part, $0) }) { first, _ in first }
        for (part, manifest) in zip(seal.parts, manifests) {
            guard let certificate = certificates[part.part] else { throw wrong("the consultation has no part \(part.part)") }
            guard certificate.digest == part.certificate else { throw wrong("part \(part.part) was sealed to another certificate") }
            guard Digest(of: manifest) == part.manifest else { throw wrong("\(part.part).p7m is not the one that was sealed") }
            do { try SealedObject.check(manifest, length: nil, for: certificate.certificate) } catch {
                throw wrong("\(part.part).p7m: \(error)")
            }
        }
        guard Set(seal.parts.map(\.contents)).count == seal.parts.count else { throw wrong("two parts have the same contents") }
        guard seal.documents.count == expected.documents.count else {
            throw wrong("it is of \(seal.documents.count) documents, and \(expected.documents.count) were received")
        }
        var all: [[Segment]] = []
        for (index, document) in seal.documents.enumerated() {
            let received = expected.documents[index]
            guard document.part == received.part, let certificate = certificates[document.part] else {
                throw wrong("document \(index + 1): it is of another part than the one received")
            }
            guard document.length == received.length else {
                throw wrong("document \(index + 1): it has \(document.length) bytes, and \(received.length) were received")
            }
            all.append(try segments(index + 1, for: certificate))
        }
        return all
    }

    private func segments(_ number: Int, for certificate: PartCertificate) throws(SealingError) -> [Segment] {
        func wrong(_ reason: String, _ segment: Int? = nil, _ code: SealingError.Code = .envelope) -> SealingError {
            SealingError(code, "document \(number)" + (segment.map { ", segment \($0)" } ?? "") + ": " + reason)
        }
        let (file, sealed) = (documents[number - 1], seal.documents[number - 1])
        guard Digest(of: file.headers) == sealed.headers else { throw wrong("its headers are not those that were sealed") }
        guard Digest(of: file.segments) == sealed.segments else { throw wrong("its segments are not those that were sealed") }
        let lines: [SegmentLine]
        do { lines = try SegmentLine.read(file.segments, headers: file.headers.count) } catch { throw wrong(error.text, nil, error.code) }
        guard lines.reduce(0, { $0 + Int64($1.length) }) == sealed.length else { throw wrong("its segments are not as long as it") }
        for (index, line) in lines.enumerated() {
            let header = Array(file.headers[line.headerOffset..<(line.headerOffset + line.headerLength)])
            do { try SegmentOpener.check(header: header, for: certificate.certificate) } catch {
                throw wrong("its header: \(error)", index + 1)
            }
        }
        return lines.map { Segment(offset: $0.offset, length: $0.length, sha256: $0.sha256) }
    }
}
