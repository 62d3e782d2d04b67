import Canonical
import Foundation
import Rehearsal
import Sealing
import Testing

/// Who may ask for what, and what those who may not learn: nothing.
@Suite(.serialized) struct AccessTests {
    let stage: Stage
    let consultation: Procedure

    init() throws {
        stage = try Stage()
        consultation = try Procedure.published(stage)
    }

    @Test func withoutAValidToken() throws {
        let paths = ["/platform", "/consultations/\(consultation.id)/keys", "/consultations/\(BackedUpEnvelope.text("aa"))/keys"]
        for token in [nil, "sceau_" + String(repeating: "0", count: 64), "nonsense", ""] {
            let curl = Curl(stage.instance, token: token)
            for path in paths {
                let answer = try curl.get("/api/v1" + path)
                #expect(answer.status == 401 && answer.problem == "unauthenticated", "\(path): \(answer)")
                #expect(answer.fields["www-authenticate"]?.hasPrefix("Bearer") == true)
            }
            #expect(try curl.deposit(Data("x".utf8), in: consultation.id.text).status == 401)
        }
        #expect(stage.instance.envelopeFiles() == [])
        // A wrong one is no better where none is asked for: whoever sends it must learn of it.
        let wrong = Curl(stage.instance, token: "sceau_" + String(repeating: "0", count: 64))
        for path in ["/limits", "/consultations", "/consultations/\(consultation.id)"] {
            #expect(try stage.anyone.get("/api/v1" + path).status == 200)
            #expect(try wrong.get("/api/v1" + path).problem == "unauthenticated", "\(path)")
        }
    }

    @Test func withAnotherRole() throws {
        let bidder = stage.bidders[0]
        let refused = [
            try bidder.post("/api/v1/consultations", ["reference": "R", "title": "T", "deadline": "2030-01-01T00:00:00Z"]),
            try bidder.get(consultation.path + "/keys"), try bidder.get(consultation.path + "/openings"),
            try stage.openers[0].post(consultation.path + "/publication", ["fingerprint": consultation.fingerprint.hex]),
            try stage.openers[0].put(consultation.path + "/deadline", ["deadline": "2030-01-01T00:00:00Z"]),
            try stage.buyer.deposit(Data("x".utf8), in: consultation.id.text),
            try stage.openers[0].deposit(Data("x".utf8), in: consultation.id.text),
        ]
        for answer in refused { #expect(answer.status == 403 && answer.problem == "forbidden", "\(answer)") }
        #expect(try stage.awaitEvent("refused") { $0["action"] as? String == "deposit" } != nil)
        #expect(stage.instance.envelopeFiles() == [])
    }

    /// The role is asked first: who lacks it learns nothing of what is there.
    @Test func theSameRefusalOfWhatIsThereAndWhatIsNot() throws {
        let draft = try Procedure(stage)
        let known = try Session(consultation, closing: .zero).opening.opening
        func answers(_ id: String) throws -> [Answer] {
            let path = "/api/v1/consultations/\(id)"
            return [
                try stage.bidders[0].get(path + "/keys"), try stage.bidders[0].get(path + "/openings/\(known)/bids"),
                try stage.openers[0].post(path + "/publication", ["fingerprint": consultation.fingerprint.hex]),
                try stage.buyer.deposit(Data("x".utf8), in: id),
            ]
        }
        for id in [consultation.id.text, draft.id.text, BackedUpEnvelope.text("aa")] {
            for answer in try answers(id) {
                #expect(answer.status == 403 && answer.problem == "forbidden" && answer.json["detail"] == nil, "\(id): \(answer)")
            }
        }
    }

    /// The right role in another body's account: what is public of the consultation, and a draft not at all.
    @Test func fromAnotherAccount() throws {
        let draft = try Procedure(stage)
        func person(_ role: String) throws -> Curl {
            Curl(stage.instance, token: try stage.instance.addUser("Autre", role: role, account: "Autre commune", siret: "21990002000017"))
        }
        let (buyer, opener) = (try person("buyer"), try person("opener"))
        let later = ["deadline": "2030-01-01T00:00:00Z"]
        for (path, status) in [(consultation.path, 403), (draft.path, 404)] {
            let answers = [
                try buyer.get(path + "/keys"), try buyer.put(path + "/deadline", later), try opener.get(path + "/openings"),
                try buyer.post(path + "/publication", ["fingerprint": consultation.fingerprint.hex]),
                try opener.get(path + "/closing"), try opener.post(path + "/acceptances", ["signed": "e30="]),
            ]
            for answer in answers { #expect(answer.status == status, "\(answer)") }
        }
        #expect(try buyer.get(consultation.path).status == 200 && buyer.get(draft.path).status == 404)
    }

    /// An unknown consultation, a draft and a text that is no identifier are told in the same words.
    @Test func whatIsNotThereAndWhatIsNotYetPublic() throws {
        let draft = try Procedure(stage)
        for id in [draft.id.text, BackedUpEnvelope.text("aa"), "..%2f..%2fetc", "x"] {
            for curl in [stage.anyone, stage.bidders[0]] {
                let answer = try curl.get("/api/v1/consultations/\(id)")
                #expect(answer.status == 404 && answer.problem == "not-found", "\(id): \(answer)")
                #expect(answer.json["detail"] == nil, "\(id): \(answer)")
            }
            let answer = try stage.bidders[0].deposit(Data("x".utf8), in: id)
            #expect(answer.status == 404 && answer.json["detail"] == nil, "\(id): \(answer)")
        }
        #expect(try stage.buyer.get(draft.path).status == 200)
        let listed = try stage.anyone.get("/api/v1/consultations").json["consultations"] as? [[String: Any]]
        #expect(listed?.compactMap { $0["id"] as? String } == [consultation.id.text])
        // Anybody may ask for the list, and many at once: the keys, which may be long, stay with each consultation.
        let long = ["keySet", "certificates", "acceptances"]
        #expect(listed?.contains { entry in long.contains { entry[$0] != nil } } == false)
        #expect(try long.allSatisfy { try stage.anyone.get(consultation.path).json[$0] != nil })
    }

    @Test func theHostsOwnSocketIsNotOnTheNetwork() throws {
        for curl in [stage.anyone, stage.buyer, Curl(stage.instance, token: stage.instance.adminToken)] {
            let answer = try curl.post("/admin/users", ["name": "Mallory", "role": "admin"])
            #expect(answer.status == 404, "\(answer)")
        }
    }

    @Test func refusalsWithoutATokenAreCounted() throws {
        // Counts are written once a minute, and at the stop at the latest.
        for _ in 1...5 { _ = try stage.anyone.get("/api/v1/platform") }
        #expect(try stage.instance.stop() == 0)
        let counted = try stage.events("refusals-counted").filter { $0["reason"] as? String == "unauthenticated" }
        #expect(counted.compactMap { $0["count"] as? Int }.reduce(0, +) >= 5, "\(counted)")
        #expect(counted.allSatisfy { $0["source"] as? String == "127.0.0.0/24" })
    }
}
