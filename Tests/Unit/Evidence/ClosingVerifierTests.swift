import Canonical
import Merkle
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Evidence

@Suite("A closing statement, verified offline")
final class ClosingVerifierTests {
    private let statement: [UInt8]
    private let digest: Digest
    private let key: PrivateKey
    private let certificate: Certificate

    init() throws {
        statement = Self.event(Sitting.statement())
        digest = Digest(of: statement)
        key = try PrivateKey.generateP256()
        certificate = try Certificate.selfSigned(
            key, commonName: "Claire", usage: .sealing, notBefore: 0, notAfter: 4_102_444_800)
    }

    private static func event(_ fact: any Fact, at time: String = "12:00:02.000", log: Log = .real) -> [UInt8] {
        Event(log: log, at: Sitting.instant(time), nonce: [UInt8](repeating: 5, count: 16), fact: fact).canonicalBytes
    }

    private func report(
        _ given: [[UInt8]] = [], on bytes: [UInt8]? = nil, keys: [VerifierKey] = [], trust: [Certificate] = [],
        takesTraining: Bool = false
    ) -> Report {
        ClosingVerifier(keys: keys, trust: trust, takesTraining: takesTraining).report(
            on: bytes ?? statement, given: given.enumerated().map { .init(name: "file\($0.offset)", bytes: $0.element) })
    }

    private func failures(_ report: Report) -> [String] {
        report.checks.filter { $0.outcome == .fails }.map(\.name)
    }

    private func outcome(_ name: String, _ report: Report) -> [Check.Outcome] {
        report.checks.filter { $0.name == name }.map(\.outcome)
    }

    private func signed(_ object: some CanonicalObject) throws -> [UInt8] {
        try Signed.make(object, key: key, certificate: certificate).canonicalBytes
    }

    private func line(_ verdict: ClosingVerdict, of statement: Digest? = nil) -> [UInt8] {
        Self.event(
            BidJudged(
                consultation: Sitting.consultation, bid: Sitting.id(3), verdict: verdict, deadlineVersion: 1,
                statement: statement ?? digest))
    }

    /// With the true digest of this statement.
    private func minutes(_ change: (inout [MinutesBid]) -> Void = { _ in }) throws -> OpeningMinutes {
        let made = try Sitting.minutes(change)
        return OpeningMinutes(
            subject: made.subject, session: made.session,
            statement: StatementSummary(Sitting.statement(), digest: digest, position: 21), members: made.members,
            wrongShares: [], refusals: 0, decisions: [], reconciled: made.reconciled, bids: made.bids)
    }

    @Test func aloneItRestsOnTheOperator() {
        let report = report()
        #expect(report.isGood && outcome("log-proof", report) == [.operatorsWord])
        #expect(outcome("time", report) == [.operatorsWord])
        #expect(report.text.contains("3 on-time, 1 replaced, 1 late"))
    }

    @Test func whatIsNoClosingIsSaidSo() {
        for bytes in [Array("{}".utf8), statement + [0x0a], Sitting.events[0].canonicalBytes] {
            #expect(failures(report(on: bytes)) == ["statement"])
        }
        let training = Self.event(Sitting.statement(), log: .training)
        #expect(failures(report(on: training)) == ["log"])
        #expect(report(on: training, takesTraining: true).isGood)
        #expect(failures(report(on: Self.event(Sitting.statement(), at: "12:00:00.999"))) == ["deadline"])
    }

    @Test func leavesAreHeldAgainstIt() {
        let good = report(Sitting.events.map(\.canonicalBytes))
        // The fifth came before those with lower positions: the log's own order is what its instants contradict.
        #expect(outcome("listed", good) == [.holds, .holds, .holds, .holds, .holds])
        #expect(failures(good) == ["instants"])
        #expect(failures(report(Sitting.events.prefix(4).map(\.canonicalBytes))) == [])
        #expect(failures(report([Sitting.event(1, by: 0xb9).canonicalBytes])) == ["listed"])
        #expect(failures(report([Sitting.event(6, by: 0xb6).canonicalBytes])) == ["listed"])
        #expect(failures(report([Sitting.event(6, by: 0xb6, received: "12:30:00.000").canonicalBytes])) == [])
        let lie = Sitting.statement([.onTime: [Sitting.entry(3), Sitting.entry(5)], .replaced: [Sitting.entry(1)], .late: [Sitting.entry(2), Sitting.entry(4)]])
        #expect(failures(report([Sitting.events[1].canonicalBytes], on: Self.event(lie))) == ["verdict"])
    }

    @Test func whatWasRecordedLongAfterRestsOnTheOperator() {
        let leaf = Event(
            log: .real, at: Sitting.instant("11:00:05.001"), nonce: [UInt8](repeating: 1, count: 16), fact: Sitting.events[0].fact)
        let soon = Event(
            log: .real, at: Sitting.instant("11:00:05.000"), nonce: [UInt8](repeating: 1, count: 16), fact: Sitting.events[0].fact)
        #expect(outcome("received", LeafInstants.checks([(1, leaf)], of: "log")) == [.operatorsWord])
        #expect(LeafInstants.checks([(1, soon)], of: "log").checks.isEmpty)
        #expect(failures(LeafInstants.checks([(1, leaf), (2, soon)], of: "log")) == ["instants"])
        #expect(outcome("instants", LeafInstants.checks([(1, soon), (2, leaf)], of: "log")) == [.holds])
    }

    @Test func aBiddersLine() {
        #expect(outcome("line", report([line(.onTime)])) == [.holds])
        #expect(outcome("line", report([line(.late)])) == [.fails])
        #expect(outcome("line", report([line(.onTime, of: .zero)])) == [.fails])
    }

    @Test func minutesAndTheirExtract() throws {
        let full = try minutes()
        let good = report([try signed(full), try signed(MinutesExtract(of: full))])
        #expect(good.isGood && outcome("minutes", good) == [.holds] && outcome("extract", good) == [.holds])
        #expect(failures(report([try signed(try Sitting.minutes())])) == ["minutes"], "of another statement")
        #expect(failures(report([try signed(try minutes { $0.removeLast() })])) == ["minutes"])
        #expect(failures(report([try signed(try minutes { $0.remove(at: 3) })])) == ["minutes"])
        #expect(failures(report([try signed(try minutes { $0.swapAt(0, 1) })])) == ["minutes"])
        // A signature that is another's.
        let others = try Signed(canonical: signed(full))
        let other = try Signed(canonical: signed(try minutes { $0.removeLast() }))
        let forged = Signed(object: other.object, certificate: others.certificate, signature: others.signature)
        #expect(failures(report([forged.canonicalBytes])) == ["signature"])
    }

    @Test func aProofOfTheLog() throws {
        func proof(of bytes: [UInt8], log: String = "real", _ signer: borrowing NoteSigner) throws -> [UInt8] {
            let checkpoint = Checkpoint(origin: "sceau/\(Sitting.id(0x1a))/\(log)", size: 1, root: MerkleTree.leaf(bytes))
            return try LogProof(index: 0, hashes: [], note: signer.sign(checkpoint.note())).encoded
        }
        let signer = try NoteSigner(name: "sceau/\(Sitting.id(0x1a))/real", key: PrivateKey.generateEd25519())
        let good = report([try proof(of: statement, signer)], keys: [signer.verifier])
        #expect(good.isGood && outcome("log-proof", good) == [.holds])
        #expect(failures(report([try proof(of: statement, signer)])) == ["log-proof"], "no key is known")
        #expect(failures(report([try proof(of: Array("x".utf8), signer)], keys: [signer.verifier])) == ["log-proof"])
        let ofLine = report([try proof(of: line(.onTime), signer), line(.onTime)], keys: [signer.verifier])
        #expect(outcome("log-proof", ofLine) == [.holds, .operatorsWord])
        let training = try NoteSigner(name: "sceau/\(Sitting.id(0x1a))/training", key: PrivateKey.generateEd25519())
        #expect(failures(report([try proof(of: statement, log: "training", training)], keys: [training.verifier])) == ["log-proof"])
    }

    // MARK: Time

    @Test func aTimestampOfItIsJudged() throws {
        let notary = try Notary("Notary, sceau/\(Sitting.id(0x77))")
        let stamped = report([try notary.token(digest)], trust: [notary.ca])
        #expect(stamped.isGood && outcome("timestamp", stamped) == [.holds] && outcome("time", stamped) == [.holds])
        let alone = report([try notary.token(digest)])
        #expect(alone.isGood && outcome("timestamp", alone) == [.operatorsWord] && outcome("time", alone) == [.operatorsWord])
        let other = report([try notary.token(Digest(of: [7]))], trust: [notary.ca])
        #expect(failures(other) == ["timestamp"] && outcome("time", other) == [.operatorsWord])
        #expect(try failures(report([notary.token(digest)], trust: [Notary("Other").ca])) == ["timestamp"])
        #expect(failures(report([[0x30, 0x00]])) == ["timestamp"])
        // By the platform's own, which a log's origin tells apart.
        let own = try Notary("Agglomération, sceau/\(Sitting.id(0x1a))")
        let signer = try NoteSigner(name: "sceau/\(Sitting.id(0x1a))/real", key: PrivateKey.generateEd25519())
        let witness = try NoteSigner(name: "witness.example", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let mine = report([try own.token(digest), try proof(of: statement, signer, seenBy: witness)], keys: [signer.verifier], trust: [own.ca])
        #expect(mine.isGood && outcome("time", mine) == [.operatorsWord])
    }

    @Test func aWitnessVouchesForTheTime() throws {
        let signer = try NoteSigner(name: "sceau/\(Sitting.id(0x1a))/real", key: PrivateKey.generateEd25519())
        let witness = try NoteSigner(name: "witness.example", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let cosigned = try proof(of: statement, signer, seenBy: witness)
        let seen = report([cosigned], keys: [signer.verifier, witness.verifier])
        #expect(seen.isGood && outcome("time", seen) == [.holds], "\(seen.text)")
        #expect(outcome("time", report([cosigned], keys: [signer.verifier])) == [.operatorsWord])
    }

    private func proof(of bytes: [UInt8], _ signer: borrowing NoteSigner, seenBy witness: borrowing NoteSigner) throws -> [UInt8] {
        let checkpoint = Checkpoint(origin: signer.verifier.name, size: 1, root: MerkleTree.leaf(bytes))
        let note = try witness.sign(signer.sign(checkpoint.note()), seconds: 1_795_453_300)
        return try LogProof(index: 0, hashes: [], note: note).encoded
    }

    /// Bytes of the statement and of each kind of file that it is held against, one in a few, turned, with the proofs beside them.
    @Test func noChangedByteGoesUnnoticed() throws {
        let signer = try NoteSigner(name: "sceau/\(Sitting.id(0x1a))/real", key: PrivateKey.generateEd25519())
        let witness = try NoteSigner(name: "witness.example", key: PrivateKey.generateEd25519(), kind: .cosignature)
        let notary = try Notary("Notary, sceau/\(Sitting.id(0x77))")
        let line = line(.onTime)
        let keys = [signer.verifier, witness.verifier]
        let files = [
            statement, try proof(of: statement, signer, seenBy: witness), line, try proof(of: line, signer, seenBy: witness),
            try signed(minutes()), try signed(MinutesExtract(of: minutes())), try notary.token(digest),
        ]
        func found(_ files: [[UInt8]]) -> Report { report(Array(files.dropFirst()), on: files[0], keys: keys, trust: [notary.ca]) }
        let whole = found(files)
        #expect(whole.isGood, "\(whole.text)")
        var count = 0
        for (number, file) in files.enumerated() {
            // Whose certificate it is that lies beside a signature, the key set says; nothing in the file does.
            let certificate = file.firstRange(of: Array("\"certificate\":\"".utf8)).map { start in
                start.upperBound..<(file[start.upperBound...].firstIndex(of: UInt8(ascii: "\"")) ?? file.count)
            }
            for index in stride(from: number % 3, to: file.count, by: number == 4 || number == 5 ? 7 : 3) where certificate?.contains(index) != true {
                var changed = files
                changed[number][index] ^= 1 << (index % 8)
                let report = found(changed)
                // A witness's signature that is no more one of a known key vouches for nothing, and a line says so.
                let isNoticed = !report.isGood || report.checks.contains { $0.name == "witness" && $0.outcome == .note }
                #expect(isNoticed, "byte \(index) of file \(number)")
                count += 1
            }
        }
        #expect(count > 1000)
    }

    // MARK: Receipts

    /// A closing that lists a bid for which there is a receipt, and the receipt in several states.
    @Test func aReceiptIsHeldAgainstIt() throws {
        let deposited = try Deposited()
        let bid = try #require(try Event(canonical: deposited.leaf).fact as? BidReceived)
        func closing(leaf: Digest? = nil, as verdict: ClosingVerdict = .onTime, lists: Bool = true) -> [UInt8] {
            let entry = ClosingStated.Entry(position: 4, leaf: leaf ?? MerkleTree.leaf(deposited.leaf), bid: bid.bid)
            let fact = ClosingStated(
                consultation: bid.consultation, deadlines: [Deadline(Deposited.deadline, version: 1)], keys: bid.keys, k: 2, n: 3,
                bids: lists ? [verdict: [entry]] : [:], drafts: 0, attempts: 0, outages: [], size: 7, root: Digest(of: [1]))
            return Self.event(fact)
        }
        let keys = [try LogKey.shared.verifier()]
        let receipt = try deposited.container().encoded()
        let good = report([receipt], on: closing(), keys: keys)
        #expect(good.isGood && outcome("listed", good) == [.holds] && outcome("verdict", good) == [.holds], "\(good.text)")
        // The receipt's own chain is checked, and each line names its file.
        #expect(good.text.contains("holds: checkpoint: file0: receipt.tlog-proof: leaf 4 of 7"))
        #expect(failures(report([receipt], on: closing())) == ["checkpoint"])
        // What an operator could do to a bid of which somebody has the receipt.
        #expect(failures(report([receipt], on: closing(lists: false), keys: keys)) == ["listed"])
        #expect(failures(report([receipt], on: closing(leaf: Digest(of: [9])), keys: keys)) == ["listed"])
        #expect(failures(report([receipt], on: closing(as: .late), keys: keys)) == ["verdict"])
        #expect(failures(report([receipt], keys: keys)) == ["file"], "of another consultation")
        var altered = receipt
        altered[altered.count / 2] ^= 1
        #expect(failures(report([altered], on: closing(), keys: keys)) == ["container"])
        // Several at once: of two bids, one is not listed.
        var change = Deposited.Change()
        change.bid = identifier(0xb2)
        let second = try Deposited(change).container().encoded()
        let both = report([receipt, second], on: closing(), keys: keys)
        #expect(failures(both) == ["listed"] && both.text.contains("bid \(identifier(0xb2)) (file1)"))
    }

    @Test func whatBelongsElsewhereIsNamed() throws {
        let other = Self.event(
            BidJudged(consultation: Sitting.id(9), bid: Sitting.id(3), verdict: .onTime, deadlineVersion: 1, statement: digest))
        #expect(failures(report([other])) == ["file"])
        #expect(failures(report([Array("%PDF".utf8)])) == ["file"])
    }
}
