import Foundation
import Rehearsal
import Testing

/// The keys folder is lost, and the holder of the recovery key comes.
@Suite(.serialized) struct KeyLossTests {
    typealias Holder = RecoveryHolder

    private func sceaud(_ stage: Stage, _ words: [String]) throws -> Outcome {
        try Shell.run(Checkout.binary("sceaud"), words + ["--config", stage.instance.config])
    }

    @Test func everythingButTheRecoveryCertificateIsGoneAndComesBack() throws {
        let holder = try Holder()
        let stage = try Stage(recovery: holder.certificate)
        let other = try Procedure(stage)
        try other.seal()
        for number in 1...3 { try Procedure.expect(201, other.accept(number)) }
        // Nobody has rehearsed: the publication says so.
        #expect(try Procedure.expect(200, other.publish()).json["warnings"] as? [String] == ["recovery-not-rehearsed"])
        let rehearsed = try sceaud(stage, ["key", "rehearse"] + holder.arguments)
        #expect(rehearsed.status == 0 && rehearsed.text.contains("opened: 1 secrets"), "\(rehearsed)")
        #expect(try stage.events("recovery-rehearsed").count == 1)
        let after = try Procedure(stage)
        try after.seal()
        for number in 1...3 { try Procedure.expect(201, after.accept(number)) }
        #expect(try Procedure.expect(200, after.publish()).json["warnings"] == nil, "once it was done no more")
        let procedure = try Procedure.closed(stage)

        let running = try sceaud(stage, ["key", "restore"] + holder.arguments)
        #expect(running.status == 1 && running.err.contains("a sceaud runs"))
        try stage.instance.stop()
        let keys = stage.instance.data + "/keys"
        for name in try FileManager.default.contentsOfDirectory(atPath: keys) where name != "recovery.crt" {
            try FileManager.default.removeItem(atPath: "\(keys)/\(name)")
        }
        let before = try sceaud(stage, ["key", "list"])
        #expect(before.status == 3 && before.text.contains("CANNOT BE OPENED"), "\(before)")

        let stranger = try Holder("fafaf-gagag")
        let wrong = try sceaud(stage, ["key", "restore", "--recovery", holder.key, "--passphrase-file", stranger.passphrase, "--host", "localhost"])
        #expect(wrong.status == 1 && wrong.err.contains("wrong passphrase"), "\(wrong)")
        let unknown = try sceaud(stage, ["key", "restore"] + stranger.arguments + ["--host", "localhost"])
        #expect(unknown.status == 1 && unknown.err.contains("no certificate of the recovery key is known here"), "\(unknown)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: keys) == ["recovery.crt"])

        let restored = try sceaud(stage, ["key", "restore"] + holder.arguments + ["--host", "localhost"])
        #expect(restored.status == 0 && restored.text.contains("restored: 3 secrets"), "\(restored)")
        #expect(try stage.events("platform-secret-restored").count == 3)
        try stage.instance.keepPort()
        try stage.instance.start()
        #expect(try Session.opens(procedure))
        let check = try sceaud(stage, ["check"])
        #expect(check.status == 0, "\(check)")
        // Again there is nothing to do; the recovery key still opens the copy of what comes next.
        try stage.instance.stop()
        #expect(try sceaud(stage, ["key", "restore"] + holder.arguments).text.contains("restored: 0 secrets"))
        try stage.instance.start()
        let next = try Procedure.closed(stage)
        #expect(try Session.opens(next))
        #expect(try stage.events("host-key-retired").count == 1)
        // No file of the host holds the recovery key.
        let pem = try String(contentsOfFile: holder.key, encoding: .utf8)
        let line = try #require(pem.split(separator: "\n").dropFirst().first)
        #expect(try Shell.run("grep", ["-rl", String(line), stage.instance.data]).status == 1)
    }

    @Test func aRecoveryKeyOnTheHostIsRefused() throws {
        let holder = try Holder()
        let stage = try Stage(recovery: holder.certificate)
        let copy = stage.instance.data + "/keys/recovery.pem"
        try FileManager.default.copyItem(atPath: holder.key, toPath: copy)
        let refused = try sceaud(stage, ["key", "rehearse", "--recovery", copy, "--passphrase-file", holder.passphrase])
        #expect(refused.status == 1 && refused.err.contains("must never have"), "\(refused)")
        chmod(holder.key, 0o644)
        let open = try sceaud(stage, ["key", "rehearse"] + holder.arguments)
        #expect(open.status == 1 && open.err.contains("can be read by others"), "\(open)")
    }
}
