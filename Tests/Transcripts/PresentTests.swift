import Canonical
import Foundation
import Rehearsal
import Sealing
import Testing

/// A vault loses what came after its backup, and a bidder proves with a receipt what was lost.
@Suite(.serialized) struct PresentTests {
    private func sceaud(_ arguments: String...) throws -> Outcome {
        try Shell.check(Checkout.binary("sceaud"), arguments)
    }

    /// The receipt of a deposit, whole.
    private func receipt(_ bidder: Curl, _ procedure: Procedure, _ name: String) throws -> Data {
        try Procedure.expect(
            201, bidder.deposit(Data("offre".utf8), named: name, in: procedure.id.text, fields: ["Accept: \(ReceiptTests.mediaType)"])
        ).body
    }

    private func present(_ receipt: Data, as who: Curl, type: String = ReceiptTests.mediaType) throws -> Answer {
        try who.request(["--data-binary", "@-"], "/api/v1/receipts", fields: ["Content-Type: \(type)"], stdin: receipt)
    }

    private func checks(_ answer: Answer) -> String? {
        answer["detail"].firstMatch(of: /The check `([a-z-]+)`/).map { String($0.1) }
    }

    @Test func whatWasLostIsProvedByItsReceipt() throws {
        let folder = try TemporaryFolder()
        let stage = try Stage()
        let (instance, backup) = (stage.instance, folder.path("backup"))
        let alice = try Person("Alice", role: "bidder", at: instance, account: "Alpes Béton", siret: "55210022400011")
        let auditor = Curl(instance, token: try instance.addUser("Hélène", role: "auditor", account: "Valbourg"))
        var kept = Data(), lost = Data()
        let procedure = try Procedure.closed(stage) { procedure in
            kept = try receipt(stage.bidders[0], procedure, "avant.zip")
            #expect(try sceaud("backup", "--config", instance.config, "--to", backup).status == 0)
            lost = try receipt(stage.bidders[0], procedure, "prix-secret.zip")
        }
        try folder.write("lost.asice", lost)

        // The disk dies; what is restored is older than the last bid.
        #expect(try instance.stop() == 0)
        let old = folder.path("old")
        try Shell.check("mv", [instance.data, old])
        _ = try Shell.run(Checkout.binary("sceaud"), ["restore", "--from", backup, "--data", instance.data])
        for key in try FileManager.default.contentsOfDirectory(atPath: old + "/keys") where key.hasSuffix(".key") {
            try Shell.check("cp", ["-p", "\(old)/keys/\(key)", instance.data + "/keys/"])
        }
        _ = try sceaud("restore", "--from", backup, "--data", instance.data)
        _ = try sceaud("init", "--continue", "--config", instance.config)
        try instance.start()
        try procedure.waitUntilClosed()
        #expect(try stage.anyone.get(procedure.path).json["frozen"] as? Bool == true)

        // With the tool; the list of documents stays where it is.
        // First as it is, names and all: the daemon keeps none of them.
        #expect(try present(lost, as: stage.bidders[0])["standing"] == "lost")
        let told = try alice.sceau(["receipt", "present", folder.path("lost.asice")])
        #expect(told.status == 0 && told.line == "lost" && told.err.contains("recorded as event"), "\(told)")
        #expect(try alice.sceau(["receipt", "present", folder.path("lost.asice")]).line == "lost")
        let again = try present(lost, as: stage.bidders[0])
        #expect(again.status == 201 && again["standing"] == "lost" && again["phase"] == "closed", "\(again)")
        let events = try stage.events("receipt-presented")
        #expect(events.count == 1 && events.first?["bid"] as? String == again["bid"])
        #expect(events.first?["standing"] as? String == "lost")

        // What the register has needs no event; whose it is not, may not bring it; what does not hold is named.
        let known = try present(kept, as: stage.bidders[0])
        #expect(known.status == 200 && known["standing"] == "present", "\(known)")
        #expect(checks(try present(lost, as: stage.bidders[1])) == "depositor")
        #expect(try present(lost, as: stage.openers[0]).status == 403)
        #expect(try present(lost, as: stage.anyone).status == 401)
        #expect(try present(lost, as: stage.bidders[0], type: "application/zip").status == 415)
        for (name, broken) in try tampered(lost, in: folder) {
            let answer = try present(broken, as: stage.bidders[0])
            #expect(answer.status == 422 && answer.problem == "receipt" && checks(answer) == name, "\(name): \(answer)")
            #expect(!answer.text.contains("prix-secret"))
        }
        try folder.write("broken.asice", try #require(tampered(lost, in: folder)["seal"]))
        let refused = try alice.sceau(["receipt", "present", folder.path("broken.asice")])
        #expect(refused.status == 4 && refused.err.contains("the check 'seal' does not hold"), "\(refused)")

        // Of another vault: its own bidder's receipt is no receipt here.
        let other = try Stage()
        let foreign = try receipt(other.bidders[0], Procedure.published(other), "ailleurs.zip")
        #expect(checks(try present(foreign, as: stage.bidders[0])) == "instance")
        #expect(try stage.events("receipt-presented").count == 1)

        // Those who decide see it, and nobody sees a document's name.
        let path = procedure.path + "/receipts"
        for who in [stage.buyer, stage.openers[0], auditor] {
            let list = try Procedure.expect(200, who.get(path)).json["receipts"] as? [[String: Any]] ?? []
            #expect(list.count == 1 && list.first?["depositorName"] as? String == "Alpes Béton" && list.first?["verdict"] as? String == "on-time")
            let copy = try Procedure.expect(200, who.get("\(path)/\(again["bid"])")).body
            try folder.write("copy.asice", copy)
            #expect(copy.range(of: Data("prix-secret".utf8)) == nil)
            let verified = try Shell.run(
                Checkout.binary("sceau"), ["verify", folder.path("copy.asice"), "--log", old + "/keys/log-real.vkey"])
            #expect(verified.status == 0, "\(verified)")
        }
        #expect(try stage.bidders[0].get(path).status == 403)
        #expect(!instance.log.contains("prix-secret"))
        #expect(try sceaud("check", "--config", instance.config).status == 0)

        // The buyer decides, having seen it.
        #expect(try stage.buyer.post(procedure.path + "/unfreezing", ["ground": "Une offre perdue, son déposant prévenu."]).status == 200)
        #expect(try stage.anyone.get(procedure.path).json["frozen"] == nil)
    }

    /// Copies of a receipt, each with one thing changed, under the check that must fail.
    private func tampered(_ receipt: Data, in folder: TemporaryFolder) throws -> [String: Data] {
        try folder.write("whole.asice", receipt)
        let names = try Shell.check("unzip", ["-Z1", folder.path("whole.asice")]).line.split(separator: "\n").map(String.init)
        let entries = try names.map { name in
            StoredZip.Entry(name: name, bytes: Array(try Shell.check("unzip", ["-p", folder.path("whole.asice"), name]).out))
        }
        func changed(_ name: String, _ word: String, _ other: String) -> Data {
            Data(
                StoredZip(
                    entries: entries.map { entry in
                        guard entry.name == name else { return entry }
                        return .init(name: name, bytes: Array(String(decoding: entry.bytes, as: UTF8.self).replacing(word, with: other).utf8))
                    }
                ).encoded())
        }
        var broken = receipt
        broken[broken.count / 2] ^= 1
        return [
            "container": broken, "seal": changed("seal.json", "sceau/seal/1", "sceau/seal/2"),
            "asic-manifest": changed("leaf.json", "Alpes", "Alpen"), "log-proof": changed("receipt.tlog-proof", "index ", "index 1"),
            "checkpoint": changed("receipt.tlog-proof", "\u{2014} sceau", "\u{2014} other"), "manifest": changed("manifest-offer.json", "prix-secret", "prix-public"),
        ]
    }
}
