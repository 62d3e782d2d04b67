import Canonical
import Foundation
import Rehearsal
import Testing

/// One company that takes all it may get, and the others beside it.
@Suite(.serialized) struct FairnessTests {
    /// More uploads than an account may have at once, all sending as fast as they can, and again when they are done; and
    /// another company that bids.
    @Test func thirtyTwoConnectionsStarveNobody() throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        let (greedy, other) = (stage.bidders[0], stage.bidders[1])
        let folder = try TemporaryFolder()
        let headers = try folder.write("headers", "Authorization: Bearer \(greedy.token ?? "")\n")
        let file = try folder.write("large", Data(count: 30 << 20))
        let script = #"while [ -e "$2" ]; do curl -sS --cacert "$0" -H @"$1" -T "$2" "$3"; sleep 0.1; done"#
        let jobs = try (1...40).map { number in
            try Job(
                "sh", ["-c", script, stage.instance.ca, headers, file, "\(stage.instance.url)\(consultation.path)/bid/\(number).bin"],
                out: folder.url.appending(path: "out-\(number)"), err: folder.url.appending(path: "err-\(number)"))
        }
        defer {
            try? FileManager.default.removeItem(atPath: file)
            stage.instance.kill()
            for job in jobs where job.wait(seconds: 60) == nil { job.signal(SIGKILL) }
        }
        func said() -> String { (1...40).map { (try? String(contentsOf: folder.url.appending(path: "out-\($0)"), encoding: .utf8)) ?? "" }.joined() }
        // All that it may have are under way once one is refused, by the limit's name.
        let until = Date(timeIntervalSinceNow: 120)
        while !said().contains("32 uploads under way (limit `uploadsOfAccount`)") {
            guard Date() < until else { Issue.record("never as many at once: \(said().suffix(1000))"); return }
            Thread.sleep(forTimeInterval: 0.1)
        }

        for number in 1...8 {
            let answer = try other.deposit(Data(repeating: UInt8(number), count: 300_000), in: consultation.id.text)
            #expect(answer.status == 201 && answer["verdict"] == "on-time", "\(answer)")
        }
        let draft = try DraftTests.Sender(other, in: consultation.id.text)
        let address = try Procedure.expect(201, draft.create(200_000, named: "a")).fields["location"] ?? ""
        for offset in [0, 100_000] {
            #expect(try draft.patch(address, at: offset, Data(count: 100_000)).status == 204)
        }
        #expect(try draft.submit().status == 201)
        #expect(try stage.buyer.get(consultation.path).status == 200)
        // Nor is what is under way given up for it.
        #expect(try stage.events("attempt-failed").isEmpty)
    }

    /// A company that reserves whatever it is given, in many drafts: what is left is for the others.
    @Test func reservingEverythingLeavesRoom() throws {
        let stage = try Stage(limits: "smallBidsPercentOfDisk: 0, smallBidBytes: 0")
        let consultation = try Procedure.published(stage)
        var promised = 0
        // Ever smaller pieces, until not even one of 256 MiB is given.
        var size = 16 << 30
        while size >= 256 << 20, promised < 100 << 30 {
            let draft = try DraftTests.Sender(stage.bidders[0], in: consultation.id.text)
            var answer = try draft.create(size, named: "a")
            for number in 1...2 where answer.status == 201 {
                promised += size
                answer = try draft.create(size, named: "\(number)")
            }
            if answer.status == 201 { promised += size }
            #expect([201, 413, 503, 507].contains(answer.status), "\(answer)")
            if answer.status == 507 || answer.status == 503 {
                #expect(answer.text.contains("of the room that is free") || answer.text.contains("reservedBytesOfAccount"), "\(answer)")
                size /= 4
            }
        }
        #expect(promised > 0)
        // As much again is there: it is another's.
        let draft = try DraftTests.Sender(stage.bidders[1], in: consultation.id.text)
        let created = try draft.create(min(promised, 8 << 30) / 2, named: "b")
        #expect(created.status == 201, "\(promised) promised to one: \(created)")
        let deposit = try stage.bidders[1].deposit(Data(count: 1_000_000), in: consultation.id.text)
        #expect(deposit.status == 201, "\(deposit)")
    }
}
