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

    /// A file of the operator's in the place of a token: what holds of the one holds of the other, but that OpenSSL's provider reads it.
    @Test func aTimeLockKeyThatIsElsewhere() throws {
        let stage = try Stage()
        let first = try timeLock(stage)
        let folder = try TemporaryFolder()
        let now = Int64(Date().timeIntervalSince1970)
        func pair(_ name: String, _ usage: CertificateUsage = .sealing, until end: Int64 = 86_400 * 300) throws -> String {
            let key = try PrivateKey.generateP256()
            let certificate = try Certificate.selfSigned(key, commonName: name, usage: usage, notBefore: now - 86_400, notAfter: now + end)
            let pem = try key.pem().withBytes { bytes in Data(bytes.indices.map { bytes[$0] }) }
            try folder.write(name + ".key", pem)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path(name + ".key"))
            try folder.write(name + ".crt", Data(certificate.pem.utf8))
            return Digest(certificate).hex
        }
        let digest = try pair("token")
        _ = try pair("other")
        _ = try pair("server", .server)
        _ = try pair("old", until: -60)
        _ = try pair("open")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path("open.key"))
        func add(_ uri: String, _ certificate: String) throws -> Outcome {
            try sceaud(stage, "key", "add", "time-lock", "--key", uri, "--certificate", folder.path(certificate + ".crt"))
        }
        func uri(_ name: String) -> String { "file:" + folder.path(name + ".key") }
        for (key, certificate, said) in [
            (uri("other"), "token", "does not belong to the key"), (uri("server"), "server", "lacks the key usage"),
            (uri("old"), "old", "has expired"), (uri("open"), "open", "can be read by others"), (uri("nowhere"), "token", "nowhere.key"),
            ("pkcs11:object=lock?pin-value=31415", "token", "cannot be loaded"), ("pkcs11:a b", "token", "not plain ASCII"),
        ] {
            let refused = try add(key, certificate)
            #expect(refused.status == 1 && refused.err.contains(said) && !refused.err.contains("31415"), "\(key): \(refused)")
            #expect(try timeLock(stage) == first)
        }
        #expect(try sceaud(stage, "key", "add", "time-lock", "--key", uri("token")).status == 2)
        let keys = stage.instance.data + "/keys/"
        #expect(try !FileManager.default.contentsOfDirectory(atPath: keys).contains { $0.hasSuffix(".uri") })

        let added = try add(uri("token"), "token")
        #expect(added.status == 0 && added.text.contains(digest), "\(added)")
        #expect(try timeLock(stage) == digest && add(uri("token"), "token").status == 0, "again, after a lost answer")
        let place = keys + "timelock-\(digest.prefix(16)).uri"
        #expect(try FileManager.default.attributesOfItem(atPath: place)[.posixPermissions] as? Int == 0o600)
        let sealed = try Procedure.closed(stage)
        try stage.instance.stop()
        try stage.instance.keepPort()
        try stage.instance.start()
        #expect(try timeLock(stage) == digest && Session.opens(sealed))
        #expect(!stage.instance.log.contains("31415"))
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
        for words in [["add", "tls"], ["add", "timestamp-authority"], ["add", "timestamp"], ["rotate", "--log", "real"], ["add", "time-lock"], ["rotate", "--log", "real"]] {
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

    /// What was stamped before a new authority holds under the old one's certificate, which stays published; what comes, under the new.
    @Test func aNewTimestampAuthority() throws {
        let stage = try Stage()
        let folder = stage.instance.folder
        let keys = stage.instance.data + "/keys/"
        let procedure = try Procedure.published(stage)
        func receipt(_ name: String) throws {
            let answer = try stage.bidders[0].deposit(
                Data(name.utf8), in: procedure.id.text, fields: ["Accept: application/vnd.etsi.asic-e+zip"])
            #expect(answer.status == 201)
            try folder.write(name, answer.body)
        }
        func verify(_ name: String, trust: String) throws -> Outcome {
            try Shell.run(
                Checkout.binary("sceau"), ["verify", folder.path(name), "--log", keys + "log-real.vkey", "--trust", folder.path(trust)])
        }
        try receipt("before.asice")
        let old = try String(contentsOfFile: keys + "tsa-ca.crt", encoding: .utf8)
        try folder.write("old.crt", old)
        // Its key was moved away, as it may be: no key can be made under it.
        try FileManager.default.moveItem(atPath: keys + "tsa-ca.key", toPath: folder.path("away.key"))
        let refused = try sceaud(stage, "key", "add", "timestamp")
        #expect(refused.status == 1 && refused.err.contains("key add timestamp-authority"), "\(refused)")
        let pid = stage.instance.pid
        let added = try sceaud(stage, "key", "add", "timestamp-authority")
        #expect(added.status == 0 && stage.instance.pid == pid, "\(added)")
        let new = try String(contentsOfFile: keys + "tsa-ca.crt", encoding: .utf8)
        try folder.write("new.crt", new)
        try folder.write("both.crt", old + new)
        let digest = Digest(try Certificate(pem: Array(new.utf8))).hex
        #expect(new != old && added.text.contains(digest))
        try receipt("after.asice")

        for restarts in [false, true] {
            if restarts {
                #expect(try stage.instance.stop() == 0)
                try stage.instance.keepPort()
                try stage.instance.start()
            }
            let platform = try Procedure.expect(200, stage.buyer.get("/api/v1/platform"))
            func certificates(_ values: [Any]) throws -> [Certificate] {
                try values.map { try Certificate(der: Array(Data(base64Encoded: $0 as? String ?? "") ?? Data())) }
            }
            #expect(try certificates([platform["timestamps"]]) == [Certificate(pem: Array(new.utf8))])
            #expect(try certificates(platform.json["formerTimestamps"] as? [Any] ?? []) == [Certificate(pem: Array(old.utf8))])
            let list = try sceaud(stage, "key", "list")
            #expect(list.status == 0 && list.text.contains(#/timestamp-authority  kept .*\n    1 stamp of bids and closings holds under it/#), "\(list.text)")
            #expect(list.text.contains(#/timestamp-authority  in use .*\n    1 stamp of bids/#), "\(list.text)")
            #expect(try sceaud(stage, "check").status == 0)
        }
        for (name, other) in [("before", "new"), ("after", "old")] {
            for trust in ["both.crt", name == "before" ? "old.crt" : "new.crt"] {
                let holds = try verify(name + ".asice", trust: trust)
                #expect(holds.status == 0 && holds.text.contains("the platform's own authority"), "\(name), \(trust): \(holds)")
            }
            #expect(try verify(name + ".asice", trust: other + ".crt").status == 4)
        }
        let export = folder.path("export")
        try Shell.check(Checkout.binary("sceaud"), ["export", "--config", stage.instance.config, "--to", export])
        let judged = try Shell.run(
            Checkout.binary("sceau"), ["verify", export, "--log", keys + "log-real.vkey", "--trust", folder.path("both.crt")])
        #expect(judged.status == 0 && judged.text.contains("2 are of the platform's own authority"), "\(judged)")
        // The new authority's key is beside it: the next key is made under it, and the third authority keeps both certificates.
        #expect(try sceaud(stage, "key", "add", "timestamp").status == 0)
        #expect(try sceaud(stage, "key", "add", "timestamp-authority").status == 0)
        let former = try Procedure.expect(200, stage.buyer.get("/api/v1/platform")).json["formerTimestamps"] as? [Any]
        #expect(former?.count == 2)
        #expect(try sceaud(stage, "key", "list").text.matches(of: #/timestamp-authority  kept/#).count == 2)
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
        #expect(keys.compactMap { $0["kind"] as? String } == ["time-lock", "timestamp", "timestamp-authority", "tls"])
        let needed = try #require(keys[0]["needed"] as? [[String: Any]])
        #expect(needed.map { $0["consultation"] as? String } == [procedure.id.text] && needed[0]["reference"] as? String == "2026-T-007")
        #expect(try stage.buyer.get("/api/v1/keys").problem == "forbidden")
        let list = try sceaud(stage, "key", "list")
        #expect(list.status == 0 && list.text.contains("needed by 2026-T-007 (\(procedure.id))") && list.text.contains("NO RECOVERY KEY"), "\(list)")
        #expect(list.text.contains(#/time-lock  in use  since \d{4}-\d\d-\d\d \(0 days\)  until \d{4}-\d\d-\d\d \(\d+ days\)  [0-9a-f]{64}/#), "\(list)")
        #expect(list.text.contains(#/tls  in use  since /#) && list.text.contains(#/timestamp  in use  since /#) && list.text.contains(#/tokens  \d+  the oldest since /#))
        let json = try JSONSerialization.jsonObject(with: sceaud(stage, "key", "list", "--json").out) as? [String: Any]
        // An hour from now: before the next working day, at whatever hour and day this runs, but for the hour before it begins.
        let isSoon = try procedure.deadline < Instant(parsing: #require(json?["nextWorkingDay"] as? String))
        #expect(json?["soon"] as? [String] == (isSoon ? [procedure.id.text] : []))
        #expect(list.text.contains("the next working day: deadline of 2026-T-007 (\(procedure.id))") == isSoon, "\(list)")
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
