import Canonical
import Foundation
import Rehearsal
import Testing

/// Parts opened apart, a late bid that is read by decision, and a bid that one opener alone says it cannot open.
@Suite(.serialized) struct OpeningByPartTests {
    static let parts = ["application", "offer"]

    private func texts(_ folder: URL) throws -> [String] {
        let all = FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".txt") }.map { $0.split(separator: "/").dropFirst().joined(separator: "/") }.sorted()
    }

    /// One company fills both parts.
    @discardableResult
    private func depositBoth(_ curl: Curl, in consultation: String) throws -> String {
        let both = try DraftTests.Sender(curl, in: consultation)
        for (name, part) in [("dc1.txt", "application"), ("prix.txt", "offer")] {
            let created = try Procedure.expect(201, both.create(4, named: name, ["part": part]))
            try Procedure.expect(204, both.patch(created.fields["location"] ?? "", at: 0, Data("abcd".utf8)))
        }
        return try Procedure.expect(201, both.submit())["bid"]
    }

    @Test func theApplicationFirstThenTheOffer() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 30, parts: Self.parts)
        try depositBoth(cast.bidders[0].curl, in: consultation.id)
        // This one forgot its application.
        let offer = cast.bidders[1].folder.url.appending(path: "offre.txt")
        try Data("efgh".utf8).write(to: offer)
        try cast.bidders[1].sceauChecked(["bid", "deposit", consultation.id, offer.path(percentEncoded: false), "--part", "offer"])
        try consultation.waitUntilClosed()

        // Not the offer first, nor a part that is none.
        let (first, second) = (cast.members[0], cast.members[1])
        for (part, message, status) in [("offer", "application is opened before", 4), ("price", "no part 'price'", 2)] as [(String, String, Int32)] {
            let outcome = try first.sceau(
                ["open", consultation.id, "--key", first.key ?? "", "--out", first.folder.path("no-\(part)"), "--part", part])
            #expect(outcome.status == status && outcome.err.contains(message), "\(outcome)")
        }
        let (applications, folder) = try consultation.open(by: first, approvedBy: [second], parts: ["application"])
        #expect(applications.status == 0, "\(applications)")
        #expect(try texts(folder) == ["application/dc1.txt"])
        // Another member announces the second, in the same sitting.
        let (offers, offersFolder) = try consultation.open(by: second, approvedBy: [cast.members[2]], parts: ["offer"])
        #expect(offers.status == 0, "\(offers)")
        #expect(try texts(offersFolder) == ["offer/offre.txt", "offer/prix.txt"])
    }

    @Test func aReleaseGivesOutItsOwnPartAlone() throws {
        let stage = try Stage(openers: 3)
        let procedure = try Procedure(stage, deadlineIn: 20, parts: Self.parts)
        try procedure.prepare(parts: Self.parts)
        let bid = try depositBoth(stage.bidders[0], in: procedure.id.text)
        try procedure.waitUntilClosed()
        let session = try Session(procedure, parts: ["application"])
        try Procedure.expect(201, session.announce())
        for member in [1, 2] { try Procedure.expect(201, session.approve(member)) }
        let release = try Procedure.expect(200, session.release())
        #expect((release.json["parts"] as? [[String: Any]])?.map { $0["part"] as? String } == ["application"])
        func document(_ number: Int) throws -> Answer { try stage.openers[0].get(session.path + "/bids/\(bid)/documents/\(number)") }
        #expect(try document(1).status == 200)
        let offer = try document(2)
        #expect(offer.status == 403 && offer.problem == "withheld", "\(offer)")
        #expect(try document(3).status == 404)
    }

    @Test func aLateBidIsReadByDecisionAlone() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 15)
        for (name, bidder) in [("a.txt", cast.bidders[0]), ("b.txt", cast.bidders[1])] {
            let file = bidder.folder.url.appending(path: name)
            try Data(name.utf8).write(to: file)
            if name == "b.txt" { try consultation.waitUntilClosed() }
            try bidder.sceauChecked(["bid", "deposit", consultation.id, file.path(percentEncoded: false)])
        }
        let (first, second) = (cast.members[0], cast.members[1])
        let (before, sealed) = try consultation.open(by: first, approvedBy: [second])
        #expect(before.status == 0 && before.text.contains("1 late"), "\(before)")
        #expect(try texts(sealed) == ["offer/a.txt"])
        let bids = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: sealed.appending(path: "minutes.json"))) as? [String: Any])
        let object = bids["object"] as? [String: Any] ?? [:]
        let late = try #require(
            (object["bids"] as? [[String: Any]])?.first { $0["verdict"] as? String == "late" }?["bid"] as? String)

        let words = ["consultation", "admit", consultation.id, "--bid", late, "--grounds", "TA Grenoble, n° 2607123", "--ground"]
        let wrong = try cast.buyer.sceau(words + ["mercy"])
        #expect(wrong.status == 2, "\(wrong)")
        let notBuyer = try first.sceau(words + ["court-order"])
        #expect(notBuyer.status == 4, "\(notBuyer)")
        try cast.buyer.sceauChecked(words + ["court-order"])
        let again = try cast.buyer.sceau(words + ["court-order"])
        #expect(again.status == 4 && again.err.contains("already"), "\(again)")
        let notices = try cast.bidders[1].sceauChecked(["notices"])
        #expect(notices.contains(late) && notices.contains("read all the same"), "\(notices)")

        let (after, opened) = try consultation.open(by: second, approvedBy: [first])
        #expect(after.status == 0 && after.err.contains("court-order"), "\(after)")
        #expect(try texts(opened) == ["offer/a.txt", "offer/b.txt"])
        let page = try String(contentsOf: opened.appending(path: "minutes.fr.html"), encoding: .utf8)
        #expect(page.contains("offre tardive admise") && page.contains("TA Grenoble"))
    }

    /// The announcer's machine is not to be believed alone: the file is spoiled for its reading, and whole again for the next.
    @Test func oneOpenersFailureIsContestedUntilAnotherFails() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 15)
        let file = cast.bidders[0].folder.url.appending(path: "a.txt")
        try Data("abcd".utf8).write(to: file)
        try cast.bidders[0].sceauChecked(["bid", "deposit", consultation.id, file.path(percentEncoded: false)])
        try consultation.waitUntilClosed()
        let (first, second, third) = (cast.members[0], cast.members[1], cast.members[2])
        func failed() throws -> [Bool] {
            let answer = try cast.buyer.curl.get(consultation.path + "/openings")
            return (answer.json["failed"] as? [[String: Any]] ?? []).compactMap { $0["final"] as? Bool }
        }
        let folder = URL(fileURLWithPath: cast.instance.data).appending(path: "envelopes/\(consultation.id)")
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasSuffix(".1") })
        let ciphertext = folder.appending(path: name)
        let whole = try Data(contentsOf: ciphertext)
        func spoil() throws {
            var bytes = whole
            bytes[0] ^= 1
            try bytes.write(to: ciphertext)
        }
        try spoil()
        let (one, _) = try consultation.open(by: first, approvedBy: [second])
        #expect(one.status == 3 && one.err.contains("contested"), "\(one)")
        #expect(try failed() == [false])
        let (same, _) = try consultation.open(by: first, approvedBy: [third])
        #expect(try same.status == 3 && failed() == [false], "the same member's word again")
        let (two, _) = try consultation.open(by: second, approvedBy: [third])
        #expect(two.status == 3 && two.err.contains("that is final"), "\(two)")
        #expect(try failed() == [true])
        try whole.write(to: ciphertext)
        let (good, _) = try consultation.open(by: third, approvedBy: [first])
        #expect(try good.status == 0 && failed() == [], "what one opens has not failed")
    }
}
