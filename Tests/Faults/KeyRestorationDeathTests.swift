import Foundation
import Rehearsal
import Testing

/// `sceaud key restore`, killed at each of its steps: nothing is half sealed anew, and a second run ends it.
@Suite struct KeyRestorationDeathTests {
    enum Loss: CaseIterable { case all, authority }

    @Test(arguments: Loss.allCases) func killedAtEachStep(_ loss: Loss) throws {
        let holder = try RecoveryHolder()
        var closed: Procedure?
        let killed = try KilledStage(recovery: holder) { stage in
            try Procedure(stage, parts: ["application", "offer"]).seal(parts: ["application", "offer"])
            closed = try Procedure.closed(stage)
        }
        let procedure = try #require(closed)
        let words = ["key", "restore"] + holder.arguments + ["--host", "localhost"]
        for name in try FileManager.default.contentsOfDirectory(atPath: killed.data + "/keys") {
            guard loss == .all ? name != "recovery.crt" : name.hasPrefix("tsa-ca.") else { continue }
            try FileManager.default.removeItem(atPath: "\(killed.data)/keys/\(name)")
        }
        try killed.keep()
        let all = loss == .all ? 3 : 0
        let deaths = try DeathSteps.untilNobodyDies { step in
            guard let died = try killed.dies(words, at: step) else { return false }
            // All of a transaction's secrets, or none.
            let done = try killed.stage.events("platform-secret-restored").count
            #expect(done == 0 || done == all, "\(died): \(done)")
            let again = try killed.sceaud(words)
            #expect(again.status == 0 && again.text.contains("restored: \(all - done) secrets"), "\(died): \(again)")
            #expect(try killed.stage.events("platform-secret-restored").count == all, "\(died)")
            #expect(try killed.stage.events("host-key-retired").count == (loss == .all ? 1 : 0), "\(died)")
            #expect(try killed.keys().filter { $0["kind"] as? String == "time-lock" }.count == 1, "\(died)")
            let check = try killed.sceaud(["check"])
            #expect(check.status == 0, "\(died): \(check)")
            let left = try FileManager.default.contentsOfDirectory(atPath: killed.data + "/keys").filter { $0.hasSuffix(".part") || $0.hasSuffix(".new") || $0.hasSuffix(".restored") }
            #expect(left.isEmpty, "\(died): \(left)")
            // As sound as all others by what was read above: of some, the proof.
            if step % 12 < 3 {
                try killed.instance.start()
                #expect(try Session.opens(procedure), "\(died)")
            }
            return true
        }
        #expect(deaths > 5)
        print("deaths: key restore, \(loss): \(deaths) steps")
    }
}
