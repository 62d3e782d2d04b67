import Canonical
import Merkle
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Evidence

/// Each file beside a closing statement is held against every word of it that concerns the file.
@Suite("What is given beside a closing statement")
final class ClosingEvidenceTests {
    private let statement = event(Sitting.statement())
    private let key: PrivateKey
    private let certificate: Certificate

    init() throws {
        key = try PrivateKey.generateP256()
        certificate = try Certificate.selfSigned(
            key, commonName: "Claire", usage: .sealing, notBefore: 0, notAfter: 4_102_444_800)
    }

    private static func event(_ fact: any Fact, log: Log = .real) -> [UInt8] {
        Event(log: log, at: Sitting.instant("12:00:02.000"), nonce: [UInt8](repeating: 5, count: 16), fact: fact).canonicalBytes
    }

    private func report(_ given: [[UInt8]], on bytes: [UInt8]? = nil, keys: [VerifierKey] = []) -> Report {
        ClosingVerifier(keys: keys, takesTraining: false).report(
            on: bytes ?? statement, given: given.enumerated().map { .init(name: "file\($0.offset)", bytes: $0.element) })
    }

    private func failures(_ report: Report) -> [String] {
        report.checks.filter { $0.outcome == .fails }.map(\.name)
    }

    private func outcome(_ name: String, _ report: Report) -> [Check.Outcome] {
        report.checks.filter { $0.name == name }.map(\.outcome)
    }

    private func replacing(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(old))
        return Array(text.replacing(old, with: new).utf8)
    }

    // MARK: Leaves and lines

    @Test func aLeafOfAnotherConsultationOrLogIsNoEvidence() throws {
        let leaf = Sitting.events[0]
        let elsewhere = replacing(
            leaf.canonicalBytes, "\"consultation\":\"\(Sitting.consultation)\"", "\"consultation\":\"\(Sitting.id(0xc1))\"")
        #expect(try Event(canonical: elsewhere).fact is BidReceived)
        #expect(failures(report([elsewhere])) == ["file"])
        let training = Event(log: .training, at: leaf.at, nonce: leaf.nonce, fact: leaf.fact).canonicalBytes
        #expect(failures(report([training])) == ["file"])
        let line = BidJudged(
            consultation: Sitting.consultation, bid: Sitting.id(3), verdict: .onTime, deadlineVersion: 1,
            statement: Digest(of: statement))
        #expect(failures(report([Self.event(line)])) == [])
        #expect(failures(report([Self.event(line, log: .training)])) == ["file"])
    }

    @Test func aLineUnderAnotherDeadlineDoesNotHold() {
        let line = BidJudged(
            consultation: Sitting.consultation, bid: Sitting.id(3), verdict: .onTime, deadlineVersion: 2,
            statement: Digest(of: statement))
        #expect(failures(report([Self.event(line)])) == ["line"])
    }

    /// However they are given: the log's order is by position.
    @Test func leavesAreReadInTheOrderOfTheLog() {
        let given = report(Sitting.events.prefix(4).reversed().map(\.canonicalBytes))
        #expect(failures(given) == [] && outcome("instants", given) == [.holds])
    }

    @Test func whatALeafSaysOfItsVerdict() {
        #expect(outcome("verdict", report([Sitting.events[1].canonicalBytes])) == [.holds])
        // Its own verdict waits for a clock: another event gives it.
        #expect(outcome("verdict", report([Sitting.events[4].canonicalBytes])) == [.note])
        // Whoever withdrew is not judged by the clock.
        let withdrawn = Sitting.statement([
            .onTime: [Sitting.entry(2), Sitting.entry(3), Sitting.entry(5)], .withdrawn: [Sitting.entry(1), Sitting.entry(4)],
        ])
        let given = report([0, 3].map { Sitting.events[$0].canonicalBytes }, on: Self.event(withdrawn))
        #expect(outcome("verdict", given) == [.holds, .holds])
        let late = Sitting.event(6, by: 0xb6, received: "12:30:00.000").canonicalBytes
        #expect(outcome("listed", report([late])) == [.note])
    }

    // MARK: Minutes

    private func signed(_ object: some CanonicalObject) throws -> [UInt8] {
        try Signed.make(object, key: key, certificate: certificate).canonicalBytes
    }

    private func minutes(
        _ summary: ClosingStated = Sitting.statement(), consultation: Identifier = Sitting.consultation,
        keys: Digest = Sitting.digest(0xf1), _ change: (inout [MinutesBid]) -> Void = { _ in }
    ) throws -> OpeningMinutes {
        let made = try Sitting.minutes(change)
        let (subject, session) = (made.subject, made.session)
        return OpeningMinutes(
            subject: .init(
                consultation: consultation, buyer: subject.buyer, reference: subject.reference, title: subject.title, object: nil,
                timeZone: subject.timeZone),
            session: .init(
                opening: session.opening, digest: session.digest, log: .real, parts: session.parts, announcer: 1, fingerprint: keys,
                k: 2, n: 3, announced: session.announced, released: session.released, concluded: session.concluded),
            statement: StatementSummary(summary, digest: Digest(of: statement), position: 21), members: made.members,
            wrongShares: [], refusals: 0, decisions: [], reconciled: made.reconciled, bids: made.bids)
    }

    @Test func minutesThatSaySomethingElseDoNotHold() throws {
        let good = report([try signed(minutes())])
        #expect(good.isGood && outcome("minutes", good) == [.holds] && outcome("signature", good) == [.holds])
        let others: [OpeningMinutes] = [
            try minutes(Sitting.statement([.onTime: [Sitting.entry(2)]])), try minutes(consultation: Sitting.id(0xc1)),
            try minutes(keys: Sitting.digest(0xf2)),
        ]
        for other in others {
            let report = report([try signed(other)])
            #expect(failures(report) == ["minutes"] && report.text.contains("another statement, consultation or key set"))
        }
    }

    private func judged(_ index: Int, _ verdict: ClosingVerdict) throws -> OpeningMinutes {
        try minutes { bids in
            guard let event = Sitting.events[index].fact as? BidReceived else { return }
            bids[index] = MinutesBid(
                event, position: bids[index].position, verdict: verdict, result: .opened, cause: nil, candidate: nil, documents: [])
        }
    }

    @Test func aBidJudgedOtherwiseInTheMinutesIsNamed() throws {
        let report = report([try signed(judged(1, .replaced))])
        #expect(failures(report) == ["minutes"])
        #expect(report.text.contains("bid \(Sitting.id(2)) is replaced there, on-time in the statement"))
    }

    /// What the statement does not have came after it: it is late.
    @Test func aBidThatTheStatementDoesNotHaveIsLateInTheMinutes() throws {
        func with(_ verdict: ClosingVerdict) throws -> [UInt8] {
            let bid = Sitting.event(6, by: 0xb6, received: "12:30:00.000")
            return try signed(
                minutes { bids in
                    guard let event = bid.fact as? BidReceived else { return }
                    bids.append(
                        MinutesBid(
                            event, position: 30, verdict: verdict, result: .withheld, cause: "late", candidate: nil, documents: []))
                })
        }
        #expect(failures(report([try with(.late)])) == [])
        let report = report([try with(.withdrawn)])
        #expect(failures(report) == ["minutes"] && report.text.contains("withdrawn there, unlisted in the statement"))
    }

    @Test func aLateBidLeftOutOfTheMinutesIsNamed() throws {
        let report = report([try signed(minutes { $0.remove(at: 3) })])
        #expect(failures(report) == ["minutes"] && report.text.contains("a bid of the statement is missing"))
    }

    @Test func anExtractIsHeldAgainstItsMinutes() throws {
        let full = try minutes()
        let extract = MinutesExtract(of: full)
        let good = report([try signed(full), try signed(extract)])
        #expect(good.isGood && outcome("signature", good) == [.holds, .holds])
        // Signed by the same hand, of the same minutes, with one more refusal than they have.
        let other = try MinutesExtract(canonical: replacing(extract.canonicalBytes, "\"refusals\":0", "\"refusals\":1"))
        #expect(failures(report([try signed(full), try signed(other)])) == ["extract"])
        #expect(outcome("extract", report([try signed(extract)])) == [.note])
        // Other minutes than the ones that it quotes.
        let stranger = try minutes { $0[0] = $0[0] }
        #expect(outcome("extract", report([try signed(stranger), try signed(MinutesExtract(of: Sitting.minutes()))])) == [.note])
    }

    // MARK: Proofs

    private func proof(of bytes: [UInt8], origin: String, _ signer: borrowing NoteSigner) throws -> [UInt8] {
        try LogProof(
            index: 0, hashes: [],
            note: signer.sign(Checkpoint(origin: origin, size: 1, root: MerkleTree.leaf(bytes)).note())).encoded
    }

    @Test func aLeafIsProvedToo() throws {
        let origin = "sceau/\(Sitting.id(0x1a))/real"
        let signer = try NoteSigner(name: origin, key: PrivateKey.generateEd25519())
        let leaf = Sitting.events[1].canonicalBytes
        let report = report([try proof(of: leaf, origin: origin, signer), leaf], keys: [signer.verifier])
        #expect(report.isGood && outcome("log-proof", report) == [.holds, .operatorsWord])
        #expect(report.text.contains("bid \(Sitting.id(2)) is in the log of \(origin)"))
    }

    /// An origin of too few words is another log's, and no end of the program.
    @Test(arguments: ["a", "a/b", "real", "/real", "a/b/training"])
    func anotherLogProvesNothing(origin: String) throws {
        let signer = try NoteSigner(name: origin, key: PrivateKey.generateEd25519())
        #expect(failures(report([try proof(of: statement, origin: origin, signer)], keys: [signer.verifier])) == ["log-proof"])
    }
}
