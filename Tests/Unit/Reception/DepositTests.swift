import Canonical
import Foundation
import Linux
import Procurement
import Sealing
import Testing

@testable import Reception

@Suite("Deposits, on a clock that the test turns")
struct DepositTests {
    @Test func aBidIsSealedKeptAndReceipted() throws {
        let house = try House()
        let (id, committee) = try house.published()
        let text = "PRIX SECRET"
        let receipt = try Upload.whole(house, id, by: house.bidder, Array(text.utf8), name: "prix élevé.txt")
        #expect(receipt.bid.verdict == .onTime && receipt.log == .training)
        #expect(receipt.bid.keys == committee.fingerprint && receipt.bid.by.name == "Toitures SARL")
        #expect(receipt.documents.map(\.name) == ["prix élevé.txt"] && receipt.documents.map(\.length) == [11])
        #expect(house.files("envelopes") == ["\(id)/\(receipt.bid.bid).1", "\(id)/\(receipt.bid.bid).seal"])
        // As long as the document, and nothing of it in the clear; nor its name, nor the bid code, in any file.
        #expect(try Data(contentsOf: URL(filePath: "\(house.folder)/envelopes/\(id)/\(receipt.bid.bid).1")).count == 11)
        let code = try #require(receipt.bidCode)
        for file in house.files("") {
            let bytes = try Data(contentsOf: URL(filePath: "\(house.folder)/\(file)"))
            for secret in [text, "prix élevé", code] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file)")
            }
        }
    }

    @Test func theLastByteDecides() throws {
        let house = try House()
        let (id, _) = try house.published()
        house.dial.turn(to: "11:59:58.000")
        let inTime = try Upload(house, id, by: house.bidder)
        let late = try Upload(house, id, by: house.otherBidder)
        inTime.send([1])
        late.send([2])
        house.dial.turn(to: "12:00:00.999")
        inTime.finish()
        let first = try inTime.receipt()
        house.dial.turn(to: "12:00:01.000")
        late.finish()
        let second = try late.receipt()
        #expect(first.bid.verdict == .onTime && first.bid.received == Dial.instant("12:00:00.999"))
        #expect(second.bid.verdict == .late && second.bid.received == Dial.instant("12:00:01.000"))
        #expect(second.bid.started == Dial.instant("11:59:58.000") && second.bid.firstByte == Dial.instant("11:59:58.000"))
        #expect(first.bid.previous == nil && second.bid.previous == nil, "each is its depositor's first")
    }

    @Test func aLateBidIsKeptAndMarkedAfterTheClosing() throws {
        let house = try House()
        let (id, _) = try house.published()
        let inTime = try Upload.whole(house, id, by: house.bidder, [1])
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(try Upload.whole(house, id, by: house.bidder, [2]).bid.verdict == .late)
        // Nor does a clock that runs back make one on time.
        house.dial.turn(to: "11:30:00.000")
        let back = try Upload.whole(house, id, by: house.bidder, [3])
        #expect(back.bid.verdict == .late)
        let closed = try #require(try house.facts(ClosingStated.self).first)
        #expect(closed.entries(.onTime).map(\.bid) == [inTime.bid.bid] && closed.toOpen.map(\.leaf) == [inTime.leaf])
    }

    @Test func theClosingWaitsForWhatWasReceivedInTime() throws {
        let house = try House()
        let (id, _) = try house.published()
        house.dial.turn(to: "12:00:00.500")
        let ticket = house.vault.pending.enter(id)
        house.dial.turn(to: "12:00:10.000")
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).isEmpty)
        house.vault.pending.leave(ticket)
        house.vault.tend()
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).count == 1)
    }

    @Test func anExtensionMovesTheClosing() throws {
        let house = try House()
        let (id, _) = try house.published()
        let later = Dial.instant("13:00:00.000")
        house.dial.turn(to: "11:59:59.999")
        #expect(try house.vault.extend(id, by: house.buyer.principal, to: later).consultation.deadline.version == 2)
        house.dial.turn(to: "12:30:00.000")
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).isEmpty)
        #expect(try Upload.whole(house, id, by: house.bidder, [1]).bid.verdict == .onTime)
        house.dial.turn(to: "13:00:00.000")
        #expect(refusal { try house.vault.extend(id, by: house.buyer.principal, to: Dial.instant("14:00:00.000")) } == .tooLate)
    }

    @Test(arguments: ["cut", "idle", "too-slow", "too-large", "stopping", "malformed"])
    func whatDoesNotEndLeavesATraceAndNothingElse(_ cause: String) throws {
        let house = try House()
        let (id, _) = try house.published()
        let upload = try Upload(house, id, by: house.bidder, length: 100)
        upload.send([UInt8](repeating: 7, count: 40))
        upload.abandon(cause)
        let attempt = try #require(try house.attempts().first)
        #expect(attempt.cause == cause && attempt.announced == 100 && attempt.offset <= 40)
        #expect(attempt.consultation == id && attempt.account == house.bidder.principal.account)
        #expect(house.files("envelopes").isEmpty)
        #expect(try house.facts(BidReceived.self).isEmpty)
    }

    @Test func anAccountGetsItsRoomBack() throws {
        let house = try House()
        let (id, _) = try house.published()
        for round in 0..<3 {
            let uploads = try (0..<4).map { _ in try Upload(house, id, by: house.bidder, length: 10) }
            #expect(refusal { try Upload(house, id, by: house.bidder, length: 10) } == .busy)
            for (index, upload) in uploads.enumerated() {
                upload.send([UInt8](repeating: 1, count: 10))
                if index == round { upload.abandon("cut") } else { upload.finish() }
            }
            for (index, upload) in uploads.enumerated() where index != round { _ = try upload.receipt() }
            _ = try house.attempts(atLeast: round + 1)
        }
    }

    /// Once, however it ends: a failure that its end finds again must not give an account more than its share.
    @Test func aFailedUploadGivesItsRoomBackOnce() throws {
        let house = try House()
        let (id, _) = try house.published()
        // Where the consultation's folder should be there is a file: nothing can be written.
        try Data().write(to: URL(filePath: "\(house.folder)/envelopes/\(id)"))
        let uploads = try (0..<4).map { _ in try Upload(house, id, by: house.bidder, length: 10) }
        uploads[0].send([1])
        #expect(throws: (any Error).self) { try uploads[0].receipt() }
        // And nobody is left to carry out its end.
        house.vault.writers.stop()
        uploads[0].finish()
        #expect(house.vault.pending.clearance(id, closesAt: Dial.instant("11:00:00.000")) != nil, "a closing would wait for ever")
        _ = try Upload(house, id, by: house.bidder, length: 10)
        #expect(refusal { try Upload(house, id, by: house.bidder, length: 10) } == .busy)
    }

    @Test func whatTheRulesRefuseIsRefusedBeforeAByte() throws {
        let house = try House()
        let (draft, _) = try house.sealed()
        let (id, _) = try house.published()
        func answer(_ consultation: Identifier, _ user: House.User, name: String = "a", length: Int64? = 1) -> Refusal.Kind? {
            refusal { try Upload(house, consultation, by: user, name: name, length: length) }
        }
        #expect(answer(id, house.buyer) == .forbidden)
        #expect(answer(draft, house.bidder) == .notFound)
        #expect(answer(identifier(9), house.bidder) == .notFound)
        #expect(answer(id, house.bidder, name: "../../etc/passwd") == .name)
        #expect(answer(id, house.bidder, length: (1 << 20) + 1) == .tooLarge)
        #expect(answer(id, house.bidder, length: 1 << 20) == nil)
        #expect(refusal { try Upload(house, id, by: house.bidder, bidCode: "mine") } == .invalid)
    }
}

extension House {
    /// Waits until so many failed attempts are on record: writers make them.
    func attempts(atLeast count: Int = 1) throws -> [AttemptFailed] {
        while true {
            let found = try facts(AttemptFailed.self)
            if found.count >= count { return found }
        }
    }
}
