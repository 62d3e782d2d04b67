import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// Sealed bids that do not hold: refused by name, before anything is kept of them.
@Suite(.serialized) struct SealedRefusalTests {
    /// A bidder that makes its envelopes as it likes.
    struct Forger {
        let sender: DraftTests.Sender
        let consultation: Identifier
        let keys: Digest
        let part: PartCertificate
        let depositor: Identifier
        /// Ciphertext and header of each segment.
        let segments: [(bytes: [UInt8], header: [UInt8])]

        var ciphertext: Data { Data(segments.flatMap(\.bytes)) }

        init(_ stage: Stage, _ procedure: Procedure, plaintexts: [String] = ["price", " 1234", " euro"]) throws {
            let curl = stage.bidders[0]
            let shown = try Procedure.expect(200, curl.get(procedure.path))
            let first = try #require((shown.json["certificates"] as? [[String: String]])?.first)
            let der = try #require(Data(base64Encoded: first["certificate"] ?? ""))
            let part = try PartCertificate(part: "offer", certificate: Certificate(der: Array(der)))
            self.part = part
            consultation = procedure.id
            keys = procedure.fingerprint
            let opened = try Procedure.expect(201, curl.post(procedure.path + "/bids", ["sealed": true]))
            sender = DraftTests.Sender(curl, bid: opened["id"], code: opened["bidCode"])
            depositor = try Identifier(opened["depositor"])
            segments = try plaintexts.map { text in
                var sealer = try SegmentSealer(to: part.certificate)
                let bytes = try sealer.update(Array(text.utf8).span)
                return (bytes, try sealer.finish())
            }
        }

        /// Uploads the ciphertext: in two pieces that end nowhere near a segment's end.
        func upload() throws {
            let made = try Procedure.expect(201, create(length: ciphertext.count, [:]))
            let address = made.fields["location"] ?? ""
            for (start, end) in [(0, 3), (3, ciphertext.count)] {
                let answer = try sender.patch(address, at: start, ciphertext[start..<end])
                #expect(answer.status == 204, "\(answer)")
            }
        }

        func create(length: Int, _ metadata: [String: String]) throws -> Answer {
            let value = metadata.map { "\($0) \(Data($1.utf8).base64EncodedString())" }.joined(separator: ",")
            return try sender.curl.request(
                ["-X", "POST"], "/api/v1/bids/\(sender.bid)/documents",
                fields: DraftTests.tus + ["Upload-Length: \(length)", "Bid-Code: \(sender.code)"] + (value.isEmpty ? [] : ["Upload-Metadata: \(value)"]))
        }

        var files: DocumentFiles {
            get throws {
                try SegmentTable.files(
                    of: segments.map { (length: $0.bytes.count, sha256: Digest(SHA256.hash($0.bytes)), header: $0.header) })
            }
        }

        func envelope(
            _ files: DocumentFiles? = nil, part other: PartCertificate? = nil, bid: Identifier? = nil, consultation id: Identifier? = nil,
            keys other2: Digest? = nil, sealedBy: Seal.Sealer = .bidder, twice: Bool = false
        ) throws -> [UInt8] {
            let files = try files ?? self.files
            var builder = EnvelopeBuilder(
                consultation: id ?? consultation, bid: try bid ?? Identifier(sender.bid), keys: other2 ?? keys, sealedBy: sealedBy,
                depositor: depositor)
            for number in 1...(twice ? 2 : 1) {
                try builder.add(
                    part: other ?? part,
                    document: ManifestDocument(name: "\(number).txt", length: files.length, sha256: Digest(SHA256.hash([]))), files: files)
            }
            return try builder.finish().submitted.encoded()
        }

        func submit(_ archive: [UInt8], type: String = "application/zip") throws -> Answer {
            try sender.curl.request(
                ["-X", "POST", "--data-binary", "@-"], "/api/v1/bids/\(sender.bid)/submission",
                fields: ["Bid-Code: \(sender.code)", "Content-Type: \(type)"], stdin: Data(archive))
        }
    }

    @Test func whatDoesNotHoldIsNamedAndNotKept() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let forger = try Forger(stage, procedure)
        let good = try forger.envelope()
        #expect(try forger.submit(good).problem == "incomplete")
        try forger.upload()
        let segments = forger.segments

        func refused(_ archive: [UInt8], _ said: String, _ status: Int = 422, _ problem: String = "seal") throws {
            let answer = try forger.submit(archive)
            #expect(answer.status == status && answer.problem == problem && answer.text.contains(said), "\(said): \(answer)")
            #expect(try stage.events("bid-received").isEmpty, "\(said)")
            #expect(stage.instance.envelopeFiles() == [], "\(said)")
        }
        func files(_ change: (inout [(length: Int, sha256: Digest, header: [UInt8])]) -> Void) throws -> DocumentFiles {
            var kept = segments.map { (length: $0.bytes.count, sha256: Digest(SHA256.hash($0.bytes)), header: $0.header) }
            change(&kept)
            return try SegmentTable.files(of: kept)
        }

        // Off the byte shape: a flipped byte of the algorithm, a byte more, the header of another certificate.
        try refused(forger.envelope(files { $0[1].header[4] ^= 1 }), "document 1, segment 2: its header: it does not have the shape of a sealed object: byte 4")
        try refused(forger.envelope(files { $0[2].header.append(0) }), "document 1, segment 3: its header")
        let key = try PrivateKey.generateP256()
        let foreign = try Certificate.selfSigned(
            key, commonName: "other", alternativeNames: [], usage: .server, notBefore: 0, notAfter: 4_000_000_000)
        var sealer = try SegmentSealer(to: foreign)
        _ = try sealer.update(Array("price".utf8).span)
        let alien = try sealer.finish()
        try refused(forger.envelope(files { $0[0].header = alien }), "document 1, segment 1: its header")
        try refused(forger.envelope(part: PartCertificate(part: "offer", certificate: foreign)), "another certificate")
        // Lengths.
        try refused(forger.envelope(files { $0[2].length += 1 }), "document 1: it has 16 bytes, and 15 were received")
        try refused(forger.envelope(files { $0.removeLast() }), "document 1: it has 10 bytes")
        try refused(forger.envelope(twice: true), "it is of 2 documents, and 1 were received")
        // Other bytes than those received, in whatever segment.
        for number in 1...3 {
            try refused(
                forger.envelope(files { $0[number - 1].sha256 = Digest(SHA256.hash([1])) }), "document 1, segment \(number): its bytes are not")
        }
        // Whose it is.
        try refused(forger.envelope(bid: Identifier(random: Random.sixteen())), "another bid")
        try refused(forger.envelope(consultation: Identifier(random: Random.sixteen())), "another consultation")
        try refused(forger.envelope(keys: Digest(SHA256.hash([]))), "another key set")
        try refused(forger.envelope(sealedBy: .platform), "does not say that its bidder sealed it")
        // The archive itself.
        try refused(good + [0], "added behind")
        try refused(Array(good.dropLast()), "directory")
        var altered = good
        let place = try #require(Data(good).range(of: Data("offer.p7m".utf8))).upperBound
        altered[place + 60] ^= 1
        try refused(altered, "offer.p7m is altered")
        try refused([], "seal.json is missing")
        #expect(try forger.submit(Array("{}".utf8), type: "application/json").status == 415)
        #expect(try forger.submit([UInt8](repeating: 0, count: (64 << 20) + 1)).status == 413)

        // The draft is what it was: the true envelope makes a bid of it.
        let receipt = try forger.submit(good)
        #expect(receipt.status == 201 && receipt["sealedBy"] == "bidder", "\(receipt)")
        #expect(try forger.submit(good)["event"] == receipt["event"])
        #expect(stage.instance.envelopeFiles().count == 2)
        #expect(try stage.events("bid-received").count == 1)
        #expect(try stage.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    @Test func inMorePiecesThanThereMayBe() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let forger = try Forger(stage, procedure, plaintexts: [String(repeating: "a", count: 20_001)])
        try forger.upload()
        let many = try SegmentTable.files(
            of: forger.ciphertext.map { (length: 1, sha256: Digest(SHA256.hash([$0])), header: [UInt8(0)]) })
        let answer = try forger.submit(forger.envelope(many))
        #expect(answer.status == 429 && answer.problem == "rate" && answer.text.contains("document 1: a document has at most 20,000"), "\(answer)")
        #expect(stage.instance.envelopeFiles() == [])
        #expect(try forger.submit(forger.envelope()).status == 201)
    }

    @Test func whatASealedDraftRefuses() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let curl = stage.bidders[0]
        let forger = try Forger(stage, procedure)
        // Its names are within, and nowhere else.
        for metadata in [["filename": "prix-1234.txt"], ["folder": "Lot 1"], ["filename": "a", "part": "offer"]] {
            #expect(try forger.create(length: 1, metadata).status == 422, "\(metadata)")
        }
        #expect(try forger.create(length: 1, ["part": "offer"]).status == 201)
        let shown = try forger.sender.read()
        #expect(shown.json["sealed"] as? Bool == true && !shown.text.contains("\"name\""), "\(shown)")
        // It cannot submit itself: its seal comes with the submission.
        #expect(try curl.post(procedure.path + "/bids", ["sealed": true, "submitAfter": 1]).status == 422)

        // A plain draft knows no envelope.
        let plain = try DraftTests.Sender(curl, in: procedure.id.text)
        #expect(try plain.create(0, named: "a.txt").status == 201)
        let zip = try curl.request(
            ["-X", "POST", "--data-binary", "@-"], "/api/v1/bids/\(plain.bid)/submission",
            fields: ["Bid-Code: \(plain.code)", "Content-Type: application/zip"], stdin: Data(forger.envelope()))
        #expect(zip.status == 415, "\(zip)")

        // Numbers that a client chooses: its own again is the same draft, another's is taken.
        let (id, code) = (try Identifier(random: Random.sixteen()).text, String(repeating: "a", count: 32))
        func open(_ curl: Curl, _ body: [String: Any], code: String?) throws -> Answer {
            try curl.post(procedure.path + "/bids", body, fields: code.map { ["Bid-Code: \($0)"] } ?? [])
        }
        #expect(try open(curl, ["id": id], code: nil).status == 422)
        #expect(try open(curl, ["id": "x"], code: code).status == 422)
        #expect(try open(curl, ["id": id], code: code)["id"] == id)
        #expect(try open(curl, ["id": id], code: code).status == 201)
        #expect(try stage.events("draft-opened").filter { $0["bid"] as? String == id }.count == 1)
        #expect(try open(curl, ["id": id], code: String(repeating: "b", count: 32)).problem == "already-done")
        #expect(try open(curl, ["id": id, "sealed": true], code: code).problem == "already-done")
        #expect(try open(stage.bidders[1], ["id": id], code: code).problem == "already-done")
        let deposit = try Procedure.expect(201, curl.deposit(Data("x".utf8), in: procedure.id.text))
        #expect(try open(curl, ["id": deposit["bid"]], code: code).problem == "already-done")
    }
}
