import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// Gibibytes over a line that breaks ten times, to a daemon that dies twice: by `tuspy` and by `sceau`. Minutes, and six times its
/// size on the disk, so it runs where it is asked for: SCEAU_TRANSFER_MEBIBYTES=3072 Deploy/test --filter LargeTransferTests.
///
/// No step waits for less than an hour, and the buyer keeps the deadline ahead: what a busy machine needs decides nothing.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SCEAU_TRANSFER_MEBIBYTES"] != nil))
struct LargeTransferTests {
    static let breaks = 10
    static let patience: Double = 3600

    @Test func arrivesWholeAndOpens() throws {
        let mebibytes = Int(ProcessInfo.processInfo.environment["SCEAU_TRANSFER_MEBIBYTES"] ?? "") ?? 100
        let cast = try Cast.ready()
        try cast.instance.keepPort()
        let consultation = try cast.published(deadlineIn: 120)
        let deadline = HeldDeadline(of: consultation)
        let folder = try TemporaryFolder()
        let file = folder.path("offre.bin")
        try Shell.check("dd", ["if=/dev/urandom", "of=\(file)", "bs=1M", "count=\(mebibytes)", "status=none"], timeout: Self.patience)
        let digest = String(try Shell.check("sha256sum", [file], timeout: Self.patience).line.prefix(64))

        var began = Date()
        func say(_ what: String) {
            print("transfer: \(what) of \(mebibytes) MiB: \(Int(Date().timeIntervalSince(began))) s")
            began = Date()
        }

        // A client of others: it goes away after a number of chunks, and comes back.
        let curl = cast.bidders[0].curl
        let draft = try DraftTests.Sender(curl, in: consultation.id)
        let chunk = max(1 << 20, (mebibytes << 20) / 30)
        var address: String?
        var offset = 0
        for round in 0...Self.breaks {
            let said = try TusTests.send(
                curl, draft, file, chunk: chunk, name: "offre.bin", address: address, stop: round == Self.breaks ? nil : 2,
                timeout: Self.patience)
            #expect(said.offset > offset)
            (address, offset) = (said.address, said.offset)
            if round == 3 || round == 7 {
                cast.instance.kill()
                try cast.instance.start()
            }
        }
        #expect(offset == mebibytes << 20)
        let tus = try Procedure.expect(201, draft.submit())
        #expect((tus.json["documents"] as? [[String: Any]])?.first?["sha256"] as? String == digest)

        say("by tuspy, broken off \(Self.breaks) times, the daemon killed twice, submission")

        // Our own: killed, and the same command again.
        let bidder = cast.bidders[1]
        let words = ["bid", "deposit", consultation.id, file]
        for round in 1...Self.breaks {
            let job = try bidder.startSceau(words, label: "round-\(round)")
            try ResumeTests.awaitDraft(cast.instance, in: consultation.id, bytes: (mebibytes << 20) / (Self.breaks + 1) * round, while: job, seconds: Self.patience)
            if round == 4 || round == 8 {
                cast.instance.kill()
                try cast.instance.start()
            }
            job.signal(SIGKILL)
            _ = job.wait(seconds: 30)
        }
        let outcome = try bidder.sceau(words, timeout: Self.patience)
        #expect(outcome.status == 0, "\(outcome)")
        let receipt = try JSONSerialization.jsonObject(with: outcome.out) as? [String: Any] ?? [:]
        #expect((receipt["documents"] as? [[String: Any]])?.first?["sha256"] as? String == digest, "\(receipt)")
        #expect(tus["verdict"] == "on-time" && receipt["verdict"] as? String == "on-time")

        say("by sceau, killed \(Self.breaks) times, the daemon twice, submission")
        try deadline.letGo()
        began = Date()
        let (opening, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]], timeout: Self.patience)
        #expect(opening.status == 0, "\(opening)")
        say("both opened")
        for bid in [draft.bid, receipt["bid"] as? String ?? ""] {
            let opened = try #require(StoryTests.files(below: out.appending(path: bid)).first)
            #expect(try Shell.check("sha256sum", [opened.path(percentEncoded: false)], timeout: Self.patience).line.hasPrefix(digest))
        }
    }
}
