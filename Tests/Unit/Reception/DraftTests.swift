import Canonical
import Foundation
import Evidence
import Linux
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Reception

@Suite("Drafts, on a clock that the test turns")
struct DraftTests {
    func digest(_ bytes: [UInt8]) -> Digest { Digest(SHA256.hash(bytes)) }

    func files(_ draft: Draft, in id: Identifier) -> URL { URL(filePath: "\(draft.house.folder)/drafts/\(id)/\(draft.bid)") }

    @Test func documentsInPiecesBecomeABid() throws {
        let house = try House()
        let (id, committee) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        let text = Array("PRIX SECRET 1 234 567,89".utf8)
        let name = "bordereau élevé.txt"
        try draft.create(Int64(text.count), named: name, folder: "Lot 1/Prix")
        try draft.create(0, named: "signature.p7s", signatureOf: 1)
        #expect(refusal { try draft.submit() } == .incomplete)
        #expect(try draft.send(Array(text[..<5]), to: 1, at: 0).offset == 5)
        #expect(refusal { try draft.submit() } == .incomplete)
        #expect(try draft.send(Array(text[5...]), to: 1, at: 5).isComplete)
        #expect(try draft.send([], to: 2, at: 0).isComplete)
        // Neither name, nor text, nor digest, nor code lies on the disk.
        for file in house.files("") {
            let bytes = try Data(contentsOf: URL(filePath: "\(house.folder)/\(file)"))
            for secret in ["PRIX", "bordereau", "Lot 1", draft.code, digest(text).hex] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file)")
            }
        }
        let view = try house.vault.draft(draft.bid, for: house.bidder.principal, bidCode: draft.code)
        #expect(view.documents.map(\.detail?.name) == [name, "signature.p7s"] && view.documents[0].detail?.folder == "Lot 1/Prix")

        house.dial.turn(to: "11:10:00.000")
        let receipt = try draft.submit()
        #expect(receipt.bid.verdict == .onTime && receipt.bid.bid == draft.bid && receipt.bid.keys == committee.fingerprint)
        #expect(receipt.bid.documents == 2 && receipt.bid.received == Dial.instant("11:10:00.000"))
        #expect(receipt.bid.started == Dial.instant("11:00:00.000"))
        #expect(receipt.documents.map(\.sha256) == [digest(text), digest([])])
        #expect(house.files("envelopes") == ["\(id)/\(draft.bid).1", "\(id)/\(draft.bid).2", "\(id)/\(draft.bid).seal"])
        // The same again is the same; said otherwise it is refused.
        #expect(try draft.submit().leaf == receipt.leaf)
        #expect(refusal { try draft.submit(.replaces) } == .idempotency)
        #expect(refusal { try draft.create(1) } == .gone)
        // The container of its receipt has the lists, by the code alone.
        let container = try house.vault.receipt(of: draft.bid, for: house.bidder.principal, bidCode: draft.code, token: [1])
        #expect(container.lists.count == 1)
    }

    /// A connection that hangs: whoever asks where the upload stands ends it, and what it had sent stays.
    @Test func aHangingUploadIsTakenOver() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(10)
        let hanging = try Draft.Sending(draft, 1, at: 0, length: 10)
        hanging.send([1, 2, 3, 4])
        #expect(try draft.state(1).offset == 4)
        #expect(refusal { try hanging.state() } == .superseded)
        hanging.send([5])
        hanging.upload.finish()
        #expect(try draft.state(1).offset == 4)
        // Another request, too; and one that had a checksum leaves nothing.
        let second = try Draft.Sending(draft, 1, at: 4, length: 6, checksum: Array(repeating: 0, count: 32))
        second.send([5, 6])
        #expect(refusal { try draft.send([5], to: 1, at: 6) } == .offset)
        #expect(refusal { try second.state() } == .superseded)
        #expect(try draft.send(Array(5...10), to: 1, at: 4).isComplete)
        #expect(try draft.submit().documents[0].sha256 == digest(Array(1...10)))
    }

    /// Who only asks how a draft stands must not cut off what is just being written: the depositor, its next document, the
    /// minute's housekeeping; also right after a start, when nothing is known of it yet.
    @Test(arguments: [false, true]) func lookingDisturbsNobody(_ isRestarted: Bool) throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(800_000)
        if isRestarted { try house.restart {} }
        let bytes = try Random.bytes(800_000)
        let sending = try Draft.Sending(draft, 1, at: 0, length: 800_000)
        house.dial.turn(to: "11:50:00.000")
        let file = files(draft, in: id).appending(path: "1").path
        for end in stride(from: 100_000, through: 800_000, by: 100_000) {
            sending.send(Array(bytes[(end - 100_000)..<end]))
            // Once it is on the disk.
            let until = Date(timeIntervalSinceNow: 20)
            while try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int != end, Date() < until { usleep(1000) }
            let view = try house.vault.draft(draft.bid, for: house.bidder.principal, bidCode: draft.code)
            #expect(view.documents[0].state.offset == 0 && !view.documents[0].state.isComplete)
            if end == 300_000 { try draft.create(0, named: "b.txt") }
            house.vault.tendDrafts()
        }
        sending.upload.finish()
        #expect(try sending.state().isComplete)
        try draft.send([], to: 2, at: 0)
        #expect(try draft.submit().documents.map(\.sha256).contains(digest(bytes)))
    }

    @Test func aCutUploadKeepsWhatCameAndIsTraced() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(10)
        let cut = try Draft.Sending(draft, 1, at: 0, length: 10)
        cut.send([1, 2, 3])
        cut.upload.abandon("cut")
        #expect(try draft.state(1).offset == 3)
        // Traced after the upload is let go, in the scribe's own time.
        var failed: [AttemptFailed] = []
        let until = Date(timeIntervalSinceNow: 20)
        repeat { failed = try house.facts(AttemptFailed.self) } while failed.isEmpty && Date() < until
        #expect(failed.map(\.cause) == ["cut"] && failed.map(\.offset) == [3])
        // With a checksum that could not be held against anything, nothing came.
        let unproved = try Draft.Sending(draft, 1, at: 3, length: 7, checksum: Array(repeating: 0, count: 32))
        unproved.send([4, 5])
        unproved.upload.abandon("cut")
        #expect(try draft.state(1).offset == 3)
        #expect(refusal { try draft.send([4, 5], to: 1, at: 3, checksum: Array(repeating: 0, count: 32)) } == .checksum)
        #expect(try draft.send([4, 5], to: 1, at: 3, checksum: digest([4, 5]).bytes).offset == 5)
        // More than was announced: the request is refused, what came before it stays.
        let long = try Draft.Sending(draft, 1, at: 5, length: nil)
        long.send([6, 7, 8, 9, 10, 11])
        #expect(refusal { try long.state() } == .tooLarge)
        #expect(try draft.state(1).offset == 5)
    }

    /// What a crash leaves behind the last acknowledged byte is cut off.
    @Test func tornTailsAreCutOff() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(10)
        try draft.send([1, 2, 3], to: 1, at: 0)
        let folder = files(draft, in: id)
        let journal = try Data(contentsOf: folder.appending(path: "1.draft"))
        for tail in [Data("{\"begun\":".utf8), journal.split(separator: 0x0a)[1] + Data([0x0a]), Data([0, 0, 0x0a]), Data([0x0a])] {
            try house.restart {
                for (name, bytes) in [("1", Data([9, 9])), ("1.draft", tail)] {
                    guard let file = try? FileHandle(forWritingTo: folder.appending(path: name)) else { return }
                    _ = try? file.seekToEnd()
                    try? file.write(contentsOf: bytes)
                    try? file.close()
                }
            }
            #expect(try draft.state(1).offset == 3, "\(tail)")
        }
        #expect(try Data(contentsOf: folder.appending(path: "1.draft")) == journal)
        #expect(try draft.send(Array(4...10), to: 1, at: 3).isComplete)
        #expect(try draft.submit().documents[0].sha256 == digest(Array(1...10)))
    }

    /// A segment whose ciphertext the disk did not get whole is not believed; one that was synced needs no look.
    @Test func anUnsyncedSegmentIsComparedWithItsDigest() throws {
        let house = try House()
        let folder = try DurableFolder(path: house.folder).makeFolder("one")
        let line = DraftDocumentLine(bid: identifier(1), number: 1, part: "offer", length: 6, created: house.dial.clock.now, detail: [1])
        let now = house.dial.clock.now
        do {
            let document = try DraftDocument.make(line, in: folder)
            for bytes: [UInt8] in [[1, 2], [3, 4], [5, 6]] {
                try document.append(bytes)
                try document.endSegment(header: [9], digest: [8], begun: now, isLast: bytes == [1, 2])
            }
        }
        func damage(_ offset: UInt64) throws {
            let file = try FileHandle(forWritingTo: URL(filePath: "\(house.folder)/one/1"))
            try file.seek(toOffset: offset)
            try file.write(contentsOf: Data([0xff]))
            try file.close()
        }
        #expect(try DraftDocument.open(1, in: folder)?.mark.offset == 6)
        // Opened, it was synced; the lines still say that only the first was when they were written.
        try damage(5)
        #expect(try DraftDocument.open(1, in: folder)?.mark.offset == 4)
        try damage(2)
        let document = try #require(try DraftDocument.open(1, in: folder))
        #expect(document.mark.offset == 2 && document.mark.segments == 1)
        #expect(try Data(contentsOf: URL(filePath: "\(house.folder)/one/1")) == Data([1, 2]))
        // Shorter than what was acknowledged: nobody goes on as if nothing were.
        try Data([1]).write(to: URL(filePath: "\(house.folder)/one/1"))
        #expect(throws: (any Error).self) { try DraftDocument.open(1, in: folder) }
    }

    @Test func theDraftIsItsDepositorsWithItsCode() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(1)
        for (user, code, kind) in [
            (house.otherBidder, draft.code, Refusal.Kind.notFound), (house.bidder, String(repeating: "0", count: 32), .forbidden),
            (house.bidder, "x", .forbidden), (house.buyer, draft.code, .forbidden),
        ] {
            let vault = house.vault
            #expect(refusal { try vault.uploadState(1, of: draft.bid, by: user.principal, bidCode: code) } == kind)
            #expect(refusal { try vault.draft(draft.bid, for: user.principal, bidCode: code) } == kind)
            #expect(refusal { try vault.dropDraft(draft.bid, by: user.principal, bidCode: code) } == kind)
            #expect(refusal { try vault.removeDocument(1, of: draft.bid, by: user.principal, bidCode: code) } == kind)
        }
        #expect(refusal { try draft.submit(code: String(repeating: "0", count: 32)) } == .forbidden)
        #expect(refusal { try house.vault.consultation(ofDraft: draft.bid, for: house.otherBidder.principal) } == .notFound)
    }

    @Test func limitsAreNamed() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        #expect(refusal { try draft.create((1 << 20) + 1) } == .tooLarge)
        #expect(refusal { try draft.create(1, named: "a/b") } == .name)
        #expect(refusal { try draft.create(1, folder: "a/../b") } == .name)
        #expect(refusal { try draft.create(1, folder: "/a") } == .name)
        #expect(refusal { try draft.create(1, signatureOf: 1) } == .invalid)
        try draft.create(1 << 19)
        try draft.create(1 << 19)
        #expect(refusal { try draft.create(1) } == .tooLarge, "the bid's bytes")
        for _ in 0..<3 { try draft.create(0) }
        #expect(refusal { try draft.create(0) } == .tooLarge, "the bid's documents")
        // A number is not used again, also after a restart.
        try house.vault.removeDocument(5, of: draft.bid, by: house.bidder.principal, bidCode: draft.code)
        #expect(try draft.create(0) == 6)
        try house.vault.removeDocument(6, of: draft.bid, by: house.bidder.principal, bidCode: draft.code)
        try house.restart {}
        #expect(try draft.create(0) == 7)
        for _ in 1..<Standing.mostDrafts { _ = try Draft(house, in: id, by: house.bidder) }
        #expect(refusal { try Draft(house, in: id, by: house.bidder) } == .busy)
        _ = try Draft(house, in: id, by: house.otherBidder)
    }

    /// A document of a byte a request comes to its bound, which is named; it stays as it was.
    @Test func aMillionSegmentsAreTooMany() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(1 << 20)
        try draft.send([1], to: 1, at: 0)
        let folder = try #require(try house.vault.drafts.store.folder(of: draft.bid, in: id))
        let first = try #require(try DraftJournal(1, in: folder)?.segments.first)
        let most = SealingLimits.segments
        try house.restart { [folder = files(draft, in: id)] in
            // Its line again and again: twenty thousand encodings would take a debug build half a minute.
            let line = String(decoding: first.canonicalBytes, as: UTF8.self)
            let parts = line.split(separator: #/"number":1,"offset":0|"synced":1/#, omittingEmptySubsequences: false)
            var lines: [UInt8] = []
            for number in 2...most {
                lines += Array("\(parts[0])\"number\":\(number),\"offset\":\(number - 1)\(parts[1])\"synced\":\(number)\(parts[2])\n".utf8)
            }
            for (name, bytes) in [("1", [UInt8](repeating: 0, count: most - 1)), ("1.draft", lines)] {
                guard let file = try? FileHandle(forWritingTo: folder.appending(path: name)) else { return }
                _ = try? file.seekToEnd()
                try? file.write(contentsOf: Data(bytes))
                try? file.close()
            }
        }
        #expect(try draft.state(1).offset == Int64(most))
        #expect {
            try Draft.Sending(draft, 1, at: Int64(most), length: 1)
        } throws: { error in
            guard let refusal = error as? Refusal else { return false }
            return refusal.kind == .rate && refusal.detail?.contains("\(most) segments (limit `segments`)") == true
        }
        #expect(try draft.state(1).offset == Int64(most))
    }

    /// What is promised is given back: as bytes come, when a document is removed, after an idle hour.
    @Test func roomIsPromisedAndGivenBack() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        let account = house.bidder.principal.account
        let reservations = house.vault.reservations
        try draft.create(100)
        #expect(reservations.bytes(of: account) == 100 && reservations.uploads == 0)
        try draft.send(Array(repeating: 1, count: 40), to: 1, at: 0)
        #expect(reservations.bytes(of: account) == 60 && reservations.uploads == 0)
        let sending = try Draft.Sending(draft, 1, at: 40, length: 60)
        #expect(reservations.uploads == 1)
        house.vault.drafts.releaseIdle(now: Clocks.monotonicMilliseconds() + Drafts.idle)
        #expect(reservations.bytes(of: account) == 60, "it is under way")
        sending.upload.abandon("cut")
        _ = try draft.state(1)
        house.vault.drafts.releaseIdle(now: Clocks.monotonicMilliseconds() + Drafts.idle + 1)
        #expect(reservations.bytes(of: account) == 0)
        // Asked for again with the next bytes.
        try draft.send([1], to: 1, at: 40)
        #expect(reservations.bytes(of: account) == 59)
        try house.vault.removeDocument(1, of: draft.bid, by: house.bidder.principal, bidCode: draft.code)
        #expect(reservations.bytes(of: account) == 0 && reservations.uploads == 0)
    }

    // MARK: Submission and the deadline

    @Test func itSubmitsItselfWithTheLastByteOfTheLastDocument() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder, awaited: 2, intent: .complements)
        try draft.create(1)
        #expect(try !draft.send([1], to: 1, at: 0).isSubmitted, "one of two")
        try draft.create(2)
        #expect(try !draft.send([1], to: 2, at: 0).isSubmitted)
        house.dial.turn(to: "12:00:00.500")
        #expect(try draft.send([2], to: 2, at: 1).isSubmitted)
        let bid = try #require(try house.facts(BidReceived.self).first)
        #expect(bid.received == Dial.instant("12:00:00.500") && bid.verdict == .onTime && bid.intent == .complements)
        #expect(refusal { try Draft(house, in: id, by: house.bidder, awaited: 6) } == .tooLarge)
    }

    /// The last byte of the submission was read in time: the closing waits for it, and lists it.
    @Test func theClosingWaitsForASubmission() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(1)
        try draft.send([1], to: 1, at: 0)
        let unsubmitted = try Draft(house, in: id, by: house.otherBidder)
        house.dial.turn(to: "12:00:00.900")
        let ticket = house.vault.enterSubmission(of: id)
        house.dial.turn(to: "12:00:03.000")
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).isEmpty)
        let receipt = try draft.submit(.unstated, ticket: ticket)
        #expect(receipt.bid.verdict == .onTime && receipt.bid.received == Dial.instant("12:00:00.900"))
        house.vault.tend()
        let statement = try #require(try house.facts(ClosingStated.self).first)
        #expect(statement.toOpen.map(\.bid) == [draft.bid] && statement.drafts == 1)
        // Late, and both instants in the receipt.
        try unsubmitted.create(1)
        try unsubmitted.send([1], to: 1, at: 0)
        let late = try unsubmitted.submit()
        #expect(late.bid.verdict == .late && late.bid.started == Dial.instant("11:00:00.000"))
    }

    /// Killed between the second names and the commit: the draft is as it was, the names are moved aside, nothing is lost.
    @Test func aSubmissionThatDiedIsMadeAgain() throws {
        let house = try House()
        let (id, _) = try house.published()
        let draft = try Draft(house, in: id, by: house.bidder)
        try draft.create(3)
        try draft.send([1, 2, 3], to: 1, at: 0)
        let links = DraftLinks(house.vault.envelopes, bid: draft.bid, consultation: id)
        let folder = try #require(try house.vault.drafts.store.folder(of: draft.bid, in: id))
        try links.link([1], from: folder)
        _ = try links.finish([1, 2])
        try house.restart {}
        try house.vault.setAsideUnknown()
        #expect(house.files("envelopes") == [] && house.files("lost+found").count == 2)
        #expect(try draft.submit().documents[0].sha256 == digest([1, 2, 3]))
        house.vault.stop()
    }
}
