import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// `sceau bid deposit` of several files: killed, its daemon killed, resumed, opened.
@Suite(.serialized) struct ResumeTests {
    /// A bid of three files: a large one, one in a folder below a folder, an empty one.
    struct Dossier {
        let folder: TemporaryFolder
        let big: Data
        let price = Data("Prix : 1 234 567,89 €".utf8)

        init(mebibytes: Int) throws {
            folder = try TemporaryFolder()
            big = Data(try Random.bytes(mebibytes << 20))
            try folder.write("mémoire.bin", big)
            try FileManager.default.createDirectory(atPath: folder.path("Offre/Prix"), withIntermediateDirectories: true)
            try folder.write("Offre/Prix/prix.txt", price)
            try folder.write("Offre/vide.txt", Data())
        }

        var operands: [String] { [folder.path("mémoire.bin"), folder.path("Offre")] }
        var contents: [String: Data] { ["mémoire.bin": big, "Offre/Prix/prix.txt": price, "Offre/vide.txt": Data()] }
    }

    /// What was opened of a bid's offer, by path.
    static func opened(_ bid: String, in out: URL) throws -> [String: Data] {
        let place = out.appending(path: bid).appending(path: "offer")
        let paths = FileManager.default.enumerator(atPath: place.path(percentEncoded: false))?.compactMap { $0 as? String } ?? []
        var found: [String: Data] = [:]
        for path in paths { found[path] = try? Data(contentsOf: place.appending(path: path)) }
        return found
    }

    /// Waits until so much of a draft's documents is on the daemon's disk.
    static func awaitDraft(_ instance: Instance, in consultation: String, bytes: Int, while job: Job, seconds: Double = 60) throws {
        let until = Date(timeIntervalSinceNow: seconds)
        let place = "\(instance.data)/drafts/\(consultation)"
        while Date() < until, job.isRunning {
            let files = FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
            let sizes = files.filter { !$0.hasSuffix(".draft") && $0.contains("/") }.map {
                (try? FileManager.default.attributesOfItem(atPath: "\(place)/\($0)")[.size] as? Int) ?? 0
            }
            if sizes.reduce(0, +) >= bytes { return }
            Thread.sleep(forTimeInterval: 0.005)
        }
        throw Procedure.Unexpected("the upload did not come so far: \(job.isRunning) \((try? String(contentsOf: job.err, encoding: .utf8)) ?? "") \(instance.log.suffix(2000))")
    }

    static func unfinished(_ person: Person) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: person.folder.path("home/unfinished"))) ?? []
    }

    @Test func killedOnBothSidesAndResumed() throws {
        let cast = try Cast.ready()
        try cast.instance.keepPort()
        let consultation = try cast.published(deadlineIn: 60)
        let bidder = cast.bidders[0]
        let dossier = try Dossier(mebibytes: 150)
        let candidate = try bidder.folder.write("candidate.json", #"{"lead": {"name": "Alpes Béton", "siret": "55210022400011"}}"#)
        let words = ["bid", "deposit", consultation.id] + dossier.operands + ["--candidate", candidate, "--intent", "replaces", "--lots", "1", "2"]

        // The tool is killed.
        let first = try bidder.startSceau(words, label: "first")
        try Self.awaitDraft(cast.instance, in: consultation.id, bytes: 10 << 20, while: first)
        first.signal(SIGKILL)
        _ = first.wait(seconds: 10)
        let state = try #require(Self.unfinished(bidder).first)
        let mode = try FileManager.default.attributesOfItem(atPath: bidder.folder.path("home/unfinished/\(state)"))[.posixPermissions] as? Int
        #expect(mode == 0o600 && Self.unfinished(bidder).count == 1)
        #expect(try bidder.sceauChecked(["bid", "drafts"]).contains(consultation.id))
        let kept = try Data(contentsOf: URL(filePath: bidder.folder.path("home/unfinished/\(state)")))

        // The daemon is killed while the same command goes on.
        let second = try bidder.startSceau(words, label: "second")
        try Self.awaitDraft(cast.instance, in: consultation.id, bytes: 80 << 20, while: second)
        // The same command beside it would only take the uploads out of its hands.
        let beside = try bidder.sceau(words)
        #expect(beside.status == 1 && beside.err.contains("another sceau is sending this bid"), "\(beside)")
        cast.instance.kill()
        try cast.instance.start()
        #expect(second.wait(seconds: 120) == 0)
        let said = try String(contentsOf: second.err, encoding: .utf8)
        #expect(said.contains("going on with the bid begun at") && said.contains("trying again"), "\(said)")
        #expect(said.contains("'Offre/vide.txt' is empty"), "\(said)")
        let receipt = try JSONSerialization.jsonObject(with: Data(contentsOf: second.out)) as? [String: Any] ?? [:]
        let bid = receipt["bid"] as? String ?? ""
        #expect(receipt["verdict"] as? String == "on-time" && receipt["intent"] as? String == "replaces", "\(receipt)")
        // Nothing is left but the code.
        #expect(Self.unfinished(bidder) == [])
        #expect(try String(contentsOfFile: bidder.folder.path("home/codes/\(bid)"), encoding: .utf8).count == 33)
        // Killed between the submission and its receipt: the same command, the same bid, the same receipt.
        try kept.write(to: URL(filePath: bidder.folder.path("home/unfinished/\(state)")))
        let third = try bidder.sceau(words)
        let again = try JSONSerialization.jsonObject(with: third.out) as? [String: Any] ?? [:]
        #expect(third.status == 0 && again["event"] as? String == receipt["event"] as? String, "\(third)")
        #expect(Self.unfinished(bidder) == [])
        let check = try FileManager.default.contentsOfDirectory(atPath: cast.instance.data + "/envelopes/" + consultation.id)
        #expect(check.filter { $0.hasPrefix(bid) }.count == 4, "\(check)")

        try consultation.waitUntilClosed()
        let (outcome, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try Self.opened(bid, in: out) == dossier.contents)
        let minutes = try String(contentsOf: out.appending(path: "minutes.json"), encoding: .utf8)
        #expect(minutes.contains("Alpes Béton") && minutes.contains("55210022400011"))
    }

    /// A file that was changed between two runs is not joined from two halves.
    @Test func aChangedFileIsSentAnew() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published()
        let bidder = cast.bidders[0]
        let dossier = try Dossier(mebibytes: 100)
        let words = ["bid", "deposit", consultation.id] + dossier.operands
        let first = try bidder.startSceau(words, label: "first")
        try Self.awaitDraft(cast.instance, in: consultation.id, bytes: 10 << 20, while: first)
        first.signal(SIGINT)
        _ = first.wait(seconds: 10)
        let other = Data(try Random.bytes(100 << 20))
        try dossier.folder.write("mémoire.bin", other)
        let second = try bidder.sceau(words)
        #expect(second.status == 0 && second.err.contains("sent anew, since changed"), "\(second)")
        #expect(second.text.contains(Digest(SHA256.hash(Array(other))).hex))
    }

    @Test func withdrawnAndStatedByTheTool() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published()
        let (bidder, stranger) = (cast.bidders[0], cast.bidders[1])
        func deposit(_ more: [String] = []) throws -> String {
            let file = try bidder.folder.write("offre.txt", "offre")
            let line = try bidder.sceauChecked(["bid", "deposit", consultation.id, file] + more)
            let receipt = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return receipt["bid"] as? String ?? ""
        }
        let first = try deposit(["--bid-code-file", bidder.folder.path("code")])
        let second = try deposit(["--resumable"])
        let third = try deposit(["--part", "offer"])
        let nowhere = try bidder.sceau(["bid", "deposit", consultation.id, bidder.folder.path("offre.txt"), "--part", "nowhere"])
        #expect(nowhere.status == 4, "\(nowhere)")
        let odd = try bidder.sceau(["bid", "deposit", consultation.id, bidder.folder.path("offre.txt"), "--intent", "maybe"])
        #expect(odd.status == 4, "\(odd)")
        let withoutCode = try bidder.sceau(["bid", "withdraw", first])
        #expect(withoutCode.status == 1 && withoutCode.err.contains("--bid-code-file"), "\(withoutCode)")
        #expect(try bidder.sceau(["bid", "withdraw", first, "--bid-code-file", bidder.folder.path("code")]).status == 0)
        // What this tool sent it can withdraw by itself, whichever way it was sent.
        #expect(try bidder.sceau(["bid", "withdraw", second]).status == 0)
        #expect(try bidder.sceau(["bid", "intent", third, "complements"]).status == 0)
        let again = try bidder.sceau(["bid", "intent", third, "replaces"])
        #expect(again.status == 4, "\(again)")
        #expect(try bidder.sceau(["bid", "intent", third, "unstated"]).status == 2)
        let other = try stranger.sceau(["bid", "withdraw", third, "--bid-code-file", bidder.folder.path("code")])
        #expect(other.status == 4, "\(other)")
        let notices = try bidder.sceauChecked(["notices"]).split(separator: "\n")
        #expect(notices.count == 2 && notices.allSatisfy { $0.contains("withdrawn") }, "\(notices)")
    }

    @Test func whatIsOddIsSaidAndSentAllTheSame() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published()
        let bidder = cast.bidders[0]
        let folder = try TemporaryFolder()
        try folder.write("plain.txt", "plain")
        for (arguments, name) in [(["-q"], "good.zip"), (["-q", "-P", "secret"], "locked.zip")] {
            _ = try Python.check(
                "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('a.txt', 'a')", [folder.path(name)])
            if arguments.count > 1 {
                // The bit that says *encrypted*, in the directory.
                var bytes = try Data(contentsOf: folder.url.appending(path: name))
                let place = try #require(bytes.range(of: Data([0x50, 0x4b, 0x01, 0x02]))).lowerBound
                bytes[place + 8] |= 1
                try folder.write(name, bytes)
            }
        }
        _ = try Python.check(
            "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('xl/vbaProject.bin', 'm')", [folder.path("macro.xlsm")])
        let good = try Data(contentsOf: folder.url.appending(path: "good.zip"))
        try folder.write("cut.zip", good.dropLast(30))
        try folder.write("good.pdf", "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
        try folder.write("locked.pdf", "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<</Encrypt 1 0 R>>\nstartxref\n9\n%%EOF\n")
        try folder.write("cut.pdf", "%PDF-1.7\n1 0 obj\n<<")
        try folder.write("fake.pdf", "hello")
        let sent = try bidder.sceau(["bid", "deposit", consultation.id, folder.path("")])
        #expect(sent.status == 0, "\(sent)")
        let warned = Set(sent.err.matches(of: #/warning: '[^']*/([^/']*)' (is \w+|holds an Office macro)/#).map { "\($0.1) \($0.2)" })
        #expect(
            warned == [
                "locked.zip is protected", "macro.xlsm holds an Office macro", "cut.zip is damaged", "locked.pdf is protected",
                "cut.pdf is damaged", "fake.pdf is damaged",
            ], "\(sent.err)")
        let double = try bidder.sceau(["bid", "deposit", consultation.id, folder.path("plain.txt"), folder.path("plain.txt")])
        #expect(double.status == 1 && double.err.contains("two of the files would be 'plain.txt'"), "\(double)")
    }
}
