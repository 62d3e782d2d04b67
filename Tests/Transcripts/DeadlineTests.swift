import Canonical
import Foundation
import Rehearsal
import Testing

/// The deadline's own second: a bid in it is on time, an opening in it is refused, an extension from it on too.
@Suite(.serialized) struct DeadlineTests {
    let stage: Stage

    init() throws { stage = try Stage() }

    /// Whatever the machine's pace: bids are deposited without a pause from before the deadline to after the close, and the
    /// verdict of each is what its *received* says, compared in whole seconds.
    @Test func verdictsCompareWholeSeconds() throws {
        let procedure = try Procedure.published(stage, deadlineIn: 4)
        var receipts: [Answer] = []
        while receipts.last?["verdict"] != "late" {
            receipts.append(
                try Procedure.expect(201, stage.bidders[receipts.count % 2].deposit(Data("x".utf8), in: procedure.id.text)))
        }
        for receipt in receipts {
            let received = try Instant(parsing: receipt["received"])
            #expect((receipt["verdict"] == "on-time") == (received.second <= procedure.deadline.second), "\(receipt)")
        }
        try procedure.waitUntilClosed()
        // The closing says the same of each.
        let closed = try Procedure.expect(200, stage.buyer.get(procedure.path + "/closing"))
        let bytes = try #require(Data(base64Encoded: closed["statement"]))
        let event = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        let listed = ["onTime", "replaced"].flatMap { event[$0] as? [[String: Any]] ?? [] }.map { $0["bid"] as? String ?? "" }
        let inTime = receipts.filter { $0["verdict"] == "on-time" }
        #expect(Set(listed) == Set(inTime.map { $0["bid"] }) && listed.count == inTime.count)
        // Each depositor's own line, and nobody else's.
        if let first = inTime.first {
            let line = try stage.bidders[0].get("/api/v1/bids/\(first["bid"])/closing")
            #expect(line.status == 200 || line.problem == "not-yet", "\(line)")
            #expect(try stage.bidders[1].get("/api/v1/bids/\(first["bid"])/closing").status == 404)
        }
    }

    @Test func nothingOpensBeforeTheSecondIsOver() throws {
        let procedure = try Procedure.published(stage, deadlineIn: 4)
        var answer = try stage.openers[0].get(procedure.path + "/closing")
        while answer.status == 409 {
            #expect(answer.problem == "not-yet", "\(answer)")
            answer = try stage.openers[0].get(procedure.path + "/closing")
        }
        #expect(answer.status == 200)
        let event = try #require(try stage.awaitEvent("closing-stated"))
        let at = try Instant(parsing: event["at"] as? String ?? "")
        #expect(at.milliseconds >= (procedure.deadline.second + 1) * 1000)
    }

    @Test func extensions() throws {
        let procedure = try Procedure.published(stage, deadlineIn: 3)
        let later = ["deadline": Consultation.instant(seconds: 7200)]
        let sooner = ["deadline": Consultation.instant(seconds: 1)]
        #expect([409, 422].contains(try stage.buyer.put(procedure.path + "/deadline", sooner).status))
        let left = Double(procedure.deadline.second) - Date().timeIntervalSince1970
        if left > 0 { Thread.sleep(forTimeInterval: left) }
        let answer = try stage.buyer.put(procedure.path + "/deadline", later)
        #expect(answer.status == 409 && answer.problem == "too-late", "\(answer)")

        let other = try Procedure.published(stage)
        let extended = try Procedure.expect(200, stage.buyer.put(other.path + "/deadline", later))
        #expect(extended.json["deadlineVersion"] as? Int == 2 && extended["deadline"] == later["deadline"])
        #expect(try stage.events("deadline-extended").count == 1)
    }
}
