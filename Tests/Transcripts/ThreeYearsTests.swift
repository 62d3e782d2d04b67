import Canonical
import Foundation
import Rehearsal
import Testing

/// Three years of a buyer, on a clock that a test turns: six consultations, two departures, a lost key file, each key rotated, the keys
/// folder lost and restored, a thief with a backup, another machine. Every consultation opens.
@Suite(.serialized) struct ThreeYearsTests {
    static let day = 86_400
    static let password = "six words"

    let folder: TemporaryFolder
    let time: FakedTime
    let instance: Instance
    let cast: Cast

    init() throws {
        folder = try TemporaryFolder()
        time = try FakedTime(in: folder)
        try Self.recoveryKey("recovery1", in: folder)
        try FileManager.default.createDirectory(
            atPath: folder.path("mirror"), withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        instance = try Instance(recovery: folder.path("recovery1.crt"))
        try instance.configure("mirror: { folder: \"\(folder.path("mirror"))\", whenLost: \"stop\" },")
        try instance.start(time: time)
        try instance.keepPort()
        cast = try Cast(at: instance)
    }

    private static func recoveryKey(_ name: String, in folder: TemporaryFolder) throws {
        try Shell.check(
            "openssl",
            ["req", "-x509", "-config", Checkout.path("Keys/recovery.cnf"), "-utf8", "-subj", "/CN=Archives", "-days", "3653", "-newkey", "ec",
                "-pkeyopt", "ec_paramgen_curve:P-256", "-passout", "pass:" + password, "-keyout", folder.path(name + ".pem"), "-out",
                folder.path(name + ".crt")])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path(name + ".pem"))
        try folder.write(name + ".words", password + "\n")
    }

    @discardableResult
    private func sceaud(_ words: String..., status: Int32 = 0) throws -> Outcome {
        let outcome = try time.run(Checkout.binary("sceaud"), words + ["--config", instance.config])
        guard outcome.status == status else { throw Shell.Failed(command: words.joined(separator: " "), outcome: outcome) }
        return outcome
    }

    /// The host is off until then; who is on duty says that its clock is right.
    private func leap(to seconds: Int) throws {
        try instance.stop()
        try time.set(seconds)
        try instance.start(time: time)
        try sceaud("admin", "clock", "accept", "--reason", "Compared with the speaking clock.")
    }

    /// The same, until so many seconds before a deadline: time has passed since it was set.
    private func leap(to seconds: Int, before consultation: Rehearsal.Consultation) throws {
        let deadline = try Instant(parsing: consultation.deadline).second
        try leap(to: Int(deadline) - seconds - Int(Date().timeIntervalSince1970))
    }

    private func deposit(_ text: String, by bidder: Int = 0, in consultation: Rehearsal.Consultation, keys: String? = nil) throws {
        let file = try cast.bidders[bidder].folder.write("offre-\(UUID().uuidString.prefix(6)).txt", text)
        try cast.bidders[bidder].sceauChecked(["bid", "deposit", consultation.id, file, "--key", keys ?? consultation.fingerprint])
    }

    /// - Returns: the fingerprint of the keys that bids to come are sealed to.
    private func addKeys(to consultation: Rehearsal.Consultation, of members: [Person]) throws -> String {
        let added = try cast.buyer.sceauChecked(
            ["consultation", "seal", consultation.id, "--add", "--quorum", "2"] + members.flatMap { ["--member", $0.certificate] })
        for member in members { try member.sceauChecked(["share", "accept", consultation.id, "--key", member.key ?? "", "--fingerprint", added]) }
        try cast.buyer.sceauChecked(["consultation", "add-keys", consultation.id, "--grounds", "Un membre a perdu sa clé."])
        return added
    }

    private func published(to members: [Person], deadlineIn seconds: Double) throws -> Rehearsal.Consultation {
        let consultation = try cast.draft(deadlineIn: seconds)
        try consultation.seal(to: members)
        for member in members { try consultation.accept(member) }
        try cast.buyer.sceauChecked(["consultation", "publish", consultation.id])
        return consultation
    }

    /// Waits for the closing, and opens.
    private func open(
        _ consultation: Rehearsal.Consultation, by opener: Person, with other: Person, keys: String? = nil, _ texts: Set<String>
    ) throws {
        try consultation.waitUntilClosed()
        let (outcome, out) = try consultation.open(by: opener, approvedBy: [other], keys: keys)
        #expect(outcome.status == 0, "\(outcome)")
        let files = FileManager.default.enumerator(atPath: out.path(percentEncoded: false))?.compactMap { $0 as? String } ?? []
        let found = try files.filter { $0.hasSuffix(".txt") }.map { try String(contentsOf: out.appending(path: $0), encoding: .utf8) }
        #expect(Set(found) == texts && found.count == texts.count, "\(found)")
    }

    private func newcomer(_ name: String) throws -> Person {
        let person = try Person(name, role: "opener", at: instance, account: "Valbourg")
        try person.makeKey()
        return person
    }

    private func renew(_ consultation: Rehearsal.Consultation, to members: [Person], by announcer: Person, with other: Person) throws {
        let renewal = Renewal(consultation, to: members)
        let outcome = try renewal.run(by: announcer, approvedBy: [other])
        #expect(outcome.status == 0, "\(outcome)")
        try renewal.accept()
    }

    private func capsule(of consultation: Rehearsal.Consultation, for member: Person) throws -> String {
        let keys = try Procedure.expect(200, member.curl.get(consultation.path + "/keys"))
        let bytes = try #require((keys.json["capsules"] as? [String])?.first.flatMap { Data(base64Encoded: $0) })
        return try folder.write("\(UUID().uuidString).capsule", bytes)
    }

    /// With stock tools, from a backup: the time-lock key that was made when the folder was restored opens what was sealed before.
    private func recovered(_ consultation: Rehearsal.Consultation, of members: [Person], _ texts: Set<String>) throws {
        let backup = folder.path("late-backup")
        try sceaud("backup", "--to", backup)
        let place = folder.path("restored-secrets")
        let sql = """
            SELECT writefile('\(place)/' || hex(o.digest), o.bytes) FROM object o, event e WHERE instr(e.bytes, 'platform-secret-restored')
            AND instr(e.bytes, '\(consultation.id)') AND instr(e.bytes, lower(hex(o.digest)))
            """
        let database = try Shell.check("find", [backup, "-name", "register.sqlite"]).text.trimmingCharacters(in: .whitespacesAndNewlines)
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        try Shell.check("sqlite3", [database, sql])
        let secrets = try FileManager.default.contentsOfDirectory(atPath: place).flatMap { ["--restored", "\(place)/\($0)"] }
        let capsule = try capsule(of: consultation, for: members[0])
        var found: Set<String> = []
        for seal in try Shell.check("sh", ["-c", "ls \(backup)/envelopes/\(consultation.id)/*.seal"]).text.split(separator: "\n") {
            let words = ["--seal", String(seal), "--capsule", capsule, "--time-lock", instance.data + "/keys/timelock.key"]
                + members.flatMap { ["--member", $0.key ?? ""] }
            let bare = try Shell.run(Checkout.path("Deploy/recover"), words + ["--out", folder.path("bare-\(UUID().uuidString)")])
            #expect(bare.status == 3 && bare.err.contains("does not open with the time-lock key"), "the capsule's copy is the old key's: \(bare)")
            let out = folder.path("recovered-\(UUID().uuidString)")
            let outcome = try Shell.run(Checkout.path("Deploy/recover"), words + secrets + ["--out", out])
            #expect(outcome.status == 0, "\(outcome)")
            for name in FileManager.default.enumerator(atPath: out)?.compactMap({ $0 as? String }) ?? [] where name.hasSuffix(".txt") {
                found.insert(try String(contentsOfFile: out + "/" + name, encoding: .utf8))
            }
        }
        #expect(found == texts)
    }

    @Test func everyConsultationOpensAndTheThiefGetsNothing() throws {
        let (alice, bruno, claire) = (cast.members[0], cast.members[1], cast.members[2])
        let longAway = 2 * 366 * Self.day

        // The first year.
        let first = try cast.published(deadlineIn: 40)
        try deposit("1a", in: first)
        try deposit("1b", by: 1, in: first)
        let second = try cast.published(deadlineIn: Double(longAway))
        try deposit("2a", in: second)
        try open(first, by: alice, with: claire, ["1a", "1b"])
        let firstCapsule = try capsule(of: second, for: alice)

        // The second year: every key gets a successor, with the daemon running but for the log's.
        try leap(to: 370 * Self.day)
        let pid = instance.pid
        try Self.recoveryKey("recovery2", in: folder)
        for kind in ["time-lock", "timestamp", "timestamp-authority", "tls"] { try sceaud("key", "add", kind) }
        try sceaud("key", "add", "recovery", "--certificate", folder.path("recovery2.crt"))
        let token = try sceaud("admin", "token", "renew", "--name", cast.buyer.name, "--account", "Valbourg").line
        #expect(try cast.buyer.sceau(["consultation", "extend", second.id, "--deadline", second.deadline]).err.contains("token"))
        try cast.buyer.folder.write("token", token)
        #expect(instance.pid == pid && instance.isRunning)
        try instance.stop()
        for log in ["real", "training"] { try sceaud("key", "rotate", "--log", log) }
        try instance.start(time: time)
        let listed = try sceaud("key", "list").text
        #expect(listed.contains("time-lock") && listed.contains(second.id), "\(listed)")

        // Alice leaves, and keeps her key; then Bruno loses his.
        let denis = try newcomer("Denis")
        try renew(second, to: [denis, bruno, claire], by: bruno, with: claire)
        let third = try published(to: [denis, bruno, claire], deadlineIn: 60)
        try deposit("3a", in: third)
        try open(third, by: denis, with: bruno, ["3a"])
        let elise = try newcomer("Élise")
        try renew(second, to: [denis, elise, claire], by: claire, with: denis)
        let fourth = try published(to: [denis, elise, claire], deadlineIn: Double(longAway - 370 * Self.day + 30 * Self.day))
        try deposit("4a", by: 1, in: fourth)
        let added = try addKeys(to: fourth, of: [denis, elise, claire])
        try deposit("4b", in: fourth, keys: added)
        try deposit("2b", by: 1, in: second)

        // A thief has a backup, and the keys of two who were members once.
        let backup = folder.path("backup")
        try sceaud("backup", "--to", backup)
        let stolen = try Shell.check("sh", ["-c", "ls \(backup)/envelopes/\(second.id)/*.seal"]).text.split(separator: "\n").map(String.init)
        #expect(stolen.count == 2)
        let old = [alice.key ?? "", bruno.key ?? ""]
        for seal in stolen {
            for (platform, key) in [("time-lock", old[0]), ("time-lock", old[1]), ("recovery", old[0])] {
                let outcome = try Shell.run(
                    Checkout.path("Deploy/recover"),
                    ["--seal", seal, "--capsule", firstCapsule] + old.flatMap { ["--member", $0] }
                        + ["--\(platform)", key, "--out", folder.path("loot-\(UUID().uuidString)")])
                #expect(outcome.status == 3 && outcome.err.contains("does not open with the \(platform) key"), "\(outcome)")
            }
        }
        let found = try Shell.run("grep", ["-rlaE", "PRIVATE KEY", backup])
        #expect(found.status == 1, "\(found)")

        // The third year begins with an empty keys folder.
        try leap(to: 3 * Self.day, before: second)
        try instance.stop()
        try Shell.check("sh", ["-c", "rm \(instance.data)/keys/*"])
        try FileManager.default.copyItem(atPath: folder.path("recovery1.crt"), toPath: instance.data + "/keys/recovery.crt")
        #expect(try time.run(Checkout.binary("sceaud"), ["run", "--config", instance.config]).status == 1)
        for (name, status) in [("recovery1", 3), ("recovery2", 0)] as [(String, Int32)] {
            let restored = try time.run(
                Checkout.binary("sceaud"),
                ["key", "restore", "--config", instance.config, "--recovery", folder.path(name + ".pem"), "--certificate", folder.path(name + ".crt"),
                    "--passphrase-file", folder.path(name + ".words"), "--host", "localhost"])
            #expect(restored.status == status && restored.text.contains("still shut") == (status == 3), "\(restored)")
        }
        try instance.start(time: time)
        let after = try sceaud("key", "list")
        #expect(after.status == 0, "\(after)")

        // The old one closes; another member leaves after that, and it opens all the same.
        try leap(to: 45, before: second)
        try second.waitUntilClosed()
        let farid = try newcomer("Farid")
        try renew(second, to: [elise, claire, farid], by: elise, with: claire)
        try open(second, by: farid, with: elise, ["2a", "2b"])

        // The machine dies with a consultation under way. The mirror has it all, and the keys are in the safe.
        let fifth = try published(to: [elise, claire, farid], deadlineIn: 120)
        try deposit("5a", in: fifth)
        instance.kill()
        try Shell.check("mv", [instance.data, folder.path("dead")])
        let restore = ["restore", "--from", folder.path("mirror"), "--data", instance.data]
        let asked = try time.run(Checkout.binary("sceaud"), restore)
        #expect(asked.status == 1 && asked.err.contains("put in place"), "\(asked)")
        try Shell.check("sh", ["-c", "cp -p \(folder.path("dead"))/keys/*.key \(instance.data)/keys/"])
        let restored = try time.run(Checkout.binary("sceaud"), restore)
        #expect(restored.status == 0, "\(restored)")
        try instance.start(time: time)
        try deposit("5b", by: 1, in: fifth)
        let sixth = try published(to: [elise, claire, farid], deadlineIn: 150)
        try deposit("6a", in: sixth)
        try open(fifth, by: claire, with: farid, ["5a", "5b"])
        try open(sixth, by: elise, with: farid, ["6a"])

        // The last that was sealed before the folder was lost.
        try leap(to: 45, before: fourth)
        try open(fourth, by: denis, with: claire, keys: fourth.fingerprint, ["4a"])
        try open(fourth, by: elise, with: denis, keys: added, ["4b"])

        try recovered(second, of: [elise, farid], ["2a", "2b"])

        // What is done is archived, and then nothing is left that a key is needed for.
        for consultation in [first, second, third, fourth, fifth, sixth] {
            try cast.buyer.sceauChecked(["consultation", "archive", consultation.id])
        }
        let check = try sceaud("check")
        #expect(!check.text.contains("does not hold"), "\(check)")
        try sceaud("export", "--to", folder.path("export"))
        // Every key that the log ever had, as an auditor collected them.
        let keys = try folder.write("log-keys", cast.buyer.curl.get("/log/keys").body)
        let verified = try time.run(
            Checkout.binary("sceau"), ["verify", folder.path("export"), "--log", keys],
            environment: ["SCEAU_HOME": folder.path("auditor")], timeout: 300)
        #expect(verified.status == 0, "\(verified)")
    }
}
