import Canonical
import Foundation
import Evidence
import Linux
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Reception

/// What becomes of drafts in the end.
extension DraftTests {
    @Test func whatIsSubmittedOrDroppedLeavesNoDraft() throws {
        let house = try House()
        let (id, _) = try house.published()
        let (draft, _) = try Draft.whole(house, in: id, by: house.bidder)
        let other = try Draft(house, in: id, by: house.bidder)
        try other.create(1)
        try house.vault.dropDraft(other.bid, by: house.bidder.principal, bidCode: other.code)
        #expect(try house.facts(DraftDropped.self).map(\.cause) == [.abandoned])
        #expect(!FileManager.default.fileExists(atPath: files(other, in: id).path()))
        // What a crash left of it goes at the start.
        try house.restart { [folder = files(draft, in: id)] in
            try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try? Data([1]).write(to: folder.appending(path: "1"))
        }
        try house.vault.tidyDrafts()
        #expect(house.files("drafts") == [])
    }

    // MARK: What the company is told

    @Test func aCompleteDraftIsWarnedOfAndAnIncompleteOneExpires() throws {
        let house = try House()
        let (id, _) = try house.published()
        let complete = try Draft(house, in: id, by: house.bidder)
        try complete.create(1)
        try complete.send([1], to: 1, at: 0)
        let incomplete = try Draft(house, in: id, by: house.otherBidder)
        try incomplete.create(2)
        try incomplete.send([1], to: 1, at: 0)
        func kinds(_ user: House.User) throws -> [NoticeDue.Kind] { try house.vault.notices(for: user.principal).map(\.kind) }

        house.vault.tendDrafts()
        #expect(try kinds(house.bidder) == [], "an hour and a second before")
        house.dial.turn(to: "11:00:01.000")
        house.vault.tendDrafts()
        house.vault.tendDrafts()
        #expect(try kinds(house.bidder) == [.draft60])
        house.dial.turn(to: "11:45:01.000")
        house.vault.tendDrafts()
        house.vault.tendDrafts()
        #expect(try kinds(house.bidder) == [.draft15, .draft60] && kinds(house.otherBidder) == [])
        // After an extension both are said again.
        _ = try house.vault.extend(id, by: house.buyer.principal, to: Dial.instant("13:00:00.000"))
        house.vault.tendDrafts()
        #expect(try kinds(house.bidder).count == 2)
        house.dial.turn(to: "12:00:01.000")
        house.vault.tendDrafts()
        house.dial.turn(to: "12:50:00.000")
        house.vault.tendDrafts()
        #expect(try kinds(house.bidder) == [.draft15, .draft60, .draft15, .draft60])

        house.dial.pass(600)
        house.vault.tend()
        house.dial.pass(86_400)
        house.vault.tendDrafts()
        house.dial.pass(1)
        house.vault.tendDrafts()
        #expect(try house.facts(DraftDropped.self).map { [$0.bid.text, $0.cause.rawValue] } == [[incomplete.bid.text, "expired"]])
        #expect(refusal { try incomplete.state(1) } == .gone)
        #expect(try complete.submit().bid.verdict == .late)
    }
}
