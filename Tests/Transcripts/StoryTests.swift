import Foundation
import OpenSSL
import Rehearsal
import Testing

/// The whole story with the real binaries: `sceaud`, `sceau`, and companies that have nothing but curl.
@Suite(.serialized) struct StoryTests {
    static let names = ["offre.zip", "annexe vide.pdf", "mémoire technique – église Saint-Étienne 🏗️✨.pdf", "-rf $(reboot):*.pdf"]

    @Test func receiveSealKeepUnseal() throws {
        let cast = try Cast.ready()
        let documents = [Data(try Random.bytes(17 << 20)), Data(), Data("Prix : 1 234 567,89 €".utf8), Data("x".utf8)]
        let consultation = try cast.published(deadlineIn: 20)
        let id = consultation.id

        let receipts = try zip(documents, Self.names).enumerated().map { index, offer in
            let answer = try cast.bidders[index % 2].curl.deposit(offer.0, named: offer.1, in: id)
            #expect(answer.status == 201 && answer["verdict"] == "on-time", "\(answer)")
            #expect(answer["keys"] == consultation.fingerprint)
            return answer
        }
        // One company uses the tool, and gives the fingerprint that stands in the tender documents.
        let company = cast.bidders[0]
        let offer = try company.folder.write("offre signée.pdf", "par sceau")
        let deposited = try company.sceau(["bid", "deposit", id, offer, "--key", consultation.fingerprint])
        #expect(deposited.status == 0 && deposited.text.contains("\"verdict\":\"on-time\""), "\(deposited)")
        let other = try company.sceau(["bid", "deposit", id, offer, "--key", String(repeating: "0", count: 64)])
        #expect(other.status != 0, "\(other)")

        // Before the deadline, all of them together: refused, and said when.
        for member in cast.members {
            let early = try member.sceau(["open", id, "--key", member.key ?? "", "--out", member.folder.path("early")])
            // By its own clock, before the daemon is asked.
            #expect(early.status == 4 && early.err.hasPrefix("sceau: error: too early: by this machine's clock"), "\(early)")
        }

        try consultation.waitUntilClosed()
        let late = try cast.bidders[1].curl.deposit(Data("trop tard".utf8), named: "tard.zip", in: id)
        #expect(late.status == 201 && late["verdict"] == "late", "\(late)")

        // Two of three.
        let (outcome, out) = try consultation.open(by: cast.members[2], approvedBy: [cast.members[0]])
        #expect(outcome.status == 0, "\(outcome)")
        for (receipt, document) in zip(receipts, documents) {
            let files = Self.files(below: out.appending(path: receipt["bid"]))
            #expect(files.count == 1)
            let read = try files.first.map { try Data(contentsOf: $0) }
            #expect(read == document, "\(files)")
        }
        #expect(Self.files(below: out.appending(path: late["bid"])).isEmpty)
        #expect(Self.files(below: out.appending(path: receipts[2]["bid"])).first?.lastPathComponent == Self.names[2])
        #expect(Self.files(below: out.appending(path: receipts[3]["bid"])).first?.lastPathComponent == "_rf $(reboot)__.pdf")
        try Self.expectPrivate(out)

        // The minutes say so, signed.
        let minutes = try JSONSerialization.jsonObject(with: Data(contentsOf: out.appending(path: "minutes.json"))) as? [String: Any]
        let bids = (minutes?["object"] as? [String: Any])?["bids"] as? [[String: Any]] ?? []
        #expect(bids.count == 6 && bids.count { $0["result"] as? String == "opened" } == 5, "\(bids)")
        #expect(bids.first { $0["bid"] as? String == late["bid"] }?["result"] as? String == "withheld")

        // The statement, held against them offline. One word of the minutes altered, and it is said.
        func path(_ name: String) -> String { out.appending(path: name).path(percentEncoded: false) }
        func verified(_ minutes: String) throws -> Outcome {
            try Shell.run(
                Checkout.binary("sceau"),
                ["verify", path("closing.json"), minutes, path("minutes-communicable.json"), path("closing.tlog-proof"), "--log", path("log")])
        }
        try cast.buyer.curl.get("/log/keys").body.write(to: out.appending(path: "log"))
        let good = try verified(path("minutes.json"))
        #expect(good.status == 0 && good.text.contains("holds: minutes: minutes.json: they account for each of the"), "\(good)")
        #expect(good.text.contains("holds: log-proof: closing.tlog-proof: closing of"), "\(good)")
        try String(contentsOf: out.appending(path: "minutes.json"), encoding: .utf8)
            .replacing("\"opened\"", with: "\"failed\"", maxReplacements: 1).write(toFile: path("altered.json"), atomically: true, encoding: .utf8)
        let bad = try verified(path("altered.json"))
        #expect(bad.status == 4 && bad.text.contains("FAILS: signature: altered.json"), "\(bad)")

        // The companies bring their receipts, whole, and the statement its own timestamp.
        var evidence: [String] = [path("closing.tlog-proof"), path("closing.tst")]
        for (index, receipt) in receipts.prefix(2).enumerated() {
            let answer = try cast.bidders[index].curl.get("/api/v1/bids/\(receipt["bid"])/receipt")
            try answer.body.write(to: out.appending(path: "receipt-\(index).asice"))
            evidence.append(path("receipt-\(index).asice"))
        }
        func against(_ files: [String]) throws -> Outcome {
            try Shell.run(Checkout.binary("sceau"), ["verify", path("closing.json")] + files + ["--log", path("log")])
        }
        let both = try against(evidence)
        #expect(both.status == 0, "\(both)")
        for (index, receipt) in receipts.prefix(2).enumerated() {
            #expect(both.text.contains("holds: listed: bid \(receipt["bid"]) (receipt-\(index).asice): "), "\(both)")
            #expect(both.text.contains("holds: checkpoint: receipt-\(index).asice: receipt.tlog-proof: "), "\(both)")
        }
        #expect(both.text.contains("on the operator's word: timestamp: closing.tst: stamped "), "\(both)")
        #expect(both.text.contains("on the operator's word: time: closing of "), "\(both)")
        var altered = try Data(contentsOf: URL(filePath: path("receipt-1.asice")))
        altered[altered.count / 2] ^= 1
        try altered.write(to: URL(filePath: path("receipt-1.asice")))
        let turned = try against(evidence)
        #expect(turned.status == 4 && turned.text.contains("FAILS: container: receipt-1.asice: receipt: "), "\(turned)")

        // The daemon ends when told to, and what it kept holds together.
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    static func files(below folder: URL) -> [URL] {
        let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        return (walker?.compactMap { $0 as? URL } ?? []).filter {
            (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
        }
    }

    /// What was decrypted is the opener's alone.
    static func expectPrivate(_ folder: URL) throws {
        let manager = FileManager.default
        for name in try [""] + manager.subpathsOfDirectory(atPath: folder.path(percentEncoded: false)) {
            let attributes = try manager.attributesOfItem(atPath: folder.appending(path: name).path(percentEncoded: false))
            let mode = attributes[.posixPermissions] as? Int ?? 0
            #expect(mode == (attributes[.type] as? FileAttributeType == .typeDirectory ? 0o700 : 0o600), "\(name)")
        }
    }
}
