import Canonical
import Procurement
import Testing

@testable import Reception

@Suite("The same request again")
struct IdempotencyTests {
    private let house: House
    private let id: Identifier

    init() throws {
        house = try House()
        id = try house.published().id
    }

    @Test func withoutAKeyItIsAnotherBid() throws {
        let first = try Upload.whole(house, id, by: house.bidder, [1, 2, 3])
        let second = try Upload.whole(house, id, by: house.bidder, [1, 2, 3])
        #expect(first.bid.bid != second.bid.bid && second.bid.previous == first.bid.bid)
        #expect(try house.facts(BidReceived.self).count == 2)
    }

    @Test func underItsKeyItGetsItsReceiptWithoutTheBidCode() throws {
        let first = try Upload.whole(house, id, by: house.bidder, [1, 2, 3], idempotencyKey: "k")
        #expect(first.bidCode != nil)
        house.dial.turn(to: "11:30:00.000")
        let second = try Upload.whole(house, id, by: house.bidder, [1, 2, 3], idempotencyKey: "k")
        #expect(second.bidCode == nil)
        #expect(second.leaf == first.leaf && second.position == first.position && second.documents == first.documents)
        #expect(second.bid.received == first.bid.received && second.bid.seal == first.bid.seal)
        #expect(try house.facts(BidReceived.self).count == 1)
        #expect(house.files("envelopes").count == 2)
    }

    @Test func anotherBodyUnderTheSameKeyIsRefused() throws {
        _ = try Upload.whole(house, id, by: house.bidder, [1, 2, 3], idempotencyKey: "k")
        for bytes in [[1, 2, 4], [1, 2], [1, 2, 3, 4], []] as [[UInt8]] {
            #expect(refusal { try Upload.whole(house, id, by: house.bidder, bytes, idempotencyKey: "k") } == .idempotency)
        }
        // Also where its length was not announced.
        let upload = try Upload(house, id, by: house.bidder, idempotencyKey: "k")
        #expect(upload.isReplay)
        upload.send([1, 2, 4])
        upload.finish()
        #expect(refusal { try upload.receipt() } == .idempotency)
        let longer = try Upload(house, id, by: house.bidder, idempotencyKey: "k")
        longer.send([1, 2, 3, 4])
        #expect(refusal { try longer.receipt() } == .idempotency)
        #expect(refusal { try Upload.whole(house, id, by: house.bidder, [1, 2, 3], name: "b", idempotencyKey: "k") } == .idempotency)
        #expect(try house.facts(BidReceived.self).count == 1)
    }

    /// What was answered once is answered alike when there is room for no other bid.
    @Test func itGetsItsReceiptHoweverFullItIs() throws {
        let first = try Upload.whole(house, id, by: house.bidder, [1, 2, 3], idempotencyKey: "k")
        try house.tamper("UPDATE tally SET bids = 40000")
        #expect(refusal { try Upload.whole(house, id, by: house.bidder, [1, 2, 3]) } == .tooLarge)
        #expect(try Upload.whole(house, id, by: house.bidder, [1, 2, 3], idempotencyKey: "k").leaf == first.leaf)
    }

    @Test func theKeyIsTheAccountsInThisConsultation() throws {
        let other = try house.published().id
        let receipts = [
            try Upload.whole(house, id, by: house.bidder, [1], idempotencyKey: "k"),
            try Upload.whole(house, id, by: house.otherBidder, [2], idempotencyKey: "k"),
            try Upload.whole(house, other, by: house.bidder, [3], idempotencyKey: "k"),
        ]
        #expect(Set(receipts.map(\.bid.bid)).count == 3)
    }

    @Test func ofTwoAtOnceOneIsTheBid() throws {
        let uploads = try (0..<2).map { _ in try Upload(house, id, by: house.bidder, length: 1, idempotencyKey: "k") }
        for upload in uploads { upload.send([1]) }
        for upload in uploads { upload.finish() }
        let answers = uploads.map { upload in refusal { try upload.receipt() } }
        #expect(answers.count(where: { $0 == nil }) == 1 && answers.contains(.idempotency))
        #expect(try house.facts(BidReceived.self).count == 1)
        #expect(try Upload.whole(house, id, by: house.bidder, [1], idempotencyKey: "k").bidCode == nil)
    }

    @Test func aKeyHas1To200Bytes() {
        for key in ["", String(repeating: "k", count: 201)] {
            #expect(refusal { try Upload(house, id, by: house.bidder, idempotencyKey: key) } == .invalid)
        }
    }
}
