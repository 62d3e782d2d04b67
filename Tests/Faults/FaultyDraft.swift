import Canonical
import Foundation
import OpenSSL
import Rehearsal

/// A draft that is filled by curl, while faults are under way.
struct FaultyDraft {
    let bid: String
    let code: String
    private let curl: Curl

    init(_ vault: WatchedVault) throws {
        curl = vault.bidder.curl
        let opened = try curl.post(vault.consultation.path + "/bids", [:])
        (bid, code) = (opened["id"], opened["bidCode"])
    }

    private var fields: [String] { ["Tus-Resumable: 1.0.0", "Bid-Code: \(code)"] }

    func creation(_ length: Int) throws -> Answer {
        let name = Data("\(Int.random(in: 0 ... .max)).bin".utf8).base64EncodedString()
        return try curl.request(
            ["-X", "POST"], "/api/v1/bids/\(bid)/documents",
            fields: fields + ["Upload-Length: \(length)", "Upload-Metadata: filename \(name)"])
    }

    /// The address of a new document.
    func create(_ length: Int) throws -> String {
        let answer = try creation(length)
        guard answer.status == 201, let address = answer.fields["location"] else { throw HalfUpload.Broken(description: "\(answer)") }
        return address
    }

    func patch(_ address: String, at offset: Int, _ bytes: Data) throws -> Answer {
        try curl.request(
            ["-X", "PATCH", "--data-binary", "@-"], address,
            fields: fields + ["Upload-Offset: \(offset)", "Content-Type: application/offset+octet-stream"], stdin: Data(bytes))
    }

    func head(_ address: String) throws -> Answer { try curl.request(["-I"], address, fields: fields) }
    func offset(_ address: String) throws -> Int? { try head(address).fields["upload-offset"].flatMap(Int.init) }
    func submit() throws -> Answer { try curl.post("/api/v1/bids/\(bid)/submission", [:], fields: fields) }

    static func digest(_ bytes: Data) -> String { Digest(SHA256.hash(Array(bytes))).hex }
}
