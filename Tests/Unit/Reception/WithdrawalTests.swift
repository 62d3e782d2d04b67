import Canonical
import Procurement
import Testing

@testable import Reception

@Suite("Withdrawals and intents, on a clock that the test turns")
struct WithdrawalTests {
    private func withdraw(_ draft: Draft, _ id: Identifier, by user: House.User? = nil, code: String?) throws -> Vault.RecordedAct {
        let vault = draft.house.vault
        return try vault.withdraw(
            draft.bid, by: (user ?? draft.user).principal, bidCode: code, ticket: vault.enterSubmission(of: id))
    }

    private func state(_ intent: Intent, _ draft: Draft, _ id: Identifier, code: String? = nil) throws -> Vault.RecordedAct {
        let vault = draft.house.vault
        return try vault.state(
            intent, of: draft.bid, by: draft.user.principal, bidCode: code ?? draft.code,
            ticket: vault.enterSubmission(of: id))
    }

    @Test func aWithdrawnBidIsListedAndNotOpened() throws {
        let house = try House()
        let (id, _) = try house.published()
        let (first, _) = try Draft.whole(house, in: id, by: house.bidder)
        let (second, _) = try Draft.whole(house, in: id, by: house.bidder)
        let act = try withdraw(second, id, code: second.code)
        let fact = try #require(try Event(canonical: act.event).fact as? BidWithdrawn)
        #expect(fact.bid == second.bid && fact.deadlineVersion == 1)
        #expect(try withdraw(second, id, code: second.code).event == act.event, "the same answer")
        #expect(try house.vault.notices(for: house.bidder.principal).map(\.kind) == [.withdrawn])
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        let statement = try #require(try house.facts(ClosingStated.self).first)
        // What is withdrawn replaces nothing.
        #expect(statement.verdicts == [first.bid: .onTime, second.bid: .withdrawn])
        #expect(try house.facts(BidJudged.self).map(\.verdict) == [.onTime, .withdrawn])
    }

    @Test func whoMayNot() throws {
        let house = try House()
        let (id, _) = try house.published()
        let (draft, _) = try Draft.whole(house, in: id, by: house.bidder)
        #expect(refusal { try withdraw(draft, id, by: house.otherBidder, code: draft.code) } == .notFound)
        #expect(try house.facts(NoticeDue.self).isEmpty)
        for code in [nil, "x", String(repeating: "0", count: 32)] {
            #expect(refusal { try withdraw(draft, id, code: code) } == .forbidden)
        }
        #expect(try Set(house.facts(NoticeDue.self).map(\.kind)) == [.withdrawalRefused])
        #expect(refusal { try state(.replaces, draft, id, code: String(repeating: "0", count: 32)) } == .forbidden)
        #expect(refusal { try state(.unstated, draft, id) } == .invalid)
        house.dial.turn(to: "12:00:01.000")
        #expect(refusal { try withdraw(draft, id, code: draft.code) } == .tooLate)
        #expect(refusal { try state(.replaces, draft, id) } == .tooLate)
        house.vault.tend()
        #expect(refusal { try withdraw(draft, id, code: draft.code) } == .tooLate)
        #expect(try house.facts(BidWithdrawn.self).isEmpty)
    }

    /// Its last byte came in time: the closing waits for it.
    @Test func theClosingWaitsForAWithdrawal() throws {
        let house = try House()
        let (id, _) = try house.published()
        let (draft, _) = try Draft.whole(house, in: id, by: house.bidder)
        house.dial.turn(to: "12:00:00.999")
        let ticket = house.vault.enterSubmission(of: id)
        house.dial.turn(to: "12:00:02.000")
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).isEmpty)
        _ = try house.vault.withdraw(draft.bid, by: house.bidder.principal, bidCode: draft.code, ticket: ticket)
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).first?.verdicts == [draft.bid: .withdrawn])
    }

    @Test func whatABidIsBesideAnother() throws {
        let house = try House()
        let (id, _) = try house.published()
        let (first, _) = try Draft.whole(house, in: id, by: house.bidder)
        let (second, _) = try Draft.whole(house, in: id, by: house.bidder)
        let (third, receipt) = try Draft.whole(house, in: id, by: house.bidder, intent: .replaces)
        #expect(receipt.bid.previous == second.bid)
        #expect(try house.vault.notices(for: house.bidder.principal).map(\.bid) == [second.bid])
        _ = try state(.complements, second, id)
        #expect(refusal { try state(.replaces, second, id) } == .alreadyDone)
        #expect(refusal { try state(.complements, third, id) } == .alreadyDone)
        let (fourth, _) = try Draft.whole(house, in: id, by: house.bidder, intent: .complements)
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(
            try house.facts(ClosingStated.self).first?.verdicts
                == [first.bid: .replaced, second.bid: .replaced, third.bid: .onTime, fourth.bid: .complementing])
    }

    @Test func copiesOfSafeguard() throws {
        let house = try House()
        let (id, _) = try house.published()
        let vault = house.vault
        let buyer = house.buyer.principal
        func register(_ arrived: String) throws -> CopyEntry {
            try vault.registerCopy(
                of: id, depositor: "Toitures SARL", medium: "clé USB", bearer: "coursier", arrived: Dial.instant(arrived), by: buyer)
        }
        func decide(
            _ copy: CopyEntry, _ decision: CopyDecided.Decision, _ cause: CopyDecided.Cause? = nil, _ bid: Identifier? = nil
        ) throws -> CopyEntry {
            try vault.decideCopy(copy.registered.copy, of: id, decision, cause: cause, bid: bid, grounds: "Constaté en séance.", by: buyer)
        }
        #expect(refusal { try register("11:30:00.000") } == .invalid, "it is still to come")
        let copy = try register("10:30:00.000")
        #expect(refusal { try decide(copy, .returned) } == .phase)
        #expect(refusal { try vault.copies(of: id, for: house.bidder.principal) } == .forbidden)
        house.dial.turn(to: "11:59:59.000")
        let inTime = try Upload(house, id, by: house.bidder)
        house.dial.turn(to: "12:00:01.000")
        let second = try register("12:00:01.000")
        let outside = try Upload(house, id, by: house.otherBidder)
        inTime.send([1])
        inTime.finish()
        outside.send([1])
        outside.finish()
        let (begun, tooLate) = (try inTime.receipt().bid.bid, try outside.receipt().bid.bid)
        vault.tend()
        #expect(refusal { try decide(copy, .opened) } == .invalid, "no cause")
        #expect(refusal { try decide(copy, .opened, .late) } == .invalid, "no bid")
        #expect(refusal { try decide(copy, .opened, .late, identifier(0xee)) } == .invalid, "a bid that is not here")
        #expect(refusal { try decide(copy, .opened, .late, tooLate) } == .tooLate)
        #expect(refusal { try decide(second, .opened, .late, begun) } == .tooLate, "the copy itself")
        #expect(refusal { try decide(copy, .destroyed, .late) } == .invalid)
        #expect(try decide(copy, .setAside).decision == .setAside)
        #expect(try decide(copy, .opened, .late, begun).decision == .opened)
        #expect(refusal { try decide(copy, .destroyed) } == .alreadyDone)
        #expect(try decide(second, .returned).decision == .returned)
        #expect(try vault.copies(of: id, for: buyer).map(\.decision) == [.opened, .returned])
    }
}
