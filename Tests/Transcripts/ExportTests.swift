import Canonical
import Foundation
import Rehearsal
import Testing

/// `sceaud export` and `sceau verify` over what a running daemon holds: an auditor's way, with the real binaries.
@Suite struct ExportTests {
    private let stage: Stage
    private let folder: TemporaryFolder
    private let top: String
    private let log: String

    init() throws {
        stage = try Stage()
        folder = try TemporaryFolder()
        top = folder.path("export")
        let bidders = stage.bidders
        _ = try Procedure.closed(stage) { procedure in
            for (bidder, text) in zip(bidders, ["Prix", "Autre prix"]) {
                try Procedure.expect(201, bidder.deposit(Data(text.utf8), named: "offre.pdf", in: procedure.id.text))
            }
        }
        // Both bids, at the least of them, and the closing are stamped by then.
        _ = try stage.awaitEvent("timestamped") { $0["kind"] as? String == "closing" }
        let said = try Shell.check(Checkout.binary("sceaud"), ["export", "--config", stage.instance.config, "--to", top])
        #expect(said.text.hasPrefix("exported: "), "\(said)")
        log = try folder.write("log", stage.buyer.get("/log/keys").body)
    }

    private func verify(_ more: [String] = []) throws -> Outcome {
        try Shell.run(Checkout.binary("sceau"), ["verify", top, "--log", log] + more)
    }

    private func first(_ pattern: String) throws -> String {
        let paths = FileManager.default.enumerator(atPath: top)?.compactMap { $0 as? String } ?? []
        return try #require(paths.sorted().first { (try? Regex(pattern).wholeMatch(in: $0)) != nil }, "\(pattern): \(paths)")
    }

    @Test func aGoodOneHoldsAndOneByteIsNamed() throws {
        let good = try verify()
        #expect(good.status == 0 && !good.text.contains("FAILS"), "\(good)")
        for said in [
            "holds: key: log/real/key: is named", "holds: tree: log/real: ", "holds: closing: log/real: 1 closing statements and 2 bidders' lines",
            "holds: envelope: envelopes: 2 bids", "holds: files: export: ", "on the operator's word: timestamp: timestamps: time on the operator's word",
        ] { #expect(good.text.contains(said), "\(said)\n\(good)") }

        // One byte of each kind of file, and what is said of it.
        for (pattern, check) in [
            ("export.json", "export: export.json"), ("log/real/key", "key: log/real/key"), ("log/real/checkpoint", "checkpoint: log/real/checkpoint"),
            ("log/real/entries/000.p/.*", "entry: log/real/entries/"), ("log/real/tile/0/000.p/.*", "tile: log/real/tile/0/"),
            ("objects/.*", "object: objects/"), ("envelopes/.*\\.seal", "envelope: envelopes/"), ("envelopes/.*\\.1", "envelope: envelopes/"),
        ] {
            let path = try first(pattern)
            let file = URL(filePath: top).appending(path: path)
            let bytes = try Data(contentsOf: file)
            var altered = bytes
            // The middle; of JSON the beginning, for a digit or a digest of it may be another and still be read.
            altered[bytes.first == UInt8(ascii: "{") ? 0 : altered.count / 2] ^= 1
            try altered.write(to: file)
            let outcome = try verify()
            let lines = outcome.text.split(separator: "\n").filter { $0.hasPrefix("FAILS") }
            #expect(outcome.status == 4, "\(path): \(outcome)")
            #expect(lines.contains { $0.hasPrefix("FAILS: \(check)") }, "\(path): \(lines)")
            try bytes.write(to: file)
        }
        #expect(try verify().status == 0)
    }

    @Test func whatIsMissingOrStrangeIsNamed() throws {
        let object = try first("objects/.*")
        let place = URL(filePath: top).appending(path: object)
        let bytes = try Data(contentsOf: place)
        try FileManager.default.removeItem(at: place)
        let missing = try verify()
        #expect(missing.status == 4 && missing.text.contains("FAILS: object: \(object): \(object) is missing, and the event at position"), "\(missing)")
        try bytes.write(to: place)
        try Data("x".utf8).write(to: URL(filePath: top).appending(path: "note.txt"))
        let strange = try verify()
        #expect(strange.status == 4 && strange.text.contains("FAILS: files: note.txt"), "\(strange)")
        #expect(try Shell.run(Checkout.binary("sceau"), ["verify", top]).status == 2, "without the log's key")
    }

    /// The authority that the platform runs itself, given as one to trust: it is told apart.
    @Test func theOwnAuthorityIsTheOperatorsWord() throws {
        let own = try verify(["--trust", stage.instance.data + "/keys/tsa-ca.crt"])
        #expect(own.status == 0 && own.text.contains("are of the platform's own authority"), "\(own)")
        let other = try Instance(name: "Voisine")
        let stranger = try verify(["--trust", other.data + "/keys/tsa-ca.crt"])
        #expect(stranger.status == 4 && stranger.text.contains("is not among those trusted; --trust FILE"), "\(stranger)")
    }

    /// A log cut back to an earlier state is whole in itself: the checkpoint that somebody kept since then says what is gone.
    @Test func anEarlierStateOfTheLogIsNoContinuation() throws {
        _ = try Procedure(stage)
        let later = folder.path("later")
        try Shell.check(Checkout.binary("sceaud"), ["export", "--config", stage.instance.config, "--to", later])
        let grown = try Shell.run(
            Checkout.binary("sceau"), ["verify", later, "--log", log, "--checkpoint", "\(top)/log/real/checkpoint"])
        #expect(grown.status == 0 && grown.text.contains("holds: checkpoint-kept: log/real: continues the checkpoint of "), "\(grown)")
        let cut = try verify(["--checkpoint", "\(later)/log/real/checkpoint"])
        #expect(cut.status == 4, "\(cut)")
        #expect(cut.text.contains("FAILS: checkpoint-kept: checkpoint 1: the export is no continuation of it: sceau/"), "\(cut)")
    }
}
