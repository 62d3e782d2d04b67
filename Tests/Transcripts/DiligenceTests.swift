import Canonical
import Foundation
import Rehearsal
import Testing

/// After a deposit that went wrong: what its bidder, and the platform, can show.
@Suite(.serialized) struct DiligenceTests {
    @Test func attemptsAndHealth() throws {
        let stage = try Stage(limits: "documentBytes: 1000, bidBytes: 1000,")
        let procedure = try Procedure.published(stage)
        let (bidder, path) = (stage.bidders[0], "/api/v1/attempts")

        // Refused before its body: the number is in the first answer, in its head and in the problem.
        let refused = try bidder.deposit(Data(count: 2000), in: procedure.id.text)
        #expect(refused.status == 413)
        let number = refused["attempt"]
        #expect(number.count == 32 && refused.fields["attempt"] == number)
        _ = try stage.awaitEvent("attempt-traced")
        let kept = try bidder.get("\(path)/\(number)")
        #expect(kept.status == 200 && kept["outcome"] == "failed", "\(kept)")
        let event = try #require((kept.json["events"] as? [[String: Any]])?.first?["event"] as? String)
        let bytes = try #require(Data(base64Encoded: event))
        let traced = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        #expect(traced["status"] as? Int == 413 && traced["reference"] as? String == refused["reference"])
        let limits = try #require(traced["limits"] as? [[String: Any]])
        #expect(limits.contains { $0["name"] as? String == "documentBytes" && $0["value"] as? Int == 1000 })
        #expect(try stage.bidders[1].get("\(path)/\(number)").status == 404)
        #expect(try stage.buyer.get("\(path)/\(number)").status == 403)

        // Cut half way: nobody was told a number; the list has it.
        let folder = try TemporaryFolder()
        let file = try folder.write("document", Data(count: 100))
        _ = try Curl(stage.instance, token: bidder.token, options: ["--max-time", "2"])
            .request(["-X", "PUT", "--data-binary", "@" + file], procedure.path + "/bid/lent.zip", fields: ["Content-Length: 900"])
        let cut = try #require(try stage.awaitEvent("attempt-traced") { $0["cause"] as? String == "cut" })
        let listed = try #require(try bidder.get(path).json["attempts"] as? [[String: Any]])
        #expect(listed.first?["attempt"] as? String == cut["attempt"] as? String && listed.count >= 2)
        #expect(try bidder.get("\(path)/\(cut["attempt"] as? String ?? "")").status == 200)

        // A bid has its attempt's number.
        let receipt = try Procedure.expect(201, bidder.deposit(Data("offre".utf8), in: procedure.id.text))
        #expect(receipt.fields["attempt"] == receipt["bid"])
        let attestation = try Procedure.expect(200, bidder.get("\(path)/\(receipt["bid"])/attestation"))
        #expect(try bidder.get("\(path)/\(receipt["bid"])/attestation").body == attestation.body)
        let statement = try #require(Data(base64Encoded: attestation["statement"]))
        #expect(String(decoding: statement, as: UTF8.self).contains("\"bid\":\"\(receipt["bid"])\""))

        // Killed, and away for longer than two samples are apart: the daemon itself says so.
        stage.instance.kill()
        Thread.sleep(forTimeInterval: 26)
        try stage.instance.start()
        let admin = Curl(stage.instance, token: stage.instance.adminToken)
        let from = Rehearsal.Consultation.instant(seconds: -600), to = Rehearsal.Consultation.instant(seconds: 600)
        var told = Data()
        for _ in 0..<120 where !String(decoding: told, as: UTF8.self).contains("not-running") {
            Thread.sleep(forTimeInterval: 0.5)
            let answer = try admin.get("/api/v1/health/attestation?from=\(from)&to=\(to)")
            told = Data(base64Encoded: answer["statement"]) ?? Data()
            if answer.status == 503 { Thread.sleep(forTimeInterval: 5) }
        }
        #expect(String(decoding: told, as: UTF8.self).contains("\"cause\":\"not-running\""))
        #expect(try bidder.get("/api/v1/health/attestation?from=\(from)&to=\(to)").status == 403)
        #expect(try admin.get("/api/v1/health/attestation?from=x&to=\(to)").status == 422)
    }
}
