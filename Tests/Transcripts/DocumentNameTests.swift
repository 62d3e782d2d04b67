import Canonical
import Foundation
import Rehearsal
import Testing

/// The names of a draft's documents, of their folders and lots: sealed where they are kept, told to who has the code, and said
/// nowhere else. Not in the log, an event, a metric, a file, or the answer to anything that went wrong.
@Suite(.serialized) struct DocumentNameTests {
    static let words = ["zibeline", "Ornithorynque", "LotXylophone", "kouglof"]

    /// Base64 of a name is a name.
    private static let forms = words + words.map { String(Data($0.utf8).base64EncodedString().dropLast(4)) }

    @Test func areInNoAnswerThatRefusesAndInNothingThatIsKept() throws {
        let metrics = Int.random(in: 20_000...32_000)
        let stage = try Stage(limits: "documentBytes: 1000000", settings: #"metrics: "127.0.0.1:\#(metrics)","#)
        let consultation = try Procedure.published(stage)
        let sender = try DraftTests.Sender(stage.bidders[0], in: consultation.id.text)
        let more = ["folder": "Ornithorynque/kouglof", "lots": "LotXylophone", "filetype": "application/zibeline"]
        let name = "bordereau zibeline.pdf"
        var refusals: [Answer] = []
        func refused(_ status: Int, _ answer: Answer) {
            #expect(answer.status == status, "\(answer)")
            refusals.append(answer)
        }

        let address = try Procedure.expect(201, sender.create(10, named: name, more)).fields["location"] ?? ""
        let read = try sender.read()
        #expect(Self.words.allSatisfy { read.text.contains($0) }, "to its bidder: \(read)")
        // Whatever can be wrong of a document that has a name, or of a name.
        refused(409, try sender.patch(address, at: 3, Data("abc".utf8)))
        refused(413, try sender.patch(address, at: 0, Data(count: 11)))
        refused(400, try sender.patch(address, at: 0, Data("a".utf8), fields: ["Upload-Length: 11"]))
        refused(460, try sender.patch(address, at: 0, Data("a".utf8), fields: ["Upload-Checksum: sha1 \(Data(count: 20).base64EncodedString())"]))
        refused(409, try sender.submit())
        refused(413, try sender.create(1_000_001, named: name, more))
        refused(422, try sender.create(1, named: "zibeline/..", more))
        refused(422, try sender.create(1, named: "zibeline\u{7}"))
        refused(422, try sender.create(1, named: "zibeline", ["folder": "../Ornithorynque"]))
        refused(422, try sender.create(1, named: "zibeline", ["lots": "LotXylophone\u{7}"]))
        refused(422, try sender.create(1, named: "zibeline", ["signatureOf": "kouglof"]))
        refused(422, try sender.create(1, named: "zibeline", ["signatureOf": "77"]))
        refused(422, try sender.create(1, named: "zibeline", ["part": "kouglof"]))
        refused(400, try sender.curl.request(
            ["-X", "POST"], "/api/v1/bids/\(sender.bid)/documents",
            fields: DraftTests.tus + ["Upload-Length: 1", "Bid-Code: \(sender.code)", "Upload-Metadata: filename zibeline!"]))
        refused(403, try DraftTests.Sender(sender.curl, bid: sender.bid, code: String(repeating: "0", count: 32)).create(1, named: name, more))
        refused(404, try DraftTests.Sender(stage.bidders[1], bid: sender.bid, code: sender.code).create(1, named: name, more))
        refused(422, try sender.curl.deposit(Data("x".utf8), named: "zibeline..//kouglof", in: consultation.id.text))
        // Cut, killed, gone on with, submitted.
        #expect(try sender.patch(address, at: 0, Data("01234".utf8)).status == 204)
        _ = try sender.curl.request(
            ["-X", "PATCH", "--data-binary", "@-", "--max-time", "1", "--limit-rate", "1"], address,
            fields: DraftTests.tus + ["Upload-Offset: 5", "Content-Type: application/offset+octet-stream"], stdin: Data("56789".utf8))
        let before = stage.instance.log
        stage.instance.kill()
        try stage.instance.start()
        let at = Int(try sender.head(address).fields["upload-offset"] ?? "") ?? 0
        #expect(try sender.patch(address, at: at, Data("0123456789".utf8.dropFirst(at))).status == 204)
        refused(415, try sender.curl.request(
            ["-X", "POST", "--data-binary", "@-"], "/api/v1/bids/\(sender.bid)/submission",
            fields: ["Bid-Code: \(sender.code)", "Content-Type: application/zip"], stdin: Data("PK".utf8)))
        // A draft that stays one, and one that is given up.
        let kept = try DraftTests.Sender(stage.bidders[0], in: consultation.id.text)
        #expect(try kept.create(5, named: name, more).status == 201)
        let given = try DraftTests.Sender(stage.bidders[0], in: consultation.id.text)
        #expect(try given.create(5, named: name, more).status == 201)
        #expect(try given.curl.request(["-X", "DELETE"], "/api/v1/bids/\(given.bid)", fields: ["Bid-Code: \(given.code)"]).status == 204)
        let receipt = try sender.submit()
        #expect(receipt.status == 201 && receipt.text.contains(name))
        refused(410, try sender.patch(address, at: 10, Data()))
        refused(410, try sender.create(1, named: name, more))
        let metricsSaid = try Shell.check("curl", ["-sS", "http://127.0.0.1:\(metrics)/metrics"]).text
        #expect(metricsSaid.contains("sceau_ready"))
        let seen = try stage.buyer.get(consultation.path).text + stage.buyer.get("/api/v1/consultations").text
            + stage.bidders[1].get("/api/v1/attempts").text + stage.bidders[0].get("/api/v1/attempts").text
            + stage.bidders[0].get("/api/v1/notices").text
        #expect(try stage.instance.stop() == 0)

        for word in Self.forms {
            for refusal in refusals {
                #expect(!refusal.text.contains(word) && !refusal.fields.values.contains { $0.contains(word) }, "\(word): \(refusal)")
            }
            #expect(!seen.contains(word) && !metricsSaid.contains(word), "\(word)")
            #expect(!before.contains(word) && !stage.instance.log.contains(word), "\(word) in the log")
            // Events, views and their free pages, journals, envelopes, receipts.
            let found = try Shell.run("grep", ["-raFl", "-e", word, stage.instance.data])
            #expect(found.status == 1, "\(word): \(found)")
            #expect(!FileManager.default.subpaths(atPath: stage.instance.data)!.contains { $0.contains(word) })
        }
    }
}
