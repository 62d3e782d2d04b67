import Canonical
import Merkle
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Evidence

/// Receipts by one who holds the log's key and makes every digest fit: only what leaf, seal and lists say of one another is wrong.
@Suite struct ReceiptForgeryTests {
    private func replacing(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(old), "\(old)")
        return Array(text.replacing(old, with: new).utf8)
    }

    /// A container over another seal, with a leaf that names it, in a log that has the leaf.
    private func forged(
        _ change: Deposited.Change = .init(), seal make: (Seal) -> Seal = { $0 },
        lists: ([ReceiptContainer.List]) throws -> [ReceiptContainer.List] = { $0 }, origin: String? = nil
    ) throws -> ReceiptContainer {
        let deposited = try Deposited(change)
        let seal = make(try Seal(canonical: deposited.seal))
        var container = try deposited.container()
        container.seal = seal.canonicalBytes
        container.leaf = replacing(deposited.leaf, Digest(of: deposited.seal).hex, seal.digest.hex)
        container.lists = try lists(deposited.lists)
        container.asicManifest = try ReceiptManifest(leaf: container.leaf, seal: container.seal).bytes
        container.proof = try LogKey.shared.proof(of: container.leaf, origin: origin ?? "sceau/\(Deposited.instance)/real")
        return container
    }

    private func report(
        _ container: ReceiptContainer, given: [ReceiptVerifier.Given] = [], keys: [VerifierKey]? = nil, trust: [Certificate] = []
    ) throws -> Report {
        ReceiptVerifier(keys: try keys ?? [LogKey.shared.verifier()], trust: trust, takesTraining: false)
            .report(on: container, given: given, withPages: false)
    }

    private func failures(_ report: Report) -> [String] { report.checks.filter { $0.outcome == .fails }.map(\.name) }

    private func outcomes(_ name: String, _ report: Report) -> [Check.Outcome] {
        report.checks.filter { $0.name == name }.map(\.outcome)
    }

    @Test func oneThatIsTrueHolds() throws {
        let report = try report(forged())
        #expect(failures(report) == [] && outcomes("bid", report) == [.note])
    }

    @Test func aSealThatSpeaksOfAnotherBidFails() throws {
        typealias Made = (Identifier, Identifier, Digest, Seal.Sealer, [Seal.Document]) -> Seal
        func changed(_ change: (Seal, Made) -> Seal) throws -> ReceiptContainer {
            try forged(seal: { seal in
                change(seal) { .init(consultation: $0, bid: $1, keys: $2, sealedBy: $3, parts: seal.parts, documents: $4) }
            })
        }
        let wrong = [
            try changed { $1($0.consultation, identifier(0xb2), $0.keys, $0.sealedBy, $0.documents) },
            try changed { $1(identifier(0x5e), $0.bid, $0.keys, $0.sealedBy, $0.documents) },
            try changed { $1($0.consultation, $0.bid, digest(0x6c), $0.sealedBy, $0.documents) },
            try changed { $1($0.consultation, $0.bid, $0.keys, .bidder, $0.documents) },
            try changed { $1($0.consultation, $0.bid, $0.keys, $0.sealedBy, Array($0.documents.dropLast())) },
        ]
        for container in wrong { #expect(failures(try report(container)) == ["seal"]) }
    }

    // MARK: Lists

    private static func seal(_ seal: Seal, contents lists: [[UInt8]], documents: [Seal.Document]? = nil) -> Seal {
        Seal(
            consultation: seal.consultation, bid: seal.bid, keys: seal.keys, sealedBy: seal.sealedBy,
            parts: zip(seal.parts, lists).map {
                .init(part: $0.part, certificate: $0.certificate, manifest: $0.manifest, contents: Digest(of: $1))
            }, documents: documents ?? seal.documents)
    }

    private func listed(_ change: (Manifest) -> Manifest) throws -> ReceiptContainer {
        let list = try change(Manifest(canonical: Deposited().lists[0].bytes)).canonicalBytes
        return try forged(seal: { Self.seal($0, contents: [list]) }, lists: { [.init(path: $0[0].path, bytes: list)] })
    }

    private func manifest(
        _ made: Manifest, consultation: Identifier? = nil, depositor: Identifier? = nil, part: String? = nil,
        documents: [ManifestDocument]? = nil
    ) -> Manifest {
        Manifest(
            consultation: consultation ?? made.consultation, depositor: depositor ?? made.depositor, part: part ?? made.part,
            nonce: made.nonce, candidate: nil, documents: documents ?? made.documents)
    }

    @Test func aListOfAnotherDepositorConsultationOrPartFails() throws {
        #expect(failures(try report(listed { $0 })) == [])
        for container in [
            try listed { manifest($0, consultation: identifier(0x5e)) }, try listed { manifest($0, depositor: identifier(0xad)) },
            try listed { manifest($0, part: "application") }, try listed { manifest($0, documents: Array($0.documents.dropLast())) },
            try listed { made in
                manifest(
                    made,
                    documents: made.documents.map { .init(folder: $0.folder, name: $0.name, length: $0.length + 1, sha256: $0.sha256) })
            },
        ] {
            #expect(failures(try report(container)) == ["manifest"])
        }
    }

    /// One list that holds is not all of them: files are compared with none.
    @Test func whereOneListFailsNoFileIsCompared() throws {
        var change = Deposited.Change()
        change.parts = ["application", "offer"]
        let files = try Deposited(change).files
        #expect(failures(try report(forged(change), given: files)) == [])
        let container = try forged(change, lists: { [$0[0], .init(path: $0[1].path, bytes: $0[1].bytes + [0x20])] })
        #expect(failures(try report(container, given: [files[0]])) == ["manifest", "document"])
    }

    /// Two documents of the same content: each file is found under its own name.
    @Test func theNameIsFoundBeforeTheContent() throws {
        let file = try Deposited().files[0]
        let twins = ["one.pdf", "two.pdf"].map {
            ManifestDocument(folder: "offre", name: $0, length: file.length, sha256: file.sha256)
        }
        let list = try manifest(Manifest(canonical: Deposited().lists[0].bytes), documents: twins).canonicalBytes
        let container = try forged(
            seal: { seal in
                Self.seal(
                    seal, contents: [list],
                    documents: twins.map { .init(part: "offer", length: $0.length, headers: digest(0x63), segments: digest(0x64)) })
            }, lists: { [.init(path: $0[0].path, bytes: list)] })
        let given = ["two.pdf", "one.pdf"].map { ReceiptVerifier.Given(name: $0, length: file.length, sha256: file.sha256) }
        let report = try report(container, given: given)
        #expect(failures(report) == [] && outcomes("document", report) == [.holds, .holds])
    }

    // MARK: The log

    @Test func aProofThatBearsMoreThanIsSignedFails() throws {
        var container = try forged()
        container.proof = replacing(container.proof, "@v1\nindex", "@v1\nextra AAEC\nindex")
        #expect(failures(try report(container)) == ["log-proof"])
    }

    @Test func witnessesAreNamedAndStrangersToo() throws {
        let witness = try NoteSigner(name: "witness.example/w1", key: PrivateKey.generateEd25519(), kind: .cosignature)
        var container = try forged()
        let proof = try LogProof(container.proof)
        container.proof = try LogProof(
            index: proof.index, hashes: proof.hashes, note: witness.sign(proof.note, seconds: 1_700_000_000)).encoded
        let known = try report(container, keys: [LogKey.shared.verifier(), witness.verifier])
        #expect(failures(known) == [] && outcomes("witness", known) == [.holds])
        let unknown = try report(container)
        #expect(failures(unknown) == [] && outcomes("witness", unknown) == [.note])
        // A witness's word is none of the log's.
        #expect(failures(try report(container, keys: [witness.verifier])) == ["checkpoint"])
    }

    @Test(arguments: ["sceau/\(identifier(0x1b))/real/2", "sceau/\(Deposited.instance)/training/2", "sceau/\(Deposited.instance)/real/2x"])
    func aGenerationOfAnotherLogIsNotTheBids(origin: String) throws {
        let container = try forged(origin: origin)
        #expect(failures(try report(container, keys: [LogKey.shared.verifier(of: origin)])) == ["instance"])
    }

    /// Whoever is not trusted proves no time, however early.
    @Test func aTokenOfNobodyTrustedProvesNotThatItWasInTime() throws {
        var change = Deposited.Change()
        change.deadline = instant("2099-01-01T00:00:00.000Z")
        let container = try Deposited(change).stamped()
        #expect(outcomes("in-time", try report(container)) == [])
        #expect(outcomes("in-time", try report(container, trust: [StockAuthority.shared.certificate])) == [.holds])
    }

    // MARK: Bounds

    @Test func aContainerIsBounded() throws {
        #expect(throws: EvidenceError("it is longer than 64 MiB")) {
            try ReceiptContainer(parsing: [UInt8](repeating: 0, count: ReceiptContainer.longest + 1))
        }
        let made = try Deposited().container()
        func with(_ lists: Int) -> [UInt8] {
            var container = made
            let letters = Array("abcdefghi")
            container.lists = (0..<lists).map { .init(path: "manifest-\(letters[$0]).json", bytes: [1]) }
            return container.encoded()
        }
        #expect(try ReceiptContainer(parsing: with(SealingLimits.parts)).lists.count == SealingLimits.parts)
        #expect(throws: EvidenceError.self) { try ReceiptContainer(parsing: with(SealingLimits.parts + 1)) }
    }

    @Test func numbersAreGroupedAndQuotesEscaped() {
        let numbers: [(Int64, String)] = [
            (0, "0"), (999, "999"), (1000, "1\u{202F}000"), (20_000, "20\u{202F}000"), (1_234_567, "1\u{202F}234\u{202F}567"),
        ]
        for (number, text) in numbers { #expect(Markup.number(number) == text) }
        #expect(Markup.text("a\"b'c<d>&e") == "a&quot;b&#39;c&lt;d&gt;&amp;e")
    }
}
