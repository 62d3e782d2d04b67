internal import Canonical
internal import Sealing

/// The receipt as one file: an ASiC-E container with a time assertion (ETSI EN 319 162-1, 4.4), a ZIP of stored entries of
/// which there is one writing only.
///
/// ``parsing(_:)`` says no more than that the entries are there: what they say is held against one another by
/// ``ReceiptVerifier``.
public struct ReceiptContainer: Sendable, Equatable {
    public static let mediaType = "application/vnd.etsi.asic-e+zip"
    /// Bytes. The lists of 10,000 documents take some 25 MiB with the page that shows them.
    public static let longest = 64 << 20
    /// How a ZIP whose first entry is a file begins: a local file header (APPNOTE.TXT, 4.3.7).
    public static let magic: [UInt8] = [0x50, 0x4b, 0x03, 0x04]
    static let proofPath = "receipt.tlog-proof"
    static let pagePath = "receipt.html"
    static let guidePath = "VERIFIER.txt"

    /// One manifest, as its part sealed it.
    public struct List: Sendable, Equatable {
        /// `manifest-offer.json`.
        public let path: String
        public let bytes: [UInt8]

        public init(part: String, bytes: [UInt8]) { self.init(path: ReceiptManifest.path(manifestOf: part), bytes: bytes) }

        init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// The event `bid-received`.
    public internal(set) var leaf: [UInt8]
    public internal(set) var seal: [UInt8]
    /// In the order of the seal's parts; empty in a copy for who did not show the bid code.
    public internal(set) var lists: [List]
    /// A C2SP tlog-proof.
    public internal(set) var proof: [UInt8]
    public internal(set) var asicManifest: [UInt8]
    /// The CMS of an RFC 3161 token over `asicManifest`; nil while the receipt is provisional.
    public internal(set) var token: [UInt8]?
    public internal(set) var page: [UInt8]
    public internal(set) var guide: [UInt8]

    /// Makes what follows from the evidence: the ASiC manifest, the page and the guide.
    ///
    /// - Throws: ``EvidenceError`` where leaf, seal, lists and proof are not of one bid: no receipt is made that its own
    ///   verifier would refuse for it.
    public init(leaf: [UInt8], seal: [UInt8], lists: [List], proof: [UInt8], token: [UInt8]?) throws(EvidenceError) {
        self.leaf = leaf
        self.seal = seal
        self.lists = lists
        self.proof = proof
        self.token = token
        asicManifest = try ReceiptManifest(leaf: leaf, seal: seal).bytes
        page = Array(try ReceiptPage(leaf: leaf, seal: seal, lists: lists, proof: proof, token: token).html.utf8)
        guide = Array(ReceiptGuide.text.utf8)
    }

    public func encoded() -> [UInt8] {
        var entries = [
            StoredZip.Entry(name: "mimetype", bytes: Array(Self.mediaType.utf8)),
            StoredZip.Entry(name: "leaf.json", bytes: leaf), StoredZip.Entry(name: "seal.json", bytes: seal),
        ]
        entries += lists.map { StoredZip.Entry(name: $0.path, bytes: $0.bytes) }
        entries.append(StoredZip.Entry(name: Self.proofPath, bytes: proof))
        entries.append(StoredZip.Entry(name: ReceiptManifest.path, bytes: asicManifest))
        if let token { entries.append(StoredZip.Entry(name: ReceiptManifest.tokenPath, bytes: token)) }
        entries.append(StoredZip.Entry(name: Self.pagePath, bytes: page))
        entries.append(StoredZip.Entry(name: Self.guidePath, bytes: guide))
        return StoredZip(entries: entries).encoded()
    }

    /// Reads exactly what ``encoded()`` writes, whatever the entries say.
    public init(parsing file: [UInt8]) throws(EvidenceError) {
        guard file.count <= Self.longest else { throw EvidenceError("it is longer than 64 MiB") }
        do throws(SealingError) {
            var reader = StoredZip.Reader(file)
            guard try reader.take("mimetype") == Array(Self.mediaType.utf8) else {
                throw SealingError(.envelope, "its mimetype is not \(Self.mediaType)")
            }
            leaf = try reader.take("leaf.json")
            seal = try reader.take("seal.json")
            var lists: [List] = []
            while lists.count < SealingLimits.parts, let name = reader.nextName, name.hasPrefix("manifest-") {
                lists.append(List(path: name, bytes: try reader.take(name)))
            }
            self.lists = lists
            proof = try reader.take(Self.proofPath)
            asicManifest = try reader.take(ReceiptManifest.path)
            token = reader.nextName == ReceiptManifest.tokenPath ? try reader.take(ReceiptManifest.tokenPath) : nil
            page = try reader.take(Self.pagePath)
            guide = try reader.take(Self.guidePath)
            try reader.finish()
        } catch {
            throw EvidenceError(error.text)
        }
    }
}
