import Canonical
import Procurement
import Testing

@Suite("Depositing")
struct DepositingTests {
    private func receive(
        _ consultation: Consultation = Scene.consultation(.published), _ submission: Submission = Scene.submission(),
        by principal: Principal = Scene.bidder, previous: Identifier? = nil
    ) throws(Refusal) -> BidReceived {
        try consultation.receiving(
            submission, by: principal, previous: previous, instance: Scene.instance, clock: .sound,
            recorded: Scene.after)
    }

    @Test func aBidIsJudgedByItsLastByte() throws {
        for (time, verdict) in [("12:00:00.999", Verdict.onTime), ("12:00:01.000", .late)] {
            let received = try receive(Scene.consultation(.published), Scene.submission(received: Scene.time(time)))
            #expect(received.verdict == verdict)
            #expect(received.received == Scene.time(time) && received.recorded == Scene.after)
        }
    }

    @Test func aLateBidIsKeptUntilTheArchive() throws {
        for phase in [Phase.closed, .opening, .opened] {
            #expect(try receive(Scene.consultation(phase)).verdict == .late)
        }
        #expect(refusal { () throws(Refusal) in try receive(Scene.consultation(.archived)) }?.kind == .phase)
    }

    @Test func theLeafSaysUnderWhatItCame() throws {
        let extended = Scene.consultation(.published, deadline: Scene.after, version: 3)
        let bid = try receive(extended, previous: Scene.identifier(0xd0))
        #expect(bid.deadline == Scene.after && bid.deadlineVersion == 3 && bid.subject.limits == Scene.limits)
        #expect(bid.previous == Scene.identifier(0xd0) && bid.instance == Scene.instance && bid.clock == .sound)
        #expect(bid.depositor == Scene.bidder.account && bid.by.name == Scene.bidder.accountName)
        #expect(bid.by.person == Scene.bidder.person && bid.user == Scene.bidder.user)
        #expect(bid.subject.title == extended.title && bid.subject.buyer == extended.buyer)
    }

    @Test func onlyACompanyDeposits() {
        for phase in [Phase.draft, .sealed] {
            #expect(refusal { () throws(Refusal) in try receive(Scene.consultation(phase)) }?.kind == .notFound)
            #expect(refusal { () throws(Refusal) in try Scene.consultation(phase).checkDeposit(by: Scene.bidder) }?.kind == .notFound)
        }
        for role in Role.allCases where role != .bidder {
            let other = Scene.principal(role, account: Scene.bidder.account, kind: .company)
            #expect(refusal { () throws(Refusal) in try receive(by: other) }?.kind == .forbidden)
        }
        for kind in [AccountKind.holder, .member] {
            let body = Scene.principal(.bidder, account: Scene.identifier(0xa2), kind: kind)
            #expect(refusal { () throws(Refusal) in try receive(by: body) }?.kind == .forbidden)
        }
    }

    @Test func aBidSealedUnderOtherKeysIsRefused() {
        let other = Scene.submission(keys: Scene.digest(0xf2))
        #expect(refusal { () throws(Refusal) in try receive(Scene.consultation(.published), other) }?.kind == .keys)
    }

    @Test func aBidHasAsManyDocumentsAsItMay() {
        for (count, kind) in [(0, Refusal.Kind.tooLarge), (1, nil), (10, nil), (11, .tooLarge)] {
            let submission = Scene.submission(documents: count)
            #expect(refusal { () throws(Refusal) in try receive(Scene.consultation(.published), submission) }?.kind == kind)
        }
    }

    @Test func noneFloodsTheList() {
        let consultation = Scene.consultation(.published)
        func answer(_ bids: Int, _ own: Int) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try consultation.checkRoom(Standing(bids: bids, own: own, last: nil)) }?.kind
        }
        #expect(answer(0, 0) == nil)
        #expect(answer(Standing.mostBids - 1, Standing.mostOwn - 1) == nil)
        #expect(answer(Standing.mostOwn, Standing.mostOwn) == .tooLarge)
        #expect(answer(Standing.mostBids, 0) == .tooLarge)
    }
}
