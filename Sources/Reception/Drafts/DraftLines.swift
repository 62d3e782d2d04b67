public import Canonical
import OpenSSL
import Procurement
import Sealing

/// What a document's bidder says of it: sealed in the draft, later in the manifest.
public struct DraftDetail: CanonicalObject, Equatable {
    public static let format = "sceau/draft-detail/1"

    public let folder: String?
    public let name: String
    public let lots: [String]
    public let mediaType: String?
    /// The number, in the draft, of the document that this one signs.
    public let signatureOf: Int?

    public init(folder: String?, name: String, lots: [String], mediaType: String?, signatureOf: Int?) {
        self.folder = folder
        self.name = name
        self.lots = lots
        self.mediaType = mediaType
        self.signatureOf = signatureOf
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = ["name": .string(name)]
        fields["folder"] = folder.map(JSON.string)
        if !lots.isEmpty { fields["lots"] = .array(lots.map(JSON.string)) }
        fields["mediaType"] = mediaType.map(JSON.string)
        fields["signatureOf"] = signatureOf.map { .integer(Int64($0)) }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        folder = try reader.optionalString("folder", max: SealingLimits.text)
        name = try reader.string("name", max: SealingLimits.text)
        mediaType = try reader.optionalString("mediaType", max: 128)
        signatureOf = try reader.optionalInteger("signatureOf", in: 1...1_000_000).map(Int.init)
        var lots: [String] = []
        for value in try reader.optionalArray("lots", max: 1000) ?? [] {
            guard case .string(let lot) = value else { throw CanonicalError(reason: "`lots` holds what is no text") }
            lots.append(lot)
        }
        self.lots = lots
    }
}

/// The first line of a document's journal.
struct DraftDocumentLine: CanonicalObject {
    static let format = "sceau/draft-document/1"
    /// The longest line: a detail of 128 KiB in base64, and the rest.
    static let longest = 256 << 10

    let bid: Identifier
    let number: Int
    let part: String
    let length: Int64
    let created: Instant
    /// A ``DraftDetail``, sealed; nil where the document comes sealed by its bidder, and its names with it.
    let detail: [UInt8]?

    init(bid: Identifier, number: Int, part: String, length: Int64, created: Instant, detail: [UInt8]?) {
        self.bid = bid
        self.number = number
        self.part = part
        self.length = length
        self.created = created
        self.detail = detail
    }

    var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "bid": .identifier(bid), "number": .integer(Int64(number)), "part": .string(part), "length": .integer(length),
            "created": .instant(created),
        ]
        fields["detail"] = detail.map { .base64($0) }
        return fields
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        number = Int(try reader.integer("number", in: 1...DraftStore.mostNumbers))
        part = try reader.string("part", max: 32)
        length = try reader.integer("length", in: 0...SealingLimits.document)
        created = try reader.instant("created")
        detail = try reader.optionalBase64("detail", max: 128 << 10)
    }

    static func place(_ number: Int) -> DraftKey.Place { DraftKey.Place(format: DraftDetail.format, document: number, offset: 0) }
}

/// A further line: one segment that is whole.
struct DraftSegmentLine: CanonicalObject {
    static let format = "sceau/draft-segment/1"
    /// The longest line: a header of 4 KiB in base64, and the rest.
    static let longest = 8 << 10

    let number: Int
    let offset: Int64
    let length: Int64
    /// Of the ciphertext.
    let sha256: Digest
    /// nil where the document comes sealed, with headers of its bidder's making.
    let header: [UInt8]?
    /// The state of the running digest at the end of this segment, sealed; nil where the plaintext is not known here.
    let digest: [UInt8]?
    let begun: Instant
    let synced: Int

    init(
        number: Int, offset: Int64, length: Int64, sha256: Digest, header: [UInt8]?, digest: [UInt8]?, begun: Instant, synced: Int
    ) {
        self.number = number
        self.offset = offset
        self.length = length
        self.sha256 = sha256
        self.header = header
        self.digest = digest
        self.begun = begun
        self.synced = synced
    }

    var end: Int64 { offset + length }

    var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "number": .integer(Int64(number)), "offset": .integer(offset), "length": .integer(length),
            "sha256": .digest(sha256), "begun": .instant(begun), "synced": .integer(Int64(synced)),
        ]
        fields["header"] = header.map { .base64($0) }
        fields["digest"] = digest.map { .base64($0) }
        return fields
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        number = Int(try reader.integer("number", in: 1...Int64(SealingLimits.segments)))
        offset = try reader.integer("offset", in: 0...SealingLimits.document)
        length = try reader.integer("length", in: 0...Int64(SealingLimits.segment))
        sha256 = try reader.digest("sha256")
        header = try reader.optionalBase64("header", max: 4096)
        digest = try reader.optionalBase64("digest", max: 256)
        begun = try reader.instant("begun")
        synced = Int(try reader.integer("synced", in: 0...Int64(SealingLimits.segments)))
        guard synced <= number else { throw CanonicalError(reason: "`synced` is past `number`") }
        guard (header == nil) == (digest == nil) else { throw CanonicalError(reason: "`header` or `digest` stands alone") }
    }

    static func place(_ document: Int, end: Int64) -> DraftKey.Place {
        DraftKey.Place(format: format, document: document, offset: end)
    }
}
