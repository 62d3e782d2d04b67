import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// Bids of several documents, prepared over days: stock clients, the real daemon, and what it writes.
@Suite(.serialized) struct DraftTests {
    static let tus = ["Tus-Resumable: 1.0.0"]

    /// A document as curl sends it: created, then in pieces.
    struct Sender {
        let curl: Curl
        let bid: String
        let code: String

        init(_ curl: Curl, in consultation: String, _ body: [String: Any] = [:]) throws {
            let opened = try Procedure.expect(201, curl.post("/api/v1/consultations/\(consultation)/bids", body))
            self.curl = curl
            bid = opened["id"]
            code = opened["bidCode"]
        }

        func create(_ length: Int, named name: String, _ metadata: [String: String] = [:]) throws -> Answer {
            let pairs = metadata.merging(["filename": name]) { _, name in name }
            let value = pairs.map { "\($0) \(Data($1.utf8).base64EncodedString())" }.joined(separator: ",")
            return try curl.request(
                ["-X", "POST"], "/api/v1/bids/\(bid)/documents",
                fields: DraftTests.tus + ["Upload-Length: \(length)", "Upload-Metadata: \(value)", "Bid-Code: \(code)"])
        }

        func patch(_ location: String, at offset: Int, _ bytes: Data, fields: [String] = []) throws -> Answer {
            try curl.request(
                ["-X", "PATCH", "--data-binary", "@-"], location,
                fields: DraftTests.tus + ["Upload-Offset: \(offset)", "Content-Type: application/offset+octet-stream"] + fields,
                stdin: bytes)
        }

        func head(_ location: String) throws -> Answer { try curl.request(["-I"], location, fields: DraftTests.tus) }

        func submit(_ body: [String: Any] = [:], code: String? = nil) throws -> Answer {
            try curl.post("/api/v1/bids/\(bid)/submission", body, fields: ["Bid-Code: \(code ?? self.code)"])
        }

        func read() throws -> Answer { try curl.request([], "/api/v1/bids/\(bid)", fields: ["Bid-Code: \(code)"]) }
    }

    @Test func aBidOfThreeDocumentsOpensToItsExactBytes() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 25)
        let sender = try Sender(cast.bidders[0].curl, in: consultation.id)
        let big = Data(try Random.bytes(20 << 20))
        let small = Data("Prix : 1 234 567,89 €".utf8)

        let first = try Procedure.expect(201, sender.create(big.count, named: "mémoire.pdf", ["folder": "Technique/Annexes", "lots": "1,2"]))
        let address = first.fields["location"] ?? ""
        #expect(address.contains("?code=\(sender.code)"))
        #expect(first.fields["upload-offset"] == "0" && first.fields["upload-expires"] != nil)
        // In pieces whose ends are nobody's: within a segment, at its end, after it.
        var offset = 0
        for end in [1, 16 << 20, (16 << 20) + 5, big.count] {
            let answer = try sender.patch(address, at: offset, big[offset..<end])
            #expect(answer.status == 204 && answer.fields["upload-offset"] == "\(end)", "\(answer) \(answer.fields)")
            offset = end
            #expect(try sender.head(address).fields["upload-offset"] == "\(end)")
        }
        // With the creation, and signed by the next.
        let second = try sender.curl.request(
            ["-X", "POST", "--data-binary", "@-"], "/api/v1/bids/\(sender.bid)/documents",
            fields: Self.tus + [
                "Upload-Length: \(small.count)", "Bid-Code: \(sender.code)", "Content-Type: application/offset+octet-stream",
                "Upload-Metadata: filename \(Data("prix.txt".utf8).base64EncodedString()),filetype dGV4dC9wbGFpbg==",
            ], stdin: small)
        #expect(second.status == 201 && second.fields["upload-offset"] == "\(small.count)", "\(second)")
        let empty = try sender.create(0, named: "prix.txt.p7s", ["signatureOf": "2"])
        #expect(empty.status == 201, "\(empty)")

        // With the bid code alone the draft is read back.
        let read = try sender.read()
        let documents = read.json["documents"] as? [[String: Any]] ?? []
        #expect(documents.map { $0["name"] as? String } == ["mémoire.pdf", "prix.txt", "prix.txt.p7s"], "\(read)")
        #expect(documents.allSatisfy { $0["complete"] as? Bool == true })
        #expect(documents[0]["folder"] as? String == "Technique/Annexes" && documents[0]["lots"] as? [String] == ["1", "2"])

        let receipt = try sender.submit(["candidate": ["lead": ["name": "Alpes Béton", "siret": "55210022400011"]]])
        #expect(receipt.status == 201 && receipt["verdict"] == "on-time" && receipt["bid"] == sender.bid, "\(receipt)")
        #expect((receipt.json["documents"] as? [Any])?.count == 3)
        // Asked again, the same; a draft no more.
        let again = try sender.submit()
        #expect(again.status == 201 && again["event"] == receipt["event"], "\(again)")
        #expect(try sender.patch(address, at: big.count, Data()).status == 410)
        #expect(try sender.read()["state"] == "submitted")

        try consultation.waitUntilClosed()
        let (outcome, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(outcome.status == 0, "\(outcome)")
        let files = StoryTests.files(below: out.appending(path: sender.bid))
        let contents = try Dictionary(uniqueKeysWithValues: files.map { ($0.lastPathComponent, try Data(contentsOf: $0)) })
        #expect(contents == ["mémoire.pdf": big, "prix.txt": small, "prix.txt.p7s": Data()], "\(files)")
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    @Test func whatTusRefuses() throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        let sender = try Sender(stage.bidders[0], in: consultation.id.text)
        let bytes = Data("0123456789".utf8)
        let address = try Procedure.expect(201, sender.create(10, named: "a.txt")).fields["location"] ?? ""
        #expect(try sender.patch(address, at: 0, bytes.prefix(4)).status == 204)

        let wrong = try sender.patch(address, at: 3, bytes.suffix(6))
        #expect(wrong.status == 409 && wrong.problem == "offset", "\(wrong)")
        let changed = try sender.patch(address, at: 4, bytes.suffix(6), fields: ["Upload-Length: 11"])
        #expect(changed.status == 400 && changed.text.contains("announced with 10 bytes"), "\(changed)")
        let long = try sender.patch(address, at: 4, bytes)
        #expect(long.status == 413, "\(long)")
        for (algorithm, digest) in [("sha256", Data(repeating: 0, count: 32)), ("sha1", Data(repeating: 0, count: 20))] {
            let bad = try sender.patch(address, at: 4, bytes.suffix(6), fields: ["Upload-Checksum: \(algorithm) \(digest.base64EncodedString())"])
            #expect(bad.status == 460 && bad.problem == "checksum", "\(bad)")
        }
        #expect(try sender.patch(address, at: 4, bytes.suffix(6), fields: ["Upload-Checksum: md5 AAAA"]).status == 400)
        #expect(try sender.head(address).fields["upload-offset"] == "4")
        // Incomplete: named by its number, and still a draft.
        let early = try sender.submit()
        #expect(early.status == 409 && early.problem == "incomplete" && early.text.contains("document 1") && !early.text.contains("a.txt"), "\(early)")
        let good = try sender.patch(
            address, at: 4, bytes.suffix(6),
            fields: ["Upload-Checksum: sha1 \(try sha1(bytes.suffix(6)))"])
        #expect(good.status == 204 && good.fields["upload-offset"] == "10", "\(good)")

        // Another's, and without the code.
        let stranger = Sender(stage.bidders[1], bid: sender.bid, code: sender.code)
        #expect(try stranger.head(address).status == 404)
        #expect(try stranger.submit().status == 404 && stranger.read().status == 404)
        let bare = String(address.prefix { $0 != "?" })
        #expect(try sender.head(bare).status == 403)
        #expect(try sender.submit(code: String(repeating: "0", count: 32)).status == 403)
        #expect(try sender.curl.request(["-I"], address).status == 412)

        // Removed, and its number is not another's.
        #expect(try sender.curl.request(["-X", "DELETE"], address, fields: Self.tus).status == 204)
        #expect(try sender.head(address).status == 404)
        let next = try Procedure.expect(201, sender.create(1, named: "b.txt"))
        #expect(next.fields["location"]?.contains("-2?") == true, "\(next.fields)")
        // Given up.
        #expect(try sender.curl.request(["-X", "DELETE"], "/api/v1/bids/\(sender.bid)", fields: ["Bid-Code: \(sender.code)"]).status == 204)
        #expect(try sender.head(next.fields["location"] ?? "").status == 410)
        #expect(try stage.events("draft-dropped").count == 1)
        let options = try stage.anyone.request(["-X", "OPTIONS"], "/api/v1/bids/\(sender.bid)/documents")
        #expect(options.status == 204 && options.fields["tus-checksum-algorithm"] == "sha1,sha256", "\(options.fields)")
    }

    private func sha1(_ bytes: Data) throws -> String {
        var digest = try BodyDigest(.sha1)
        digest.update(Array(bytes).span)
        return Data(digest.finish()).base64EncodedString()
    }

    @Test func aDraftSubmitsItselfWithItsLastByte() throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        let sender = try Sender(stage.bidders[0], in: consultation.id.text, ["submitAfter": 2])
        let first = try Procedure.expect(201, sender.create(3, named: "a")).fields["location"] ?? ""
        let second = try Procedure.expect(201, sender.create(3, named: "b")).fields["location"] ?? ""
        let one = try sender.patch(first, at: 0, Data("abc".utf8))
        #expect(one.status == 204 && one.fields["bid-receipt"] == nil)
        #expect(try sender.patch(second, at: 0, Data("de".utf8)).fields["bid-receipt"] == nil)
        let last = try sender.patch(second, at: 2, Data("f".utf8))
        #expect(last.status == 204 && last.fields["bid-receipt"] == "/api/v1/bids/\(sender.bid)/receipt", "\(last.fields)")
        #expect(try stage.events("bid-received").count == 1)
        let receipt = try sender.submit()
        #expect(receipt.status == 201 && receipt["bid"] == sender.bid, "\(receipt)")
    }

    /// Killed between two requests, and within one: what was acknowledged is there, and the rest goes on from it.
    @Test func killedAndResumed() throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        let sender = try Sender(stage.bidders[0], in: consultation.id.text)
        let bytes = Data(try Random.bytes(40 << 20))
        let address = try Procedure.expect(201, sender.create(bytes.count, named: "a")).fields["location"] ?? ""
        #expect(try sender.patch(address, at: 0, bytes.prefix(1000)).status == 204)
        stage.instance.kill()
        try stage.instance.start()
        #expect(try sender.head(address).fields["upload-offset"] == "1000")
        #expect(try sender.patch(address, at: 1000, bytes[1000..<(33 << 20)]).status == 204)
        stage.instance.kill()
        try stage.instance.start()
        #expect(try sender.head(address).fields["upload-offset"] == "\(33 << 20)")
        #expect(try sender.patch(address, at: 33 << 20, bytes[(33 << 20)...]).status == 204)
        let receipt = try sender.submit()
        #expect(receipt.status == 201, "\(receipt)")
        let document = (receipt.json["documents"] as? [[String: Any]])?.first
        #expect(document?["sha256"] as? String == Digest(SHA256.hash(Array(bytes))).hex)
        #expect(!FileManager.default.fileExists(atPath: stage.instance.data + "/drafts/\(consultation.id)/\(sender.bid)"))
    }
}

extension DraftTests.Sender {
    init(_ curl: Curl, bid: String, code: String) {
        self.curl = curl
        self.bid = bid
        self.code = code
    }
}

/// What a bidder says of its bids after it: withdrawn, complementing; and what its company is told.
@Suite(.serialized) struct WithdrawalTests {
    @Test func withdrawnReplacedComplemented() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 25)
        let curl = cast.bidders[0].curl
        func deposit(_ text: String, _ intent: String? = nil) throws -> Answer {
            let folder = try TemporaryFolder()
            let file = try folder.write("document", Data(text.utf8))
            return try Procedure.expect(
                201, curl.upload(file, to: "/api/v1/consultations/\(consultation.id)/bid/\(text).txt\(intent.map { "?intent=" + $0 } ?? "")"))
        }
        func act(_ bid: Answer, _ name: String, _ body: [String: Any] = [:], code: String? = nil) throws -> Answer {
            try curl.post("/api/v1/bids/\(bid["bid"])/\(name)", body, fields: ["Bid-Code: \(code ?? bid["bidCode"])"])
        }
        let first = try deposit("first")
        let second = try deposit("second", "replaces")
        let third = try deposit("third")
        let fourth = try deposit("fourth")
        #expect(second["intent"] == "replaces")
        #expect(try curl.upload("/dev/null", to: "/api/v1/consultations/\(consultation.id)/bid/x?intent=maybe").status == 422)
        let stated = try act(third, "intent", ["intent": "complements"])
        #expect(stated.status == 201 && !stated["proof"].isEmpty, "\(stated)")
        // A session without the code, such as a stolen one.
        let stolen = try act(fourth, "withdrawal", code: String(repeating: "0", count: 32))
        #expect(stolen.status == 403, "\(stolen)")
        let withdrawn = try act(fourth, "withdrawal")
        #expect(withdrawn.status == 201, "\(withdrawn)")
        #expect(try act(fourth, "withdrawal")["event"] == withdrawn["event"])
        let notices = try curl.get("/api/v1/notices").json["notices"] as? [[String: Any]] ?? []
        // In no order: a refusal's trace is written behind everything else.
        let told = Set(notices.map { "\($0["kind"] ?? "") \($0["bid"] ?? "")" })
        #expect(told == ["withdrawn \(fourth["bid"])", "withdrawal-refused \(fourth["bid"])", "replaced \(first["bid"])"], "\(notices)")

        try consultation.waitUntilClosed()
        #expect(try act(first, "withdrawal").status == 409)
        let (outcome, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(outcome.status == 0, "\(outcome)")
        let minutes = try JSONSerialization.jsonObject(with: Data(contentsOf: out.appending(path: "minutes.json"))) as? [String: Any]
        let bids = (minutes?["object"] as? [String: Any])?["bids"] as? [[String: Any]] ?? []
        let verdicts = Dictionary(uniqueKeysWithValues: bids.map { ($0["bid"] as? String ?? "", $0["verdict"] as? String ?? "") })
        #expect(
            verdicts == [first["bid"]: "replaced", second["bid"]: "on-time", third["bid"]: "complementing", fourth["bid"]: "withdrawn"])
        #expect(StoryTests.files(below: out.appending(path: fourth["bid"])).isEmpty)
        #expect(StoryTests.files(below: out.appending(path: second["bid"])).count == 1)
    }
}

/// Measured before it counts, and told when it will be too late.
@Suite struct PreflightTests {
    @Test func aProbeAndAnEstimate() throws {
        let stage = try Stage(limits: "requestsPerSecondOfAccount: 1")
        let consultation = try Procedure.published(stage)
        let sender = try DraftTests.Sender(stage.bidders[0], in: consultation.id.text)
        let path = "/api/v1/probe?consultation=\(consultation.id)&bytes=1048576"
        let measured = try sender.curl.request(["-X", "POST", "--data-binary", "@-"], path, stdin: Data(count: 1 << 20))
        #expect(measured.status == 200 && measured.json["bytes"] as? Int == 1 << 20, "\(measured)")
        #expect(measured.json["tooLate"] as? Bool == false && (measured.json["rate"] as? Int ?? 0) > 0)
        #expect(try sender.curl.request(["-X", "POST", "--data-binary", "@-"], path, stdin: Data(count: 9 << 20)).status == 413)
        let created = try sender.create(1 << 20, named: "a")
        #expect(created.fields["upload-rate"] != nil && created.fields["upload-ends"] != nil && created.fields["upload-too-late"] == nil)
        // Twenty gibibytes are too late at whatever rate a machine has that needs more than an hour for them; so ask for an instant.
        let limits = try stage.anyone.get("/api/v1/limits")
        #expect(limits.json["requestsPerSecondOfAccount"] as? Int == 1)
        // More requests than its share: told to come back, and another company is not.
        var refused: Answer?
        for _ in 0..<30 where refused == nil {
            let answer = try sender.read()
            if answer.status == 429 { refused = answer }
        }
        #expect(refused?.problem == "rate" && refused?.fields["retry-after"] == "1", "\(String(describing: refused))")
        #expect(try stage.bidders[1].get("/api/v1/attempts").status == 200)
    }
}
