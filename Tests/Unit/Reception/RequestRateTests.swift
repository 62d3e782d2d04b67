import Canonical
import Glibc
import Procurement
import Testing

@testable import Reception

@Suite("Requests and bytes, by account")
struct RequestRateTests {
    @Test func aBurstThenTheRate() throws {
        let rate = RequestRate(perSecond: 2)
        let (one, other) = (identifier(1), identifier(2))
        for _ in 0..<20 { try rate.take(for: one, now: 1000) }
        #expect(refusal { try rate.take(for: one, now: 1000) } == .rate)
        try rate.take(for: other, now: 1000)
        #expect(refusal { try rate.take(for: one, now: 1499) } == .rate)
        try rate.take(for: one, now: 1500)
        #expect(refusal { try rate.take(for: one, now: 1500) } == .rate)
        // A raw clock does not run back; were it to, nobody would gain by it.
        #expect(refusal { try rate.take(for: one, now: 0) } == .rate)
        for _ in 0..<20 { try rate.take(for: one, now: 3_600_000) }
        #expect(refusal { try rate.take(for: one, now: 3_600_000) } == .rate)
    }

    @Test func anEstimateFollowsWhatWasSeen() throws {
        let house = try House()
        let (id, _) = try house.published()
        let bidder = house.bidder.principal
        #expect(try house.vault.estimate(1000, in: id, for: bidder) == nil)
        #expect(house.vault.noteProbe(100, milliseconds: 1, by: bidder) == nil, "that was latency")
        #expect(house.vault.noteProbe(1 << 20, milliseconds: 1000, by: bidder) == 1 << 20)
        // 11:00:00, at 1 MiB a second.
        let estimate = try #require(try house.vault.estimate(3600 << 20, in: id, for: bidder))
        #expect(estimate.ends == Dial.instant("12:00:00.000") && !estimate.isTooLate)
        #expect(try house.vault.estimate(3601 << 20, in: id, for: bidder)?.isTooLate == true)
        #expect(try house.vault.estimate(1000, in: id, for: house.otherBidder.principal) == nil)
        #expect(refusal { try house.vault.estimate(1, in: identifier(9), for: bidder) } == .notFound)
    }

    /// Who waits for its own draft holds a thread: two at a time, and nobody else waits behind them.
    @Test func fewMayWaitForADraft() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(1)
        let account = house.bidder.principal.account
        try house.vault.drafts.hold(draft.bid, for: account)
        let (vault, bid, principal, code) = (house.vault, draft.bid, house.bidder.principal, draft.code)
        for _ in 0..<Drafts.mostWaiting {
            let isTaken = vault.performDraft { _ = try? vault.uploadState(1, of: bid, by: principal, bidCode: code) }
            #expect(isTaken)
        }
        while house.vault.drafts.waiting(of: account) < Drafts.mostWaiting { _ = sched_yield() }
        #expect(refusal { try draft.state(1) } == .busy)
        let other = try Draft(house, in: id, by: house.otherBidder)
        #expect(try other.create(1) == 1)
        house.vault.drafts.letGo(draft.bid)
        while house.vault.drafts.waiting(of: account) > 0 { _ = sched_yield() }
        #expect(try draft.state(1).offset == 0)
    }
}
