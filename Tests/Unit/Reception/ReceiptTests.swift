import Canonical
import Evidence
import Foundation
import Procurement
import Records
import Testing

@testable import Reception

@Suite("Receipts fetched again")
struct ReceiptTests {
    let house: House
    let bid: Identifier
    let code: String

    init() throws {
        house = try House()
        let receipt = try Upload.whole(house, house.published().id, by: house.bidder, Array("offre".utf8))
        bid = receipt.bid.bid
        code = try #require(receipt.bidCode)
    }

    private func fetch(_ user: House.User, code: String? = nil) throws -> ReceiptContainer {
        try house.vault.receipt(of: bid, for: user.principal, bidCode: code, token: user.token)
    }

    /// Another token of the same user.
    private func anotherToken() -> House.User { House.User(principal: house.bidder.principal, token: Array("another".utf8)) }

    @Test func theBidCodeAndTheTokenOfTheDepositOpenTheLists() throws {
        let first = try fetch(house.bidder)
        let second = try fetch(anotherToken(), code: code)
        #expect(first.lists.count == 1 && first.lists == second.lists && first.leaf == second.leaf && first.seal == second.seal)
        #expect(String(decoding: first.lists[0].bytes, as: UTF8.self).contains("offre.zip"))
    }

    @Test func withoutEitherTheListsAreNotThere() throws {
        let copy = try fetch(anotherToken())
        let full = try fetch(house.bidder)
        #expect(copy.lists == [] && copy.leaf == full.leaf && copy.seal == full.seal)
        #expect(!String(decoding: copy.encoded(), as: UTF8.self).contains("offre.zip"))
    }

    @Test func aWrongCodeIsRefusedWithoutAWord() throws {
        let wrong = String(repeating: "0", count: 32)
        for other in [wrong, "", "mine", code.uppercased(), code + "0"] where other != code {
            do {
                _ = try fetch(house.bidder, code: other)
                Issue.record("taken: \(other)")
            } catch let refusal as Refusal {
                #expect(refusal.kind == .forbidden && refusal.detail == nil)
            }
        }
    }

    /// Right code or wrong, for everybody else the bid does not exist; nor may the buyer ask.
    @Test func forOthersItDoesNotExist() throws {
        #expect(refusal { try fetch(house.otherBidder, code: code) } == .notFound)
        #expect(refusal { try fetch(house.otherBidder) } == .notFound)
        #expect(refusal { try fetch(house.buyer, code: code) } == .forbidden)
        #expect(refusal { try house.vault.receipt(of: identifier(9), for: house.bidder.principal, bidCode: nil, token: []) } == .notFound)
    }

    @Test func whatIsKeptIsInTheSameCommitAndInNoEventInTheClear() throws {
        let kept = try house.facts(ReceiptKept.self)
        #expect(kept.map(\.bid) == [bid])
        let events = try house.vault.register.read { try $0.events(.training, from: 0, limit: 10_000) }
        for bytes in events {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains(code) && !text.contains("offre.zip"))
        }
        let at = try events.map { try Event(canonical: $0) }.filter { $0.fact is ReceiptKept || $0.fact is BidReceived }.map(\.at)
        #expect(at.count == 2 && at[0] == at[1])
    }
}
