import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// Bids that their bidder sealed: the platform never sees them, and they open all the same.
@Suite(.serialized) struct SealedTests {
    /// No file of the daemon's holds these.
    private static func isNowhere(_ secrets: [Data], in instance: Instance) throws -> Bool {
        let files = FileManager.default.enumerator(atPath: instance.data)?.compactMap { $0 as? String } ?? []
        return files.allSatisfy { file in
            guard let bytes = try? Data(contentsOf: URL(filePath: "\(instance.data)/\(file)")) else { return true }
            return secrets.allSatisfy { bytes.range(of: $0) == nil }
        }
    }

    private static func json(_ outcome: Outcome) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: outcome.out) as? [String: Any] ?? [:]
    }

    @Test func sealedResumedAndOpened() throws {
        let cast = try Cast.ready()
        try cast.instance.keepPort()
        let consultation = try cast.published(deadlineIn: 60)
        let bidder = cast.bidders[0]
        let dossier = try ResumeTests.Dossier(mebibytes: 90)
        let words = ["bid", "deposit", consultation.id, "--seal"] + dossier.operands
        // On the platform's word alone there is nothing to be sealed from.
        let trusting = try bidder.sceau(words)
        #expect(trusting.status == 2 && trusting.err.contains("--key"), "\(trusting)")
        #expect(try bidder.sceau(words + ["--key", String(repeating: "0", count: 64)]).status == 4)

        let first = try bidder.startSceau(words + ["--key", consultation.fingerprint], label: "first")
        try ResumeTests.awaitDraft(cast.instance, in: consultation.id, bytes: 10 << 20, while: first)
        first.signal(SIGKILL)
        _ = first.wait(seconds: 10)
        let second = try bidder.startSceau(words, label: "second")
        try ResumeTests.awaitDraft(cast.instance, in: consultation.id, bytes: 50 << 20, while: second)
        cast.instance.kill()
        try cast.instance.start()
        #expect(second.wait(seconds: 120) == 0, "\((try? String(contentsOf: second.err, encoding: .utf8)) ?? "")")
        let receipt = try JSONSerialization.jsonObject(with: Data(contentsOf: second.out)) as? [String: Any] ?? [:]
        let bid = receipt["bid"] as? String ?? ""
        #expect(receipt["sealedBy"] as? String == "bidder" && (receipt["documents"] as? [Any])?.isEmpty == true, "\(receipt)")
        #expect((receipt["contents"] as? [[String: Any]])?.map { $0["part"] as? String } == ["offer"])
        #expect(ResumeTests.unfinished(bidder) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: bidder.folder.path("home/sealed")).isEmpty)
        #expect(try Self.isNowhere([dossier.price, dossier.big.prefix(64), Data("prix.txt".utf8)], in: cast.instance))

        // The receipt lists the documents, since the tool knows them; the platform does not.
        let out = bidder.folder.path("receipt.asice")
        try bidder.sceauChecked(["receipt", bid, "--out", out])
        let verified = try bidder.sceau(
            ["verify", out, dossier.folder.path("Offre/Prix/prix.txt"), dossier.folder.path("mémoire.bin"), "--log", cast.instance.data + "/keys/log-real.vkey"])
        #expect(verified.status == 0 && verified.text.contains("holds: document: prix.txt"), "\(verified)")
        let bare = bidder.folder.path("bare.asice")
        let stranger = try bidder.sceau(["receipt", bid, "--out", bare], environment: ["SCEAU_HOME": bidder.folder.path("other")])
        #expect(stranger.status == 0 && stranger.err.contains("--envelope"), "\(stranger)")

        // The copy without them says why, and shows their digest.
        let page = try Shell.check("unzip", ["-p", bare, "receipt.html"]).text
        let contents = (receipt["contents"] as? [[String: String]])?.first?["sha256"] ?? "-"
        #expect(page.contains("Sealed by the bidder before sending") && page.contains(contents))
        let unlisted = try bidder.sceau(["verify", bare, "--log", cast.instance.data + "/keys/log-real.vkey"])
        #expect(unlisted.status == 0 && unlisted.text.contains("only the bidder who sealed them has"), "\(unlisted)")

        try consultation.waitUntilClosed()
        let (outcome, opened) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try ResumeTests.opened(bid, in: opened) == dossier.contents)
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    /// Sealed where there is no network, carried, sent.
    @Test func sealedHereSentThere() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 30)
        let (bidder, rival) = (cast.bidders[0], cast.bidders[1])
        let dossier = try ResumeTests.Dossier(mebibytes: 1)
        let shown = try bidder.folder.write("consultation.json", bidder.curl.get(consultation.path).body)
        let account = try bidder.curl.get("/api/v1/platform")["account"]
        let envelope = bidder.folder.path("envelope")
        func seal(_ more: [String], _ shown: String) throws -> Outcome {
            try bidder.sceau(
                ["bid", "seal", shown] + dossier.operands + ["--depositor", account] + more,
                environment: ["SCEAU_URL": "https://localhost:1", "SCEAU_TOKEN_FILE": "/nowhere"])
        }
        let wrong = try seal(["--key", String(repeating: "0", count: 64), "--out", envelope], shown)
        #expect(wrong.status == 4 && !FileManager.default.fileExists(atPath: envelope), "\(wrong)")
        // A committee's signature that does not hold.
        var forged = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: shown))) as? [String: Any])
        var acceptances = try #require(forged["acceptances"] as? [[String: Any]])
        acceptances[0]["number"] = 3
        forged["acceptances"] = acceptances
        let other = try bidder.folder.write("forged.json", JSONSerialization.data(withJSONObject: forged))
        let unaccepted = try seal(["--key", consultation.fingerprint, "--out", envelope], other)
        #expect(unaccepted.status == 4 && unaccepted.err.contains("acceptance"), "\(unaccepted)")

        let sealed = try seal(["--key", consultation.fingerprint, "--out", envelope], shown)
        #expect(sealed.status == 0, "\(sealed)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: envelope).sorted() == ["1", "2", "3", "envelope.zip", "manifest-offer.json"])
        // A competitor who was given the envelope.
        let stolen = try rival.sceau(["bid", "send", envelope])
        #expect(stolen.status == 4 && stolen.err.contains("another account"), "\(stolen)")

        let sent = try bidder.sceau(["bid", "send", envelope, "--intent", "complements"])
        try #require(sent.status == 0, "\(sent)")
        let receipt = try Self.json(sent)
        #expect(sent.status == 0 && receipt["bid"] as? String == sealed.line && receipt["intent"] as? String == "complements", "\(sent)")
        try bidder.sceauChecked(["receipt", sealed.line, "--out", bidder.folder.path("receipt.asice")])
        let verified = try bidder.sceau(
            ["verify", bidder.folder.path("receipt.asice"), dossier.folder.path("mémoire.bin"), "--log", cast.instance.data + "/keys/log-real.vkey"])
        #expect(verified.status == 0, "\(verified)")
        try consultation.waitUntilClosed()
        let (outcome, opened) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try ResumeTests.opened(sealed.line, in: opened) == dossier.contents)
    }
}
