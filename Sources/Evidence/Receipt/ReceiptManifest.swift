public import Canonical
internal import Procurement
public import Sealing

/// `META-INF/ASiCManifest001.xml` of a receipt: what a timestamp token stamps (ETSI EN 319 162-1, 4.4.3.2 and A.4).
///
/// Its bytes follow from the leaf and `seal.json` alone: the manifests' digests are the seal's `contents`. So a token can
/// be asked for, or completed later, without the bid code that opens the manifests.
public struct ReceiptManifest: Sendable, Equatable {
    public static let path = "META-INF/ASiCManifest001.xml"
    public static let tokenPath = "META-INF/timestamp001.tst"

    /// The file, to the byte.
    public let bytes: [UInt8]

    /// SHA-256 of the file: the imprint of the token.
    public var digest: Digest { Digest(of: bytes) }

    /// - Parameters:
    ///   - leaf: the bytes of a `bid-received` event.
    ///   - seal: the bytes of its `seal.json`.
    /// - Throws: ``EvidenceError`` where either does not read, or the leaf is of another seal.
    public init(leaf: [UInt8], seal: [UInt8]) throws(EvidenceError) {
        let event: Event
        do { event = try Event(canonical: leaf) } catch { throw EvidenceError("the leaf does not read: \(error.reason)") }
        guard let bid = event.fact as? BidReceived else { throw EvidenceError("the leaf is no bid-received event") }
        guard bid.seal == Digest(of: seal) else { throw EvidenceError("the leaf is of another seal") }
        let parts: [Seal.Part]
        do { parts = try Seal(canonical: seal).parts } catch {
            throw EvidenceError("the seal does not read: \(error.reason)")
        }
        self.init(leaf: Digest(of: leaf), seal: bid.seal, parts: parts)
    }

    /// - Parameters:
    ///   - leaf, seal: SHA-256 of the event's bytes and of `seal.json`.
    ///   - parts: the seal's.
    public init(leaf: Digest, seal: Digest, parts: [Seal.Part]) {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
            <asic:SigReference URI="\(Self.tokenPath)" MimeType="application/vnd.etsi.timestamp-token"/>

            """
        text += Self.reference("leaf.json", leaf) + Self.reference("seal.json", seal)
        // A part's name is letters a to z: nothing to escape.
        for part in parts { text += Self.reference(Self.path(manifestOf: part.part), part.contents) }
        bytes = Array((text + "</asic:ASiCManifest>\n").utf8)
    }

    public static func path(manifestOf part: String) -> String { "manifest-\(part).json" }

    private static func reference(_ path: String, _ digest: Digest) -> String {
        """
        <asic:DataObjectReference URI="\(path)" MimeType="application/json">
        <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
        <ds:DigestValue>\(Base64.encode(digest.bytes))</ds:DigestValue>
        </asic:DataObjectReference>

        """
    }
}
