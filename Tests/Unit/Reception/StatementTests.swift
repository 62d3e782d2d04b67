import Canonical
import Merkle
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

@Suite("The closing statement: when, held by what, read by whom")
struct StatementTests {
    private let house: House
    private let id: Identifier
    private let committee: Committee

    init() throws {
        house = try House(isJudged: true)
        (id, committee) = try house.published()
        house.vault.tend()
    }

    private func statement() throws -> ClosingStated {
        try #require(try Event(canonical: house.vault.statement(of: id, for: house.buyer.principal).bytes).fact as? ClosingStated)
    }

    private func announcement() throws -> [UInt8] {
        let session = try OpeningSession(now: Dial.instant("12:00:01.000"))
        let view = try house.vault.statement(of: id, for: house.opener.principal)
        return try Members.all[0].member().announce(
            committee, fingerprint: committee.fingerprint, log: "training", deadline: statement().deadline.instant,
            closing: view.digest, session: session.certificate
        ).canonicalBytes
    }

    private func refusalOfAnnouncing() throws -> Refusal.Kind? {
        let signed = try announcement()
        return refusal { try house.vault.announce(id, by: house.opener.principal, signed: signed) }
    }

    private func line(_ bid: Identifier, for user: House.User) throws -> BidJudged? {
        try Event(canonical: house.vault.line(of: bid, for: user.principal).bytes).fact as? BidJudged
    }

    /// Received a second before the deadline, and on its way when that passes.
    @Test func whatWasReceivedInTimeAndRecordedAfterIsInIt() throws {
        house.dial.turn(to: "11:59:59.000")
        let ticket = house.vault.pending.enter(id)
        house.dial.turn(to: "12:00:30.000")
        house.vault.tend()
        #expect(refusal { try house.vault.statement(of: id, for: house.buyer.principal) } == .notYet)
        // Its bid is recorded now, by the instant that the ticket fixed.
        let consultation = try house.vault.consultation(id, for: nil).consultation
        let submission = Submission(
            bid: identifier(0xd1), seal: digest(1), keys: committee.fingerprint, sealedBy: .platform, intent: .unstated,
            documents: 1, started: ticket.received, firstByte: ticket.received, received: ticket.received, bidCode: digest(2),
            outcome: nil)
        let fact = try consultation.receiving(
            submission, by: house.bidder.principal, previous: nil, instance: identifier(0x1a), clock: ticket.clock,
            recorded: house.dial.clock.now)
        try house.vault.register.commit { _ in [EventDraft(log: .training, fact: fact)] }
        house.vault.pending.leave(ticket)
        house.vault.tend()
        #expect(try statement().entries(.onTime).map(\.bid) == [identifier(0xd1)])
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).count == 1)
    }

    @Test func aBidderReadsItsOwnLineAndNoMore() throws {
        let first = try Upload.whole(house, id, by: house.bidder, [1])
        let second = try Upload.whole(house, id, by: house.bidder, [2])
        #expect(refusal { try house.vault.line(of: first.bid.bid, for: house.bidder.principal) } == .notYet)
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        let digest = try house.vault.statement(of: id, for: house.buyer.principal).digest
        #expect(try line(first.bid.bid, for: house.bidder)?.verdict == .replaced)
        let mine = try #require(try line(second.bid.bid, for: house.bidder))
        #expect(mine.verdict == .onTime && mine.statement == digest && mine.deadlineVersion == 1)
        // To another company it is as if there were none: who is alone does not learn it.
        #expect(refusal { try house.vault.line(of: second.bid.bid, for: house.otherBidder.principal) } == .notFound)
        #expect(refusal { try house.vault.line(of: identifier(9), for: house.otherBidder.principal) } == .notFound)
        #expect(refusal { try house.vault.statement(of: id, for: house.bidder.principal) } == .forbidden)
        #expect(refusal { try house.vault.statement(of: id, for: house.otherBidder.principal) } == .forbidden)
        // What came after the statement is in no line.
        let late = try Upload.whole(house, id, by: house.otherBidder, [3])
        #expect(refusal { try house.vault.line(of: late.bid.bid, for: house.otherBidder.principal) } == .notYet)

        _ = try house.vault.disclose(id, by: house.buyer.principal, on: .signature)
        #expect(try house.vault.statement(of: id, for: house.bidder.principal).digest == digest)
        // In the log, statement and line, by proofs that anyone can follow.
        let view = try house.vault.statement(of: id, for: house.buyer.principal)
        let drawn = try house.vault.line(of: second.bid.bid, for: house.bidder.principal)
        let keys = try house.vault.logKeys(.training)
        for (bytes, proof) in [(view.bytes, view.proof), (drawn.bytes, drawn.proof)] {
            #expect(throws: Never.self) { try LogProof(proof).verify(entry: bytes, keys: keys) }
            #expect(throws: MerkleError.self) { try LogProof(proof).verify(entry: bytes + [0], keys: keys) }
        }
    }

    @Test func aDaemonThatWasDownOverTheDeadlineHoldsTheOpening() throws {
        let early = try Upload.whole(house, id, by: house.bidder, [1])
        house.dial.turn(to: "11:59:00.000")
        try house.restart { house.dial.turn(to: "12:10:00.000") }
        try house.vault.closings.load(from: house.vault.register)
        house.vault.tend()
        let stated = try statement()
        #expect(stated.isHeld && stated.entries(.onTime).map(\.bid) == [early.bid.bid])
        #expect(try refusalOfAnnouncing() == .held)
        #expect(try house.vault.consultation(id, for: nil).consultation.isHeld)

        _ = try house.vault.waive(id, by: house.buyer.principal, grounds: "Nobody was kept out.")
        #expect(try refusalOfAnnouncing() == nil)
        let decisions = try house.vault.statement(of: id, for: house.buyer.principal).decisions
        #expect(try decisions.map { type(of: try Event(canonical: $0).fact).type } == ["hold-waived"])
    }

    @Test func aClockThatWasNotBelievedOverTheDeadlineHoldsItToo() throws {
        house.dial.turn(to: "11:59:50.000")
        house.vault.tend()
        house.dial.set(to: "11:00:00.000")
        house.vault.tend()
        house.dial.pass(20)
        house.dial.set(to: "12:00:10.000")
        house.vault.tend()
        #expect(try statement().isHeld && statement().outages.map(\.cause) == [Outage.clock])
    }

    @Test func aReopeningVoidsWhatIsUnderWayAndLeadsToAnotherStatement() throws {
        let first = try Upload.whole(house, id, by: house.bidder, [1])
        house.dial.turn(to: "12:00:01.000")
        let late = try Upload.whole(house, id, by: house.otherBidder, [2])
        house.vault.tend()
        let before = try house.vault.statement(of: id, for: house.buyer.principal).digest
        let opening = try house.vault.announce(id, by: house.opener.principal, signed: announcement()).opening
        house.dial.turn(to: "12:30:00.000")
        let view = try house.vault.reopen(
            id, by: house.buyer.principal, until: Dial.instant("13:00:00.000"), grounds: "The network was down.")
        #expect(view.consultation.phase == .published && view.consultation.deadline.version == 2)
        #expect(try house.vault.register.read { try $0.opening(opening) }?.voided == true)
        // What is here stays, and is in time.
        house.dial.turn(to: "13:00:01.000")
        house.vault.tend()
        let stated = try statement()
        #expect(stated.deadlines.map(\.instant) == [Dial.instant("12:00:00.000"), Dial.instant("13:00:00.000")])
        #expect(Set(stated.entries(.onTime).map(\.bid)) == [first.bid.bid, late.bid.bid] && stated.entries(.late).isEmpty)
        #expect(try line(late.bid.bid, for: house.otherBidder)?.deadlineVersion == 2)
        #expect(try house.vault.statement(of: id, for: house.buyer.principal).digest != before)
        #expect(try house.facts(ClosingStated.self).count == 2)
        // The old opening goes no further; a new one may begin.
        _ = try house.vault.announce(id, by: house.opener.principal, signed: announcement())
        #expect(refusal { try house.vault.release(id, opening: opening, by: house.opener.principal) } == .phase)
    }

    @Test func linesThatWereNotDrawnAreDrawnAfterTheNextStart() throws {
        let receipt = try Upload.whole(house, id, by: house.bidder, [1])
        house.dial.turn(to: "12:00:01.000")
        // The statement alone, as where the daemon ends right after it.
        house.vault.closings.remove(id)
        let fact = try house.vault.register.read { register in
            let consultation = try #require(try register.consultation(id))
            return try consultation.closing(
                bids: register.bids(of: id), drafts: 0, attempts: 0, deadlines: register.deadlines(of: id), outages: [], size: 1,
                root: digest(1), now: house.dial.clock.now)
        }
        try house.vault.register.commit { _ in [EventDraft(log: .training, fact: fact)] }
        house.vault.tend()
        #expect(try house.facts(BidJudged.self).isEmpty)
        try house.vault.closings.load(from: house.vault.register)
        house.vault.tend()
        #expect(try house.facts(BidJudged.self).map(\.bid) == [receipt.bid.bid])
        house.vault.tend()
        #expect(try house.facts(BidJudged.self).count == 1)
    }
}
