import Canonical
import Foundation
import Linux
import OpenSSL
import Procurement
import Testing

@testable import Reception

/// What a draft must survive: being read while it is written, failures of the disk, ends at any moment.
@Suite("Drafts under faults")
struct DraftFaultTests {
    private let house: House
    private let id: Identifier

    init() throws {
        house = try House()
        id = try house.published().id
    }

    private func path(_ draft: Draft, _ name: String) -> String { "\(house.folder)/drafts/\(id)/\(draft.bid)/\(name)" }

    private func folder(_ draft: Draft) throws -> DurableFolder {
        try #require(try house.vault.drafts.store.folder(of: draft.bid, in: id))
    }

    private func cut(_ path: String, to length: UInt64) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: length)
        try file.close()
    }

    /// Whoever reads a draft, or looks whether it is whole, leaves alone what is being uploaded.
    @Test func readingLeavesAnUploadAlone() throws {
        let draft = try Draft(house, in: id, by: house.bidder, awaited: 2)
        try draft.create(500_000)
        try draft.create(1)
        let bytes = [UInt8](repeating: 7, count: 500_000)
        let sending = try Draft.Sending(draft, 1, at: 0, length: 500_000)
        for piece in 0..<5 {
            sending.send(Array(bytes[(piece * 100_000)..<((piece + 1) * 100_000)]))
            let until = Date(timeIntervalSinceNow: 30)
            while try FileManager.default.attributesOfItem(atPath: path(draft, "1"))[.size] as? Int ?? 0 < piece * 100_000 + 60_000 {
                guard Date() < until else { break }
                Thread.sleep(forTimeInterval: 0.005)
            }
            switch piece {
            case 0:
                let view = try house.vault.draft(draft.bid, for: house.bidder.principal, bidCode: draft.code)
                #expect(view.documents.map(\.state.offset) == [0, 0], "where its request found it")
            case 1: #expect(try !draft.send([1], to: 2, at: 0).isSubmitted, "the other is not whole")
            case 2:
                house.dial.turn(to: "11:45:01.000")
                house.vault.tendDrafts()
            default: break
            }
        }
        sending.upload.finish()
        #expect(try sending.state().isSubmitted)
        // Its ciphertext is what its leaf says.
        #expect(try draft.submit().documents[0].sha256 == Digest(SHA256.hash(bytes)))
        let sealed = try Data(contentsOf: URL(filePath: "\(house.folder)/envelopes/\(id)/\(draft.bid).1"))
        #expect(sealed.count == 500_000)
    }

    @Test func nothingUnsettledIsKeptAfterAFailure() throws {
        let place = try DurableFolder(path: house.folder).makeFolder("one")
        let now = house.dial.clock.now
        let line = DraftDocumentLine(bid: identifier(1), number: 1, part: "offer", length: 9, created: now, detail: [1])
        let document = try DraftDocument.make(line, in: place)
        for (bytes, isLast) in [([1, 2], true), ([3, 4], false)] as [([UInt8], Bool)] {
            try document.append(bytes)
            try document.endSegment(header: [9], digest: [8], begun: now, isLast: isLast)
        }
        try document.append([5])
        #expect(document.mark.offset == 4 && document.settled.offset == 2)
        let back = try DraftDocument.open(line, backAt: document.settled, in: place)
        #expect(back.mark.offset == 2 && back.mark.segments == 1)
        #expect(try Data(contentsOf: URL(filePath: "\(house.folder)/one/1")) == Data([1, 2]))
        #expect(try DraftDocument.open(1, in: place)?.mark.offset == 2)
        #expect(throws: (any Error).self) {
            var beyond = back.mark
            beyond.offset = 3
            _ = try DraftDocument.open(line, backAt: beyond, in: place)
        }
    }

    /// Bytes that a checksum was to prove do not count before it did, also when the process dies between.
    @Test func unprovedSegmentsHaveNoLine() throws {
        let place = try DurableFolder(path: house.folder).makeFolder("one")
        let now = house.dial.clock.now
        let line = DraftDocumentLine(bid: identifier(1), number: 1, part: "offer", length: 9, created: now, detail: [1])
        let document = try DraftDocument.make(line, in: place)
        document.isProvisional = true
        for _ in 1...2 {
            try document.append([1, 2])
            try document.endSegment(header: [9], digest: [8], begun: now, isLast: false)
        }
        #expect(try DraftJournal(1, in: place)?.segments.count == 0)
        try document.append([3])
        try document.endSegment(header: [9], digest: [8], begun: now, isLast: true)
        #expect(try DraftJournal(1, in: place)?.segments.map(\.end) == [2, 4, 5])
        #expect(document.settled.offset == 5)
    }

    /// Killed, or without room, before a document's first line was whole: there is none, and the others are as they were.
    @Test func aDocumentThatWasNeverMadeIsNone() throws {
        for torn in [Data(), Data("{\"bid\":".utf8), Data(repeating: 0, count: 300)] {
            let draft = try Draft(house, in: id, by: house.bidder)
            try draft.create(1)
            try draft.send([1], to: 1, at: 0)
            let left = path(draft, "2.draft")
            try house.restart { _ = FileManager.default.createFile(atPath: left, contents: torn) }
            #expect(try draft.create(1) == 3)
            #expect(refusal { try draft.state(2) } == .notFound)
            #expect(refusal { try draft.submit() } == .incomplete)
            try draft.send([1], to: 3, at: 0)
            #expect(try draft.submit().documents.count == 2)
        }
    }

    @Test func aCreationThatFailedIsNotInTheWay() throws {
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(1)
        _ = FileManager.default.createFile(atPath: path(draft, "2"), contents: Data([1]))
        #expect(throws: (any Error).self) { try draft.create(1) }
        #expect(try draft.create(1) == 3)
        let view = try house.vault.draft(draft.bid, for: house.bidder.principal, bidCode: draft.code)
        #expect(view.documents.map(\.state.number) == [1, 3])
        #expect(!FileManager.default.fileExists(atPath: path(draft, "2.draft")))
    }

    /// A creation that waited for the end of the draft creates nothing.
    @Test func aDraftThatEndedMeanwhileGetsNoDocument() throws {
        let draft = try Draft(house, in: id, by: house.bidder)
        let outcome = Monitor<Refusal.Kind??>(nil)
        try house.vault.drafts.hold(draft.bid, for: house.bidder.principal.account)
        _ = try OSThread.start(name: "waits") { [draft = UncheckedDraft(draft: draft)] in
            let kind = refusal { try draft.draft.create(1) }
            outcome.change { $0 = .some(kind) }
        }
        // It has looked the draft up, and waits; if it had not, it is refused all the same.
        Thread.sleep(forTimeInterval: 0.2)
        try house.vault.drop(draft.bid, .abandoned)
        house.vault.drafts.letGo(draft.bid)
        #expect(outcome.wait { $0 } == .gone)
        #expect(house.files("drafts") == [])
    }

    /// One document that cannot be read: the draft is not held for ever, and other drafts are looked after.
    @Test func damageBlocksNobody() throws {
        let damaged = try Draft(house, in: id, by: house.bidder, awaited: 2)
        try damaged.create(3)
        try damaged.send([1, 2, 3], to: 1, at: 0)
        try damaged.create(1)
        try cut(path(damaged, "1"), to: 1)
        #expect(try !damaged.send([1], to: 2, at: 0).isSubmitted)
        #expect(try damaged.state(2).offset == 1)
        #expect(throws: (any Error).self) { try damaged.state(1) }
        let sound = try Draft(house, in: id, by: house.otherBidder)
        try sound.create(1)
        try sound.send([1], to: 1, at: 0)
        house.dial.turn(to: "11:45:01.000")
        house.vault.tendDrafts()
        #expect(try house.vault.notices(for: house.otherBidder.principal).map(\.kind) == [.draft15])
    }
}

private struct UncheckedDraft: @unchecked Sendable { let draft: Draft }
