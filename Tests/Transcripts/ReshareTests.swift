import Foundation
import Rehearsal
import Testing

/// A committee whose members change, with the real binaries: the keys stay, and bids from before and after open.
@Suite(.serialized) struct ReshareTests {
    /// Member 3 leaves, and another comes, while the consultation is published. Bids from before and after the change are
    /// opened by a quorum with the newcomer; nobody but the committee noticed.
    @Test func aMemberIsReplacedBeforeTheDeadline() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 25)
        let id = consultation.id
        let before = try cast.bidders[0].curl.deposit(Data("avant".utf8), named: "avant.pdf", in: id)
        #expect(before.status == 201 && before["keys"] == consultation.fingerprint, "\(before)")

        let newcomer = try Person("Suppléante", role: "opener", at: cast.instance, account: "Valbourg")
        try newcomer.makeKey()
        let renewal = Renewal(consultation, to: [cast.members[0], cast.members[1], newcomer])
        let renewed = try renewal.run(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(renewed.status == 0, "\(renewed)")
        #expect(renewed.err.contains("held the committee's whole quorum"), "\(renewed.err)")
        #expect(renewed.err.contains("shares of the old split stay dangerous while 2 of them survive"), "\(renewed.err)")
        let fingerprint = renewed.line
        #expect(fingerprint.utf8.count == 64 && fingerprint != consultation.fingerprint)

        // Bidders and tender documents: what they were.
        func shown() throws -> Answer { try cast.bidders[1].curl.get(consultation.path) }
        #expect(try shown()["fingerprint"] == consultation.fingerprint)
        let accepted = try [cast.members[0], newcomer].map {
            try $0.sceauChecked(["share", "accept", id, "--key", $0.key ?? "", "--fingerprint", consultation.fingerprint])
        }
        #expect(accepted[1].contains("of the new committee; 2 of 3 needed"), "\(accepted)")
        #expect(try cast.buyer.curl.get(consultation.path + "/keys")["fingerprint"] == consultation.fingerprint)
        try cast.members[1].sceauChecked(["share", "accept", id, "--key", cast.members[1].key ?? ""])
        #expect(try cast.buyer.curl.get(consultation.path + "/keys")["fingerprint"] == fingerprint)
        #expect(try shown()["fingerprint"] == consultation.fingerprint)

        let company = cast.bidders[1]
        let offer = try company.folder.write("après.pdf", "après")
        let after = try company.sceau(["bid", "deposit", id, offer, "--key", consultation.fingerprint])
        #expect(after.status == 0 && after.text.contains("\"verdict\":\"on-time\""), "\(after)")

        try consultation.waitUntilClosed()
        // Who left opens nothing any more; the newcomer does, with one who stayed.
        let left = try cast.members[2].sceau(
            ["open", id, "--key", cast.members[2].key ?? "", "--out", cast.members[2].folder.path("left"), "--wait", "0"])
        #expect(left.status == 4 && left.err.contains("not in this consultation's committee"), "\(left)")
        let (outcome, out) = try consultation.open(by: newcomer, approvedBy: [cast.members[1]])
        #expect(outcome.status == 0 && outcome.text.hasPrefix("2 bids opened"), "\(outcome)")
        let texts = try StoryTests.files(below: out).filter { $0.pathExtension == "pdf" }.map { try String(contentsOf: $0, encoding: .utf8) }
        #expect(Set(texts) == ["avant", "après"])

        try Renewal.expectVerified(cast, out)
    }

    /// The same after the deadline, twice, before anything was opened: of three members one has lost its key, then another leaves.
    @Test func membersAreReplacedAfterTheDeadline() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 15)
        let id = consultation.id
        let bid = try cast.bidders[0].curl.deposit(Data("prix".utf8), named: "prix.pdf", in: id)
        #expect(bid.status == 201, "\(bid)")
        try consultation.waitUntilClosed()
        let newcomers = try (1...2).map {
            let person = try Person("Suppléant \($0)", role: "opener", at: cast.instance, account: "Valbourg")
            try person.makeKey()
            return person
        }
        let first = Renewal(consultation, to: [cast.members[1], cast.members[2], newcomers[0]])
        #expect(try first.run(by: cast.members[2], approvedBy: [cast.members[1]]).status == 0)
        try first.accept()
        let second = Renewal(consultation, to: [newcomers[1], newcomers[0]], quorum: 2)
        let renewed = try second.run(by: newcomers[0], approvedBy: [cast.members[1]])
        #expect(renewed.status == 0, "\(renewed)")
        try second.accept()
        let (outcome, out) = try consultation.open(by: newcomers[1], approvedBy: [newcomers[0]])
        #expect(outcome.status == 0 && outcome.text.hasPrefix("1 bid opened"), "\(outcome)")
        // The minutes name the keys in force, and those that the bids name.
        let minutes = try String(contentsOf: out.appending(path: "minutes.json"), encoding: .utf8)
        #expect(minutes.contains("\"fingerprint\":\"\(renewed.line)\""))
        #expect(minutes.contains("\"original\":\"\(consultation.fingerprint)\""))
        try Renewal.expectVerified(cast, out)
    }
}

extension Renewal {
    /// The closing statement with the minutes offline, the daemon's own check of what it keeps, and an export of it.
    static func expectVerified(_ cast: Cast, _ out: URL) throws {
        func path(_ name: String) -> String { out.appending(path: name).path(percentEncoded: false) }
        let verified = try Shell.run(Checkout.binary("sceau"), ["verify", path("closing.json"), path("minutes.json"), path("minutes-communicable.json")])
        #expect(verified.status == 0, "\(verified)")
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }
}
