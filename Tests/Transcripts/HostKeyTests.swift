import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// The host's keys rotated under a daemon that runs.
@Suite(.serialized) struct HostKeyTests {
    private func sceaud(_ stage: Stage, _ words: String...) throws -> Outcome {
        try Shell.run(Checkout.binary("sceaud"), words + ["--config", stage.instance.config])
    }

    private func timeLock(_ stage: Stage) throws -> String {
        let platform = try Procedure.expect(200, stage.buyer.get("/api/v1/platform"))
        return Digest(try Certificate(der: Array(Data(base64Encoded: platform["timeLock"]) ?? Data()))).hex
    }

    private func opens(_ procedure: Procedure) throws -> Bool {
        let session = try Session(procedure)
        try Procedure.expect(201, session.announce())
        for number in [1, 2] { try Procedure.expect(201, session.approve(number)) }
        try Procedure.expect(200, session.release())
        return try session.rebuild() == []
    }

    @Test func aSecondTimeLockKeyForWhatIsNewAndTheFirstForWhatWasSealedToIt() throws {
        let stage = try Stage()
        let first = try timeLock(stage)
        let old = try Procedure.closed(stage)
        // A ceremony that began before the rotation.
        let begun = try Procedure(stage, deadlineIn: 3600)
        let (keySet, capsules) = try begun.ceremony()

        let pid = stage.instance.pid
        let added = try sceaud(stage, "key", "add", "time-lock")
        #expect(added.status == 0, "\(added.err)")
        let second = try timeLock(stage)
        #expect(second != first && added.text.contains(second))
        #expect(stage.instance.pid == pid && stage.instance.isRunning)
        #expect(try stage.events("host-key-added").filter { $0["kind"] as? String == "time-lock" }.compactMap { $0["certificate"] as? String }
            == [first, second])

        try Procedure.expect(200, begun.put(keySet, capsules))
        let new = try Procedure.closed(stage)
        // Both open, also after a restart that knows of the rotation by the log alone.
        #expect(try opens(old))
        try stage.instance.stop()
        try stage.instance.keepPort()
        try stage.instance.start()
        #expect(try timeLock(stage) == second)
        #expect(try opens(new))

        func retire(_ certificate: String) throws -> Outcome {
            try sceaud(stage, "key", "retire", "--kind", "time-lock", "--certificate", certificate)
        }
        let refused = try retire(first)
        #expect(refused.status == 1 && refused.err.contains(old.id.text) && refused.err.contains(begun.id.text), "\(refused.err)")
        #expect(!refused.err.contains(new.id.text))
        #expect(try retire(second).err.contains("in use"))

        // Nothing was concluded, so a reason is asked for.
        #expect(try stage.buyer.post(old.path + "/archiving", [:]).problem == "invalid")
        #expect(try stage.openers[0].post(old.path + "/archiving", ["grounds": "x"]).problem == "forbidden")
        try Procedure.expect(200, stage.buyer.post(old.path + "/archiving", ["grounds": "Lue en séance."]))
        #expect(try stage.buyer.get(old.path)["phase"] == "archived")
        let still = try retire(first)
        #expect(still.status == 1 && !still.err.contains(old.id.text) && still.err.contains(begun.id.text))
        // The draft is sealed anew, to the second key: then nothing needs the first.
        try begun.seal()
        let retired = try retire(first)
        #expect(retired.status == 0, "\(retired.err)")
        #expect(!FileManager.default.fileExists(atPath: stage.instance.data + "/keys/timelock.key"))
        #expect(try stage.events("host-key-retired").count == 1)
        #expect(try begun.put(keySet, capsules).problem == "keys")

        // Without the file that the configuration names the daemon starts, and opens what is left.
        #expect(try stage.instance.stop() == 0)
        try stage.instance.start()
        let last = try Procedure.closed(stage)
        #expect(try opens(last))
        #expect(try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config]).status == 0)
    }

    @Test func theSameWithoutADaemon() throws {
        let stage = try Stage()
        let first = try timeLock(stage)
        try stage.instance.stop()
        let added = try sceaud(stage, "key", "add", "time-lock")
        #expect(added.status == 0, "\(added.err)")
        let retired = try sceaud(stage, "key", "retire", "--kind", "time-lock", "--certificate", first)
        #expect(retired.status == 0, "\(retired.err)")
        try stage.instance.keepPort()
        try stage.instance.start()
        #expect(try added.text.contains(timeLock(stage)))
    }
}
