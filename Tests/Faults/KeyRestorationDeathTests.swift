import Foundation
import Rehearsal
import Testing

/// `sceaud key restore`, killed at each of its steps: nothing is half sealed anew, and a second run ends it.
@Suite struct KeyRestorationDeathTests {
    @Test func killedAtEachStep() throws {
        let holder = try RecoveryHolder()
        var closed: Procedure?
        let killed = try KilledStage(recovery: holder) { stage in
            try Procedure(stage, parts: ["application", "offer"]).seal(parts: ["application", "offer"])
            closed = try Procedure.closed(stage)
        }
        let procedure = try #require(closed)
        func lose() throws {
            for name in try FileManager.default.contentsOfDirectory(atPath: killed.data + "/keys") where name != "recovery.crt" {
                try FileManager.default.removeItem(atPath: "\(killed.data)/keys/\(name)")
            }
        }
        let words = ["key", "restore"] + holder.arguments + ["--host", "localhost"]
        try lose()
        try killed.keep()
        let deaths = try DeathSteps.untilNobodyDies { step in
            guard let died = try killed.dies(words, at: step) else { return false }
            // All of a transaction's secrets, or none.
            let done = try killed.stage.events("platform-secret-restored").count
            #expect(done == 0 || done == 3, "\(died): \(done)")
            let again = try killed.sceaud(words)
            #expect(again.status == 0 && again.text.contains("restored: \(3 - done) secrets"), "\(died): \(again)")
            #expect(try killed.stage.events("platform-secret-restored").count == 3, "\(died)")
            #expect(try killed.stage.events("host-key-retired").count == 1, "\(died)")
            #expect(try killed.keys().filter { $0["kind"] as? String == "time-lock" }.count == 1, "\(died)")
            let check = try killed.sceaud(["check"])
            #expect(check.status == 0, "\(died): \(check)")
            let left = try FileManager.default.contentsOfDirectory(atPath: killed.data + "/keys").filter { $0.hasSuffix(".part") || $0.hasSuffix(".new") || $0.hasSuffix(".restored") }
            #expect(left.isEmpty, "\(died): \(left)")
            try killed.instance.start()
            #expect(try Session.opens(procedure), "\(died)")
            return true
        }
        #expect(deaths > 50)
        print("deaths: key restore: \(deaths) steps")
    }
}
