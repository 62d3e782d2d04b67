import Canonical
import HTTP
import OpenSSL
import Procurement
import Reception

/// The header fields of tus 1.0 (https://tus.io/protocols/resumable-upload), read and written; no I/O.
enum Tus {
    static let version = "1.0.0"
    static let extensions = "creation,creation-with-upload,termination,expiration,checksum"
    static let mediaType = "application/offset+octet-stream"

    /// - Throws: 412 where the client speaks another version, or none.
    static func check(_ request: Request) throws(Refusal) {
        guard request.fields["Tus-Resumable"] == version else {
            throw Refusal(.version, "Tus-Resumable: \(version).")
        }
    }

    /// `Upload-Length` of a creation.
    static func length(_ request: Request) throws(Refusal) -> Int64 {
        guard request.fields["Upload-Defer-Length"] == nil else {
            throw Refusal(.invalid, "Upload-Defer-Length: the length of a document is known before it is sent.")
        }
        guard let length = try number("Upload-Length", request) else { throw Refusal(.malformed, "Upload-Length is missing.") }
        return length
    }

    /// `Upload-Length` where it comes with later bytes: not needed, and then the same.
    static func repeatedLength(_ request: Request) throws(Refusal) -> Int64? { try number("Upload-Length", request) }

    static func offset(_ request: Request) throws(Refusal) -> Int64 {
        guard let offset = try number("Upload-Offset", request) else { throw Refusal(.malformed, "Upload-Offset is missing.") }
        return offset
    }

    private static func number(_ name: String, _ request: Request) throws(Refusal) -> Int64? {
        guard let text = request.fields[name] else { return nil }
        guard text.utf8.count <= 18, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text)
        else { throw Refusal(.malformed, "\(name): not a number of bytes.") }
        return number
    }

    /// `Upload-Checksum`: an algorithm and the base64 of a digest.
    static func checksum(_ request: Request) throws(Refusal) -> (algorithm: BodyDigest.Algorithm, expected: [UInt8])? {
        guard let value = request.fields["Upload-Checksum"] else { return nil }
        let words = value.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let algorithm = BodyDigest.Algorithm(rawValue: String(words[0])),
            let expected = try? Base64.decode(String(words[1])), expected.count == algorithm.count
        else { throw Refusal(.malformed, "Upload-Checksum: sha1 or sha256, a space, base64.") }
        return (algorithm, expected)
    }

    /// `Upload-Metadata`: pairs of a key and base64, with commas between. Each key once.
    static func metadata(_ request: Request) throws(Refusal) -> [String: String] {
        guard let value = request.fields["Upload-Metadata"], !value.isEmpty else { return [:] }
        var metadata: [String: String] = [:]
        for pair in value.split(separator: ",", omittingEmptySubsequences: false) {
            let words = pair.split(separator: " ")
            guard (1...2).contains(words.count), metadata.count < 16, metadata[String(words[0])] == nil,
                let bytes = try? Base64.decode(words.count == 2 ? String(words[1]) : ""),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw Refusal(.malformed, "Upload-Metadata: keys and base64 of UTF-8, each key once.") }
            metadata[String(words[0])] = text
        }
        return metadata
    }

    /// The document that a creation asks for. Keys: `filename` (or `name`), `filetype`, `part`, `folder`, `lots` (with commas),
    /// `signatureOf` (a number). Of a document that its bidder sealed: `part` alone.
    static func document(_ request: Request) throws(Refusal) -> DocumentRequest {
        let metadata = try metadata(request)
        guard let name = metadata["filename"] ?? metadata["name"] else {
            guard metadata.keys.allSatisfy({ $0 == "part" }) else { throw Refusal(.invalid, "Upload-Metadata: filename is missing.") }
            return DocumentRequest(part: metadata["part"], detail: nil, length: try length(request))
        }
        var signed: Int?
        if let text = metadata["signatureOf"] {
            guard let number = Int(text), number > 0 else { throw Refusal(.invalid, "signatureOf: a document's number.") }
            signed = number
        }
        let lots = metadata["lots"].map { $0.split(separator: ",").map(String.init) } ?? []
        guard lots.count <= 1000 else { throw Refusal(.tooLarge, "lots: at most 1000.") }
        for lot in lots { try PlainText.check(lot, "lots", max: 64) }
        return DocumentRequest(
            part: metadata["part"],
            detail: DraftDetail(
                folder: metadata["folder"].flatMap { $0.isEmpty ? nil : $0 }, name: name, lots: lots,
                mediaType: MediaType.kept(metadata["filetype"]), signatureOf: signed), length: try length(request))
    }

    /// What each answer bears.
    static let fields = [("Tus-Resumable", version), ("Cache-Control", "no-store")]
}
