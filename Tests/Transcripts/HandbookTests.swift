import Canonical
import Foundation
import Rehearsal
import Testing

/// `Keys/Handbook.md` as it stands, from the first page to the last, in one vault.
@Suite(.serialized) struct HandbookTests {
    @Test func everyPageAsItStands() throws {
        let page = HandbookPage(try String(contentsOfFile: Checkout.path("Keys/Handbook.md"), encoding: .utf8))
        let stage = try HandbookStage()
        #expect(page.blocks.count > 30)
        var said: [String: [Outcome]] = [:]
        var section = ""
        for block in page.blocks {
            if block.section != section {
                try stage.join()
                section = block.section
                try prepare(section, stage)
            }
            try before(block, stage)
            let outcome = try stage.run(block)
            said[section, default: []].append(outcome)
            try after(block, outcome, stage)
        }
        try stage.join()
        try check(said, stage)
    }

    /// What the page takes for granted when it is turned to.
    private func prepare(_ section: String, _ stage: HandbookStage) throws {
        switch section {
        case "A committee":
            let deadline = Consultation.instant(seconds: 3600)
            stage.variables["ID"] = try stage.person("buyer").sceauChecked(
                ["consultation", "create", "--reference", "2026-1", "--title", "Réfection du gymnase", "--deadline", deadline])
        case "The end of a consultation, and of a key":
            try endOne(stage)
        default: break
        }
    }

    private func before(_ block: HandbookPage.Block, _ stage: HandbookStage) throws {
        if block.marks.contains("after-start") {
            try copySafe(stage)
            stage.variables["BACKUP"] = stage.variables["BACKUPS"].map { $0 + "/first" }
            try stage.start()
        }
        if block.script.contains("sceaud backup"), block.section != "First installation" {
            stage.variables["BACKUP"] = stage.variables["BACKUPS"].map { $0 + "/\(UUID().uuidString)" }
        }
        if block.section == "Once a year" { try copySafe(stage) }
        if block.marks.contains("stopped") {
            try stage.instance?.stop()
            try keepKeys(stage)
        }
        if block.marks.contains("keys-lost"), stage.instance?.isRunning == true {
            try stage.instance?.stop()
            let data = try #require(stage.variables["DATA"])
            try FileManager.default.removeItem(atPath: data + "/keys")
            try FileManager.default.createDirectory(
                atPath: data + "/keys", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        }
        if block.script.contains("$COMMITTEE\"") {
            stage.variables["COMMITTEE"] = try committee(stage)
        }
        if block.script.contains("$NEWCOMMITTEE") {
            let told = try stage.awaitWord("committee ")
            stage.variables["NEWCOMMITTEE"] = told.firstMatch(of: #/committee ([0-9a-f]{64})/#).map { String($0.1) }
        }
        if block.script.contains("$ARCHIVE") { stage.variables["ARCHIVE"] = stage.folder.path("archive") }
    }

    private func after(_ block: HandbookPage.Block, _ outcome: Outcome, _ stage: HandbookStage) throws {
        if block.marks.contains("stopped") { try stage.instance?.start() }
        if block.marks.contains("keys-lost") { try stage.instance?.start() }
        if block.role == "host" { try stage.take(token: "mairie.token", for: "buyer") }
    }

    private func committee(_ stage: HandbookStage) throws -> String {
        let shown = try stage.person("admin").sceauChecked(["committee", "show", "marches", "--json"])
        let json = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
        return try #require(json?["digest"] as? String, "\(shown)")
    }

    /// The holder's removable storage.
    private func copySafe(_ stage: HandbookStage) throws {
        let safe = try #require(stage.variables["SAFE"])
        for name in try FileManager.default.contentsOfDirectory(atPath: stage.place(of: "holder").path) where name.hasPrefix("recovery") {
            let target = safe + "/" + name
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(at: stage.place(of: "holder").appending(path: name), to: URL(filePath: target))
        }
    }

    private func keepKeys(_ stage: HandbookStage) throws {
        let (data, safe) = (try #require(stage.variables["DATA"]), try #require(stage.variables["SAFE"]))
        try FileManager.default.copyItem(atPath: data + "/keys", toPath: safe + "/keys")
        stage.variables["BACKUP"] = stage.variables["BACKUPS"].map { $0 + "/last" }
        try Shell.check(
            Checkout.binary("sceaud"),
            ["backup", "--config", stage.variables["CONFIG"] ?? "", "--to", stage.variables["BACKUP"] ?? ""])
    }

    /// A consultation under a time-lock key of its own, opened and concluded.
    private func endOne(_ stage: HandbookStage) throws {
        let config = try #require(stage.variables["CONFIG"])
        let added = try Shell.check(Checkout.binary("sceaud"), ["key", "add", "time-lock", "--config", config]).text
        stage.variables["RETIRED"] = added.firstMatch(of: #/[0-9a-f]{64}/#).map { String($0.0) }
        let (buyer, denis) = (try stage.person("buyer"), try stage.person("denis"))
        let key = ["--key", "denis.pem", "--passphrase-file", "denis.words"]
        let deadline = Consultation.instant(seconds: 20)
        let id = try buyer.sceauChecked(
            ["consultation", "create", "--reference", "2025-9", "--title", "Chaises", "--deadline", deadline])
        let fingerprint = try buyer.sceauChecked(
            ["consultation", "seal", id, "--quorum", "1", "--member", denis.folder.path("denis.crt")])
        try denis.sceauChecked(["share", "accept", id, "--fingerprint", fingerprint] + key)
        try buyer.sceauChecked(["consultation", "publish", id])
        let left = try Instant(parsing: deadline).second + 2 - Int64(Date().timeIntervalSince1970)
        Thread.sleep(forTimeInterval: Double(max(0, left)))
        try denis.sceauChecked(["open", id, "--out", denis.folder.path("opened")] + key)
        stage.variables["OLD"] = id
        try Shell.check(Checkout.binary("sceaud"), ["key", "add", "time-lock", "--config", config])
    }

    private func check(_ said: [String: [Outcome]], _ stage: HandbookStage) throws {
        let inventory = try #require(said["The end of a consultation, and of a key"]?.last?.text)
        #expect(!inventory.contains(stage.variables["RETIRED"] ?? "?"))
        #expect(said["First installation"]?.last?.text.contains("recovery") == true)
        let config = try #require(stage.variables["CONFIG"])
        let examined = try Shell.check(Checkout.binary("sceaud"), ["check", "--config", config])
        #expect(!examined.text.contains("does not hold"), "\(examined)")
    }
}
