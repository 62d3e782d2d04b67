import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// Gibibytes over a line that breaks ten times, to a daemon that dies twice: by `tuspy` and by `sceau`. Minutes, and many times its
/// size on the disk, so it runs where it is asked for: SCEAU_TRANSFER_MEBIBYTES=3072 Deploy/test --filter LargeTransferTests.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SCEAU_TRANSFER_MEBIBYTES"] != nil))
struct LargeTransferTests {
    static let breaks = 10

    @Test func arrivesWholeAndOpens() throws {
        let mebibytes = Int(ProcessInfo.processInfo.environment["SCEAU_TRANSFER_MEBIBYTES"] ?? "") ?? 100
        let cast = try Cast.ready()
        try cast.instance.keepPort()
        let consultation = try cast.published(deadlineIn: 90 + Double(mebibytes) / 8)
        let folder = try TemporaryFolder()
        let file = folder.path("offre.bin")
        try Shell.check("dd", ["if=/dev/urandom", "of=\(file)", "bs=1M", "count=\(mebibytes)", "status=none"])
        let digest = String(try Shell.check("sha256sum", [file], timeout: 600).line.prefix(64))

        // A client of others: it goes away after a number of chunks, and comes back.
        let curl = cast.bidders[0].curl
        let draft = try DraftTests.Sender(curl, in: consultation.id)
        let chunk = max(1 << 20, (mebibytes << 20) / 30)
        var address: String?
        var offset = 0
        for round in 0...Self.breaks {
            let said = try TusTests.send(
                curl, draft, file, chunk: chunk, name: "offre.bin", address: address, stop: round == Self.breaks ? nil : 2)
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

        // Our own: killed, and the same command again.
        let bidder = cast.bidders[1]
        let words = ["bid", "deposit", consultation.id, file]
        for round in 1...Self.breaks {
            let job = try bidder.startSceau(words, label: "round-\(round)")
            try ResumeTests.awaitDraft(cast.instance, in: consultation.id, bytes: (mebibytes << 20) / (Self.breaks + 1) * round, while: job)
            if round == 4 || round == 8 {
                cast.instance.kill()
                try cast.instance.start()
            }
            job.signal(SIGKILL)
            _ = job.wait(seconds: 30)
        }
        let outcome = try bidder.sceau(words, timeout: 900)
        #expect(outcome.status == 0, "\(outcome)")
        let receipt = try JSONSerialization.jsonObject(with: outcome.out) as? [String: Any] ?? [:]
        #expect((receipt["documents"] as? [[String: Any]])?.first?["sha256"] as? String == digest, "\(receipt)")
        #expect(tus["verdict"] == "on-time" && receipt["verdict"] as? String == "on-time")

        try consultation.waitUntilClosed()
        let (opening, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]], timeout: 900)
        #expect(opening.status == 0, "\(opening)")
        for bid in [draft.bid, receipt["bid"] as? String ?? ""] {
            let opened = try #require(StoryTests.files(below: out.appending(path: bid)).first)
            #expect(try Shell.check("sha256sum", [opened.path(percentEncoded: false)], timeout: 600).line.hasPrefix(digest))
        }
    }
}
