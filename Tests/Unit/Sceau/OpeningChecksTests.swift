import Canonical
import Evidence
import Foundation
import Merkle
import OpenSSL
import Sealing
import Testing

@testable import Procurement
@testable import sceau

/// A closed consultation with two bids in time and a late one, as an honest daemon shows it; tests then make it lie.
private struct Case {
    static let id = try! Identifier("00112233445566778899aabbccddeeff")
    static let deadline = try! Instant(parsing: "2026-11-23T17:00:00.000Z")
    static let keys: (keySet: KeySet, capsules: [Capsule]) = {
        let members = (1...3).map { number in
            let key = try! PrivateKey.generateP256()
            let certificate = try! Certificate.selfSigned(
                key, commonName: "Member \(number)", usage: .member, notBefore: 0, notAfter: 4_000_000_000)
            return CommitteeMember(name: "Member \(number)", certificate: certificate)
        }
        let lock = try! PrivateKey.generateP256()
        let timeLock = try! Certificate.selfSigned(
            lock, commonName: "time lock", usage: .sealing, notBefore: 0, notAfter: 4_000_000_000)
        return try! Ceremony.make(
            consultation: id, notBefore: deadline, parts: ["offer"], members: members, k: 2, timeLock: timeLock,
            recovery: nil, now: deadline.advanced(bySeconds: -86_400))
    }()

    var fingerprint = Case.keys.keySet.fingerprint
    var k = 2
    var n = 3
    var log = Procurement.Log.real
    var consultation = Case.id
    var closedDeadline = Case.deadline
    /// The latest deadline that this tool has seen.
    var seen = Case.deadline
    var events: [Event]
    var listed: [Event]

    init() {
        events = [
            Case.bid(1, .onTime), Case.bid(2, .onTime), Case.bid(3, .late),
        ]
        listed = events
    }

    static func bid(_ number: Int, _ verdict: Verdict, nonce: UInt8 = 0) -> Event {
        let digest = Digest(of: [UInt8(number)])
        let submission = Submission(
            bid: identifier(number), seal: digest, keys: keys.keySet.fingerprint, sealedBy: .platform, intent: .unstated,
            documents: 1, started: deadline, firstByte: deadline,
            received: verdict == .late ? deadline.advanced(bySeconds: 1) : deadline, bidCode: digest, outcome: nil)
        return Event(
            log: .real, at: deadline, nonce: [UInt8](repeating: nonce, count: 16),
            fact: BidReceived(
                instance: identifier(0),
                subject: .init(
                    consultation: id, buyer: "b", reference: "r", title: "t", object: nil, timeZone: "Europe/Paris",
                    deadline: deadline, deadlineVersion: 1, limits: Limits(document: 1, bid: 1, documents: 1)),
                by: .init(
                    account: identifier(100 + number), name: "d", registration: nil, user: identifier(200 + number),
                    person: digest),
                submission: submission, verdict: verdict, recorded: deadline, clock: .sound, previous: nil))
    }

    static func identifier(_ number: Int) -> Identifier {
        try! Identifier(String(repeating: "0", count: 29) + String(1000 + number).suffix(3))
    }

    var dossier: Dossier {
        var pin = Pin(consultation: Case.id)
        pin.deadline = seen
        let json = """
            {"id":"\(Case.id.text)","reference":"r","title":"t","phase":"closed","training":false,"parts":["offer"],
             "deadline":"\(Case.deadline)","deadlineVersion":1,"buyer":"b","timeZone":"Europe/Paris"}
            """
        return Dossier(
            id: Case.id, view: try! JSONDecoder().decode(ConsultationView.self, from: Data(json.utf8)),
            keySet: Case.keys.keySet, capsules: Case.keys.capsules,
            committee: try! Committee(Case.keys.keySet, Case.keys.capsules),
            fingerprint: Case.keys.keySet.fingerprint, pin: pin)
    }

    var closing: [UInt8] {
        func entries(_ isLate: Bool) -> [ClosingStated.Entry] {
            events.enumerated().compactMap { index, event in
                let bid = event.fact as! BidReceived
                guard (bid.verdict == .late) == isLate else { return nil }
                return ClosingStated.Entry(
                    position: Int64(10 + index), leaf: Digest(of: [0] + event.canonicalBytes), bid: bid.bid)
            }
        }
        return Event(
            log: log, at: Case.deadline, nonce: [UInt8](repeating: 9, count: 16),
            fact: ClosingStated(
                consultation: consultation, deadlines: moved + [Deadline(closedDeadline, version: moved.count + 1)],
                keys: fingerprint, k: k, n: n, earlier: earlier, bids: [.onTime: entries(false), .late: entries(true)], drafts: 0,
                attempts: 0, outages: outages, size: 10, root: .zero)
        ).canonicalBytes
    }

    var earlier: [ClosingStated.KeySet] = []
    /// Earlier versions of the deadline.
    var moved: [Deadline] = []
    var outages: [Outage] = []
    var decisions: [any Fact] = []

    func view(_ bytes: [UInt8]? = nil, said: Digest? = nil) throws -> ClosingView {
        let bytes = bytes ?? closing
        let decided = decisions.map { fact in
            "\"" + Base64.encode(Event(log: log, at: Case.deadline, nonce: [UInt8](repeating: 8, count: 16), fact: fact).canonicalBytes) + "\""
        }
        let json = """
            {"statement":"\(Base64.encode(bytes))","digest":"\((said ?? Digest(of: bytes)).hex)","log":"real","position":13,
             "decisions":[\(decided.joined(separator: ","))],"refusals":0}
            """
        return try JSONDecoder().decode(ClosingView.self, from: Data(json.utf8))
    }

    func statement() throws -> ClosingStatement { try ClosingStatement(view(), dossier) }

    /// With a proof of `entry` by `signer`, as the only entry of its log.
    func statement(proving entry: [UInt8], by signer: borrowing NoteSigner) throws -> ClosingStatement {
        let checkpoint = Checkpoint(origin: signer.verifier.name, size: 1, root: MerkleTree.leaf(entry))
        let proof = try LogProof(index: 0, hashes: [], note: signer.sign(checkpoint.note()))
        let view = try view()
        let json = """
            {"statement":"\(Base64.encode(view.statement.bytes))","digest":"\(view.digest.hex)","log":"real","position":13,
             "decisions":[],"refusals":0,"proof":"\(Base64.encode(proof.encoded))"}
            """
        return try ClosingStatement(JSONDecoder().decode(ClosingView.self, from: Data(json.utf8)), dossier)
    }

    private func said(_ fact: any Fact) -> [UInt8] {
        Event(log: log, at: Case.deadline, nonce: [UInt8](repeating: 7, count: 16), fact: fact).canonicalBytes
    }

    /// The list as the daemon would answer it.
    func list(withheld: Set<Int> = [2], positions: [Int64]? = nil, changes: [Int: any Fact] = [:]) throws -> BidList {
        let views = listed.enumerated().map { index, event in
            let bid = event.fact as! BidReceived
            let place = events.firstIndex { ($0.fact as! BidReceived).bid == bid.bid } ?? index
            return """
                {"position":\(positions?[index] ?? Int64(10 + place)),"bid":"\(bid.bid.text)",
                 "event":"\(Base64.encode(event.canonicalBytes))","verdict":"\(bid.verdict.rawValue)",
                 \(changes[index].map { "\"changes\":[\"\(Base64.encode(said($0)))\"]," } ?? "")
                 "withheld":\(withheld.contains(index))}
                """
        }
        let view = try JSONDecoder().decode(BidsView.self, from: Data("{\"bids\":[\(views.joined(separator: ","))]}".utf8))
        return try BidList(view.bids, statement(), Case.id)
    }
}

/// The refusal that `body` ends with.
private func refusal(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        let error = error as? CommandError
        #expect(error?.outcome == .refused)
        return error?.message ?? "something else"
    }
}

@Suite struct ClosingStatementTests {
    @Test func anHonestOneIsTaken() throws {
        let statement = try Case().statement()
        #expect(statement.stated.count == 3)
        #expect(statement.digest == Digest(of: Case().closing))
    }

    @Test func oneThatDiffersFromWhatIsKnownIsRefused() {
        func message(_ change: (inout Case) -> Void) -> String {
            var lie = Case()
            change(&lie)
            return refusal { _ = try lie.statement() } ?? "taken"
        }
        #expect(message { $0.fingerprint = .zero }.contains("other keys"))
        #expect(message { $0.k = 1 }.contains("another quorum"))
        #expect(message { $0.n = 2 }.contains("another quorum"))
        #expect(message { $0.log = .training }.contains("another log"))
        #expect(message { $0.consultation = Case.identifier(1) }.contains("another consultation"))
        #expect(message { $0.closedDeadline = Case.deadline.advanced(bySeconds: -1) }.contains("the deadline"))
        #expect(message { $0.closedDeadline = Case.deadline.advanced(bySeconds: 1) }.contains("the deadline"))
        #expect(message { $0.seen = Case.deadline.advanced(bySeconds: 3600) }.contains("this tool has seen"))
        #expect(message { $0.events.append($0.events[0]) }.contains("malformed"))
        // A version more that nobody decided, one decided otherwise, and one that the statement does not have.
        let earlier = Case.deadline.advanced(bySeconds: -60)
        func extended(_ to: Instant, _ version: Int) -> DeadlineExtended {
            DeadlineExtended(consultation: Case.id, user: Case.identifier(9), deadline: to, deadlineVersion: version)
        }
        #expect(message { $0.moved = [Deadline(earlier, version: 1)] }.contains("those that the buyer decided"))
        #expect(
            message {
                $0.moved = [Deadline(earlier, version: 1)]
                $0.decisions = [extended(earlier, 2)]
            }.contains("those that the buyer decided"))
        #expect(message { $0.decisions = [extended(Case.deadline, 2)] }.contains("those that the buyer decided"))
        #expect(message { $0.decisions = [LogOpened(instance: Case.id)] }.contains("is none"))
    }

    /// Each set but the first by a decision of the buyer, in place of the one before; the tool's own is any of them.
    @Test func keysThatWereAddedAreThoseThatTheBuyerDecided() throws {
        let other = Digest(of: [42])
        let own = Case.keys.keySet.fingerprint
        func added(_ fingerprint: Digest, for replaces: Digest, of id: Identifier = Case.id) -> KeysAdded {
            KeysAdded(consultation: id, user: Case.identifier(9), fingerprint: fingerprint, replaces: replaces, grounds: "A theft.")
        }
        var earlier = Case()
        (earlier.fingerprint, earlier.k, earlier.n) = (other, 5, 7)
        earlier.earlier = [.init(keys: own, k: 2, n: 3)]
        earlier.decisions = [added(other, for: own)]
        #expect(try earlier.statement().decisions.map(\.grounds) == ["\(other.hex): A theft."])
        var later = Case()
        later.earlier = [.init(keys: other, k: 5, n: 7)]
        later.decisions = [added(own, for: other)]
        #expect(try later.statement().decisions.map(\.type) == ["keys-added"])
        let lies: [(inout Case) -> Void] = [
            { $0.decisions = [] }, { $0.decisions = [added(other, for: own)] }, { $0.decisions.append(added(own, for: own)) },
            { $0.earlier.append(.init(keys: Digest(of: [43]), k: 1, n: 1)) }, { $0.earlier = [] },
        ]
        for lie in lies {
            var lying = later
            lie(&lying)
            #expect(refusal { _ = try lying.statement() }?.contains("key sets of the closing statement") == true)
        }
        later.decisions = [added(own, for: other, of: Case.identifier(1))]
        #expect(refusal { _ = try later.statement() }?.contains("is none") == true)
        earlier.earlier = [.init(keys: own, k: 1, n: 3)]
        #expect(refusal { _ = try earlier.statement() }?.contains("another quorum") == true)
    }

    @Test func anExtensionAndAReopeningAreTaken() throws {
        var honest = Case()
        honest.moved = [
            Deadline(Case.deadline.advanced(bySeconds: -60), version: 1), Deadline(Case.deadline.advanced(bySeconds: -30), version: 2),
        ]
        honest.decisions = [
            DeadlineExtended(
                consultation: Case.id, user: Case.identifier(9), deadline: honest.moved[1].instant, deadlineVersion: 2),
            Reopened(
                consultation: Case.id, user: Case.identifier(9), deadline: Case.deadline, deadlineVersion: 3,
                grounds: "A fault.", voids: []),
        ]
        #expect(try honest.statement().decisions.map(\.type) == ["deadline-extended", "reopened"])
    }

    @Test func anOutageOverTheDeadlineAsksForAWaiverOfThisStatement() throws {
        var held = Case()
        held.outages = [Outage(from: Case.deadline, to: Case.deadline.advanced(bySeconds: 2), cause: Outage.down)]
        #expect(refusal { _ = try held.statement() }?.contains("neither reopened nor waived") == true)
        func waiver(of statement: Digest) -> HoldWaived {
            HoldWaived(consultation: Case.id, user: Case.identifier(9), statement: statement, grounds: "Nobody.")
        }
        held.decisions = [waiver(of: .zero)]
        #expect(refusal { _ = try held.statement() }?.contains("neither reopened nor waived") == true)
        held.decisions = [waiver(of: Digest(of: held.closing))]
        #expect(try held.statement().decisions.map(\.grounds) == ["Nobody."])
    }

    @Test func aProofIsHeldAgainstTheKeysThatThePersonBrought() throws {
        let honest = Case()
        let signer = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        let other = try NoteSigner(name: "sceau/example/real", key: PrivateKey.generateEd25519())
        let training = try NoteSigner(name: "sceau/example/training", key: PrivateKey.generateEd25519())
        let file = NSTemporaryDirectory() + "/log-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "# the log\n\(signer.verifier)\n\(training.verifier)\n".write(toFile: file, atomically: true, encoding: .utf8)
        let proof = try ClosingProof(file)
        try proof.check(honest.statement(proving: honest.closing, by: signer))
        func message(_ statement: ClosingStatement) -> String { refusal { try proof.check(statement) } ?? "taken" }
        #expect(message(try honest.statement()).contains("gives no proof"))
        #expect(message(try honest.statement(proving: Array("x".utf8), by: signer)).contains("not proven"))
        #expect(message(try honest.statement(proving: honest.closing, by: other)).contains("not proven"))
        #expect(message(try honest.statement(proving: honest.closing, by: training)).contains("another log"))
    }

    @Test func otherBytesAreRefused() {
        let honest = Case()
        let bid = honest.events[0].canonicalBytes
        #expect(refusal { _ = try ClosingStatement(honest.view(said: .zero), honest.dossier) } != nil)
        #expect(refusal { _ = try ClosingStatement(honest.view(bid), honest.dossier) }?.contains("another event") == true)
        let spaced = honest.closing + [0x0A]
        #expect(refusal { _ = try ClosingStatement(honest.view(spaced), honest.dossier) }?.contains("malformed") == true)
    }
}

@Suite struct BidListTests {
    @Test func theHonestListIsTakenInLogOrder() throws {
        var honest = Case()
        honest.listed.reverse()
        let list = try honest.list(withheld: [0])
        #expect(list.bids.map(\.event.bid) == (1...3).map(Case.identifier))
        #expect(list.bids.map(\.verdict) == [.onTime, .onTime, .late])
    }

    @Test func aBidThatCameLateAfterTheClosingIsListed() throws {
        var honest = Case()
        honest.listed.append(Case.bid(4, .late))
        #expect(try honest.list(withheld: [2, 3]).bids.count == 4)
    }

    @Test func aLateBidIsOpenedOnTheBuyersDecisionAlone() throws {
        func decision(on bid: Int, in consultation: Identifier = Case.id) -> LateBidAdmitted {
            LateBidAdmitted(
                consultation: consultation, bid: Case.identifier(bid), user: Case.identifier(9), ground: .courtOrder, grounds: "x")
        }
        let list = try Case().list(withheld: [], changes: [2: decision(on: 3)])
        #expect(list.bids.map(\.isAdmitted) == [false, false, true] && list.bids[2].verdict == .late)
        #expect(list.reconciliation.toOpen == Set((1...3).map(Case.identifier)))
        // Another bid's decision, another consultation's, and one about a bid that was in time.
        for lie in [[2: decision(on: 1)], [2: decision(on: 3, in: Case.identifier(9))], [0: decision(on: 1)]] {
            #expect(refusal { _ = try Case().list(withheld: [], changes: lie) } != nil)
        }
        var honest = Case()
        honest.decisions = [decision(on: 3)]
        #expect(try honest.statement().decisions.map(\.type) == ["late-bid-admitted"])
        honest.decisions = [decision(on: 3, in: Case.identifier(9))]
        #expect(refusal { _ = try honest.statement() }?.contains("is none") == true)
    }

    @Test func anyOtherListIsRefused() {
        func message(
            withheld: Set<Int> = [2], positions: [Int64]? = nil, _ change: (inout Case) -> Void = { _ in }
        ) -> String {
            var lie = Case()
            change(&lie)
            return refusal { _ = try lie.list(withheld: withheld, positions: positions) } ?? "taken"
        }
        // Left out, added, shown twice, exchanged for another event, at another place.
        #expect(message { $0.listed.remove(at: 1) }.contains("is missing"))
        #expect(message { $0.listed.remove(at: 2) }.contains("is missing"))
        #expect(message { $0.listed.append(Case.bid(4, .onTime)) }.contains("not in the closing statement"))
        #expect(message(withheld: [2]) { $0.listed.append(Case.bid(4, .late)) }.contains("is not withheld"))
        #expect(message { $0.listed.append($0.listed[0]) }.contains("twice"))
        #expect(message { $0.listed[0] = Case.bid(1, .onTime, nonce: 1) }.contains("differs"))
        #expect(message { $0.listed[0] = Case.bid(1, .late) }.contains("differs"))
        #expect(message(positions: [11, 10, 12]).contains("differs"))
    }
}
