import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// A vault with a second disk; its first one dies.
@Suite(.serialized) struct MirrorTests {
    private func sceaud(_ arguments: String...) throws -> Outcome { try Shell.run(Checkout.binary("sceaud"), arguments) }

    /// A vault whose mirror is `mirror` of a folder of its own.
    private func mirrored(_ folder: TemporaryFolder, whenLost: String) throws -> Stage {
        try FileManager.default.createDirectory(
            atPath: folder.path("mirror"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try Stage(settings: "mirror: { folder: \"\(folder.path("mirror"))\", whenLost: \"\(whenLost)\" },")
    }

    private func status(_ stage: Stage) throws -> String { try stage.anyone.get("/readyz")["mirror"] }

    /// Waits until the mirror is so.
    private func settle(_ status: String, _ stage: Stage, seconds: Double = 60) throws {
        let until = Date(timeIntervalSinceNow: seconds)
        while try self.status(stage) != status {
            if Date() > until { throw Procedure.Unexpected("the mirror is \(try self.status(stage)): \(stage.instance.log)") }
            Thread.sleep(forTimeInterval: 0.2)
        }
    }

    private func deposit(_ stage: Stage, _ procedure: Procedure, _ bidder: Int, _ bytes: Data) throws -> Answer {
        try Procedure.expect(
            201, stage.bidders[bidder].deposit(bytes, in: procedure.id.text, fields: ["Accept: \(ReceiptTests.mediaType)"]))
    }

    /// What dies with the disk: all but the keys, which lie elsewhere.
    private func dies(_ instance: Rehearsal.Instance, _ folder: TemporaryFolder) throws {
        instance.kill()
        try Shell.check("mv", [instance.data, folder.path("dead")])
    }

    private func restore(_ instance: Rehearsal.Instance, _ folder: TemporaryFolder) throws -> Outcome {
        let asked = try sceaud("restore", "--from", folder.path("mirror"), "--data", instance.data)
        #expect(asked.status == 1 && asked.err.contains("put in place"), "\(asked)")
        for key in try FileManager.default.contentsOfDirectory(atPath: folder.path("dead/keys")) where key.hasSuffix(".key") {
            try Shell.check("cp", ["-p", folder.path("dead/keys/\(key)"), instance.data + "/keys/"])
        }
        return try sceaud("restore", "--from", folder.path("mirror"), "--data", instance.data)
    }

    /// Whatever is in use here lies in the mirror's state at once, and what is retired goes: a disk that dies in the next second loses no certificate.
    @Test(arguments: ["stop", "alarm"]) func aKeyReachesTheMirrorWithItsAct(_ whenLost: String) throws {
        let folder = try TemporaryFolder()
        let stage = try mirrored(folder, whenLost: whenLost)
        let (instance, config) = (stage.instance, stage.instance.config)
        func published(_ place: String) throws -> [String: Data] {
            let names = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasSuffix(".crt") || $0.hasSuffix(".vkey") }
            return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: "\(place)/\($0)"))) })
        }
        func same(_ what: String) throws {
            let (mirror, vault) = try (published(folder.path("mirror/state-1/keys")), published(instance.data + "/keys"))
            #expect(mirror == vault, "\(what): \(mirror.keys.sorted()), \(vault.keys.sorted())")
        }
        try same("at first")
        let added = try sceaud("key", "add", "time-lock", "--config", config)
        #expect(added.status == 0, "\(added)")
        try same("time lock")
        let first = added.text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        for words in [["add", "tls"], ["add", "timestamp"], ["rotate", "--log", "real"], ["add", "time-lock"]] {
            let outcome = try Shell.run(Checkout.binary("sceaud"), ["key"] + words + ["--config", config])
            #expect(outcome.status == 0, "\(words): \(outcome)")
            try same("\(words)")
        }
        #expect(try sceaud("key", "retire", "--kind", "time-lock", "--certificate", first, "--config", config).status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path("mirror/state-1/keys/timelock-\(first.prefix(16)).crt")))
        try same("retired")
        // A configuration that was read again.
        try Shell.check("cp", [instance.data + "/keys/tls.crt", instance.data + "/keys/other.crt"])
        try Shell.check("sed", ["-i", "s,keys/tls.crt,keys/other.crt,", config])
        instance.signal(SIGHUP)
        let until = Date(timeIntervalSinceNow: 30)
        while !instance.log.contains("were read again"), Date() < until { Thread.sleep(forTimeInterval: 0.05) }
        #expect(try Data(contentsOf: URL(filePath: folder.path("mirror/state-1/sceaud.json5"))) == Data(contentsOf: URL(filePath: config)))
        #expect(try status(stage) == "there")
        // And by a command without a daemon.
        try instance.stop()
        let alone = try sceaud("key", "add", "time-lock", "--config", config)
        #expect(alone.status == 0, "\(alone)")
        let digest = alone.text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        #expect(FileManager.default.fileExists(atPath: folder.path("mirror/state-1/keys/timelock-\(digest.prefix(16)).crt")))
        // Nothing private.
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path("mirror"))
        #expect(!files.contains { $0.hasSuffix(".key") || $0.contains(".key.") })
    }

    /// The keys folder is lost and brought back: the mirror is as the register then, or the command says that it is not.
    @Test func aRestorationOfKeysReachesTheMirror() throws {
        let holder = try RecoveryHolder()
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path("mirror"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let stage = try Stage(
            settings: "mirror: { folder: \"\(folder.path("mirror"))\", whenLost: \"stop\" },", recovery: holder.certificate)
        let instance = stage.instance
        try instance.keepPort()
        let procedure = try Procedure.closed(stage)
        func lose() throws {
            try instance.stop()
            for name in try FileManager.default.contentsOfDirectory(atPath: instance.data + "/keys") where name != "recovery.crt" {
                try FileManager.default.removeItem(atPath: "\(instance.data)/keys/\(name)")
            }
        }
        let words = ["key", "restore"] + holder.arguments + ["--host", "localhost", "--config", instance.config]
        try lose()
        // The other disk is away: the keys come back all the same.
        try Shell.check("mv", [folder.path("mirror"), folder.path("away")])
        let without = try Shell.run(Checkout.binary("sceaud"), words)
        #expect(without.status == 0 && without.err.contains("warning: the mirror \(folder.path("mirror")) is as it was before"), "\(without)")
        try Shell.check("mv", [folder.path("away"), folder.path("mirror")])
        try lose()
        let restored = try Shell.run(Checkout.binary("sceaud"), words)
        #expect(restored.status == 0 && restored.text.contains("restored: 1 secrets") && !restored.err.contains("mirror"), "\(restored)")
        let check = try sceaud("check", "--config", instance.config)
        #expect(check.status == 0, "\(check)")

        // The first disk dies before any daemon has run: what was restored is in the mirror.
        try dies(instance, folder)
        let back = try restore(instance, folder)
        #expect(back.status == 0, "\(back)")
        try instance.start()
        #expect(try Session.opens(procedure))
    }

    @Test func aDeadDiskLosesNothing() throws {
        let folder = try TemporaryFolder()
        let stage = try mirrored(folder, whenLost: "stop")
        let instance = stage.instance
        #expect(try status(stage) == "there")
        let documents = [Data("une offre".utf8), Data(try Random.bytes(5 << 20)), Data("la dernière".utf8)]
        var receipts: [Data] = []
        let procedure = try Procedure.closed(stage) { procedure in
            receipts = []
            for (number, document) in documents.enumerated() {
                receipts.append(try deposit(stage, procedure, number % 2, document).body)
            }
        }
        let late = try deposit(stage, procedure, 1, Data("en retard".utf8)).body
        #expect(try sceaud("check", "--config", instance.config).status == 0)
        try dies(instance, folder)
        // No private key is there.
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path("mirror"))
        #expect(files.contains("mirror.json") && !files.contains { $0.hasSuffix(".key") })

        let restored = try restore(instance, folder)
        #expect(restored.status == 0 && restored.err.contains("nothing was acknowledged that is not in this mirror"), "\(restored)")
        let check = try sceaud("check", "--config", instance.config)
        #expect(check.status == 0 && check.text.contains("ok: mirror"), "\(check)")
        // It starts as it is: nobody needs to decide anything, and no log begins anew.
        try instance.start()
        #expect(try status(stage) == "there")
        #expect(try stage.events("log-continued").isEmpty)
        for (number, receipt) in (receipts + [late]).enumerated() {
            let bidder = number == 3 ? 1 : number % 2
            let answer = try stage.bidders[bidder].request(
                ["--data-binary", "@-"], "/api/v1/receipts", fields: ["Content-Type: \(ReceiptTests.mediaType)"], stdin: receipt)
            #expect(answer.status == 200 && answer["standing"] == "present", "\(answer)")
        }
        let opened = try Session.openAll(procedure)
        #expect(Set(opened.values) == Set(documents.map { Digest(SHA256.hash(Array($0))) }), "\(opened)")
    }

    /// The disk is not mounted when the daemon starts, and is later.
    @Test(arguments: ["alarm", "stop"]) func withoutItsMirror(_ whenLost: String) throws {
        let folder = try TemporaryFolder()
        let stage = try mirrored(folder, whenLost: whenLost)
        let instance = stage.instance
        let procedure = try Procedure.published(stage)
        _ = try deposit(stage, procedure, 0, Data("avant".utf8))
        #expect(try instance.stop() == 0)
        try Shell.check("mv", [folder.path("mirror"), folder.path("unmounted")])
        try instance.start()
        if whenLost == "alarm" {
            #expect(try status(stage) == "lost")
            _ = try deposit(stage, procedure, 0, Data("pendant".utf8))
        } else {
            let ready = try stage.anyone.get("/readyz")
            #expect(ready.status == 503 && ready.problem == "mirror", "\(ready)")
            let refused = try stage.bidders[0].deposit(Data("pendant".utf8), in: procedure.id.text)
            #expect(refused.status == 503 && refused.problem == "mirror" && refused.fields["retry-after"] != nil, "\(refused)")
            #expect(try stage.buyer.get(procedure.path).status == 200)
        }
        #expect(try stage.awaitEvent("mirror-lost")?["cause"] as? String == "missing")
        #expect(instance.log.contains("the mirror is lost since"), "\(instance.log)")

        try Shell.check("mv", [folder.path("unmounted"), folder.path("mirror")])
        try settle("there", stage)
        #expect(try stage.awaitEvent("mirror-regained") != nil)
        _ = try deposit(stage, procedure, 1, Data("après".utf8))
        try dies(instance, folder)
        #expect(try restore(instance, folder).status == 0)
        if whenLost == "alarm" { #expect(try sceaud("init", "--continue", "--nothing-lost", "--config", instance.config).status == 0) }
        #expect(instance.envelopeFiles().count == (whenLost == "alarm" ? 6 : 4))
        #expect(try sceaud("check", "--config", instance.config).status == 0)
    }

    @Test func aMirrorThatIsLongerOrAnothersIsNotWrittenOver() throws {
        let folder = try TemporaryFolder()
        let stage = try mirrored(folder, whenLost: "alarm")
        let instance = stage.instance
        let procedure = try Procedure.published(stage)
        #expect(try instance.stop() == 0)
        try Shell.check("cp", ["-a", instance.data, folder.path("older")])
        try instance.start()
        _ = try deposit(stage, procedure, 0, Data("acquittée".utf8))
        #expect(try instance.stop() == 0)
        // Put back whole, with its high-water mark: nothing on this disk knows of the bid.
        try Shell.check("rm", ["-r", instance.data])
        try Shell.check("mv", [folder.path("older"), instance.data])
        let refused = try sceaud("run", "--config", instance.config)
        #expect(refused.status == 1 && refused.err.contains("the register has lost something") && refused.err.contains("sceaud restore"), "\(refused)")
        #expect(try sceaud("check", "--config", instance.config).text.contains("does not hold: mirror"))

        // It has it all.
        try Shell.check("mv", [instance.data, folder.path("dead")])
        #expect(try restore(instance, folder).status == 0)
        let undecided = try sceaud("run", "--config", instance.config)
        #expect(undecided.status == 1 && undecided.err.contains("cannot tell whether it was away"), "\(undecided)")
        #expect(try sceaud("init", "--continue", "--nothing-lost", "--config", instance.config).status == 0)
        try instance.start()
        #expect(instance.envelopeFiles().count == 2)

        // Another vault's is refused.
        let other = try Stage()
        #expect(try other.instance.stop() == 0)
        try other.instance.configure("mirror: { folder: \"\(folder.path("mirror"))\" },")
        let taken = try sceaud("run", "--config", other.instance.config)
        #expect(taken.status == 1 && taken.err.contains("another process uses the mirror"), "\(taken)")
        #expect(try instance.stop() == 0)
        let strange = try sceaud("run", "--config", other.instance.config)
        #expect(strange.status == 1 && strange.err.contains("another vault"), "\(strange)")
    }
}
