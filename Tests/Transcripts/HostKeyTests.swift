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
        #expect(try Session.opens(old))
        try stage.instance.stop()
        try stage.instance.keepPort()
        try stage.instance.start()
        #expect(try timeLock(stage) == second)
        #expect(try Session.opens(new))

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
        #expect(try Session.opens(last))
        #expect(try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config]).status == 0)
    }

    @Test func theOtherKeysUnderADaemonThatRuns() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        // An upload that is under way through all of it.
        let bytes = Data(repeating: 0x41, count: 300_000)
        let file = stage.instance.folder.path("offre.bin")
        try bytes.write(to: URL(filePath: file))
        let old = stage.instance.folder.path("old.crt")
        try FileManager.default.copyItem(atPath: stage.instance.ca, toPath: old)
        let slow = try Job(
            "curl",
            ["-sS", "--cacert", old, "--limit-rate", "60k", "-H", "Authorization: Bearer \(stage.bidders[0].token ?? "")", "-T", file,
                "\(stage.instance.url)\(procedure.path)/bid/offre.bin"],
            out: stage.instance.folder.url.appending(path: "slow.out"), err: stage.instance.folder.url.appending(path: "slow.err"))
        Thread.sleep(forTimeInterval: 1)
        for words in [["add", "tls"], ["add", "timestamp"], ["rotate", "--log", "real"], ["add", "time-lock"], ["rotate", "--log", "real"]] {
            let outcome = try Shell.run(Checkout.binary("sceaud"), ["key"] + words + ["--config", stage.instance.config])
            #expect(outcome.status == 0, "\(words): \(outcome)")
        }
        #expect(slow.wait(seconds: 60) == 0)
        #expect(try String(contentsOf: slow.out, encoding: .utf8).contains("\"verdict\":\"on-time\""))
        // New connections have the new certificate, and what comes is stamped with the new key.
        #expect(try Shell.run("curl", ["-sS", "--cacert", old, stage.instance.url + "/healthz"]).status != 0)
        try Procedure.expect(201, stage.bidders[1].deposit(Data("offre".utf8), in: procedure.id.text))
        #expect(try stage.events("log-ended").count == 2 && stage.events("log-continued").count == 2)
        #expect(try Curl(stage.instance).get("/log/keys").text.split(separator: "\n").count == 3)
        let check = try sceaud(stage, "check")
        #expect(check.status == 0, "\(check)")
        // And it starts again with what is on the disk.
        try stage.instance.stop()
        try stage.instance.keepPort()
        try stage.instance.start()
        #expect(try sceaud(stage, "check").status == 0)
    }

    @Test func aTokenIsRenewed() throws {
        let stage = try Stage()
        func renew(_ words: String...) throws -> Curl {
            Curl(stage.instance, token: try Shell.check(
                Checkout.binary("sceaud"), ["admin", "token", "renew", "--config", stage.instance.config] + words).line)
        }
        let next = try renew("--name", "Acheteuse")
        #expect(try stage.buyer.get("/api/v1/platform").status == 401 && next.get("/api/v1/platform").status == 200)
        let last = try renew("--name", "Acheteuse", "--grace-hours", "1")
        #expect(try next.get("/api/v1/platform").status == 200 && last.get("/api/v1/platform").status == 200)
        #expect(try stage.events("token-ended").count == 2)
        #expect(throws: (any Error).self) { try renew("--name", "Personne") }
    }

    @Test func whatAnAdministratorSees() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let admin = Curl(stage.instance, token: stage.instance.adminToken)
        let keys = try #require(try Procedure.expect(200, admin.get("/api/v1/keys")).json["keys"] as? [[String: Any]])
        #expect(keys.compactMap { $0["kind"] as? String } == ["time-lock", "timestamp", "tls"])
        let needed = try #require(keys[0]["needed"] as? [[String: Any]])
        #expect(needed.map { $0["consultation"] as? String } == [procedure.id.text] && needed[0]["reference"] as? String == "2026-T-007")
        #expect(try stage.buyer.get("/api/v1/keys").problem == "forbidden")
        let list = try sceaud(stage, "key", "list")
        #expect(list.status == 0 && list.text.contains("needed by 2026-T-007 (\(procedure.id))") && list.text.contains("NO RECOVERY KEY"), "\(list)")
        let json = try JSONSerialization.jsonObject(with: sceaud(stage, "key", "list", "--json").out) as? [String: Any]
        #expect((json?["committees"] as? [[String: Any]])?.first?["k"] as? Int == 2 && json?["recoveryRefused"] as? Bool == true)
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
