import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// Resumable uploads with a client that is not ours: `tuspy`.
@Suite(.serialized) struct TusTests {
    /// Uploads a file in chunks, each time from where the server says that it stands; with `stop` it goes away after so
    /// many, as a program that is killed does, and says the address.
    static let client = """
        import sys, json, os
        from tusclient import client
        settings = json.load(open(sys.argv[1]))
        if settings.get("ca"): os.environ["REQUESTS_CA_BUNDLE"] = settings["ca"]
        tus = client.TusClient(settings["url"], headers={"Authorization": "Bearer " + settings["token"], "Bid-Code": settings["code"]})
        uploader = tus.uploader(
            settings["file"], chunk_size=settings["chunk"], metadata={"filename": settings["name"], "part": "offer"},
            url=settings.get("address"), upload_checksum=settings["checksum"], retries=30, retry_delay=1)
        chunks = 0
        while uploader.offset < uploader.get_file_size():
            uploader.upload_chunk()
            chunks += 1
            if chunks == settings.get("stop"): break
        print(json.dumps({"address": uploader.url, "offset": uploader.offset}))
        """

    static func send(
        _ curl: Curl, _ draft: DraftTests.Sender, _ file: String, chunk: Int, name: String, address: String? = nil, stop: Int? = nil,
        checksum: Bool = false, timeout: Double = 120
    ) throws -> (address: String, offset: Int) {
        let folder = try TemporaryFolder()
        var settings: [String: Any] = [
            "url": curl.instance.url + "/api/v1/bids/\(draft.bid)/documents", "token": curl.token ?? "", "code": draft.code, "file": file,
            "chunk": chunk, "name": name, "ca": curl.instance.ca, "checksum": checksum,
        ]
        // A restarted daemon of a test has another port; the rest of the address is its.
        settings["address"] = address.flatMap { URL(string: $0) }.map { "\(curl.instance.url)\($0.path())?\($0.query() ?? "")" }
        settings["stop"] = stop
        let path = try folder.write("settings", JSONSerialization.data(withJSONObject: settings))
        let said = try JSONSerialization.jsonObject(with: Python.check(client, [path], timeout: timeout).out) as? [String: Any] ?? [:]
        return (said["address"] as? String ?? "", said["offset"] as? Int ?? -1)
    }

    @Test(arguments: [false, true]) func interruptedAndResumedOverARestart(_ checksum: Bool) throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        let bidder = stage.bidders[0]
        let draft = try DraftTests.Sender(bidder, in: consultation.id.text)
        let folder = try TemporaryFolder()
        let bytes = Data(try Random.bytes(23 << 20))
        let file = try folder.write("offre.bin", bytes)
        let chunk = 5 << 20
        var (address, offset) = try Self.send(bidder, draft, file, chunk: chunk, name: "offre.bin", stop: 1, checksum: checksum)
        #expect(offset == chunk && address.contains("code="))
        stage.instance.kill()
        try stage.instance.start()
        (address, offset) = try Self.send(bidder, draft, file, chunk: chunk, name: "offre.bin", address: address, stop: 2, checksum: checksum)
        #expect(offset == 3 * chunk)
        (_, offset) = try Self.send(bidder, draft, file, chunk: chunk, name: "offre.bin", address: address, checksum: checksum)
        #expect(offset == bytes.count)
        let receipt = try draft.submit()
        #expect(receipt.status == 201 && receipt["verdict"] == "on-time", "\(receipt)")
        let document = (receipt.json["documents"] as? [[String: Any]])?.first
        #expect(document?["sha256"] as? String == Digest(SHA256.hash(Array(bytes))).hex && document?["name"] as? String == "offre.bin")
    }
}
