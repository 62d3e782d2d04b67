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

    /// Killed between any two steps, the daemon goes on with the old keys or the new; a tool that is killed with its session is
    /// begun again, and what it had announced does no harm.
    @Test func daemonAndToolAreKilled() throws {
        let cast = try Cast.ready()
        try cast.instance.keepPort()
        let consultation = try cast.published(deadlineIn: 3600)
        let id = consultation.id
        let newcomer = try Person("Suppléante", role: "opener", at: cast.instance, account: "Valbourg")
        try newcomer.makeKey()
        let renewal = Renewal(consultation, to: [cast.members[0], cast.members[1], newcomer])
        func killed() throws {
            cast.instance.kill()
            try cast.instance.start()
        }
        func inForce() throws -> String { try cast.buyer.curl.get(consultation.path + "/keys")["fingerprint"] }
        // The tool, once it has announced: its session is gone, and with it what it asked for.
        let lost = try renewal.start(by: cast.members[0])
        #expect(try renewal.digest(while: lost) != nil)
        lost.signal(SIGKILL)
        _ = lost.wait(seconds: 10)
        try killed()
        #expect(try inForce() == consultation.fingerprint)
        // The daemon, while the tool waits: it is found again.
        let job = try renewal.start(by: cast.members[0])
        let committee = try #require(try renewal.digest(while: job))
        try killed()
        let opening = try #require(try Self.newest(consultation))
        try cast.members[1].sceauChecked(
            ["share", "approve", id, "--key", cast.members[1].key ?? "", "--to-committee", committee, "--opening", opening])
        let renewed = try renewal.end(job)
        #expect(renewed.status == 0, "\(renewed)")
        for (index, member) in [newcomer, cast.members[1], cast.members[0]].enumerated() {
            try killed()
            #expect(try inForce() == consultation.fingerprint, "after \(index) acceptances")
            try member.sceauChecked(["share", "accept", id, "--key", member.key ?? "", "--fingerprint", consultation.fingerprint])
        }
        try killed()
        #expect(try inForce() == renewed.line)
        // What the lost tool had announced was of the committee before: nobody approves it any more.
        let list = try consultation.openings()
        #expect(list.count == 2)
        let stale = try #require(list.first { $0 != opening })
        let refused = try cast.members[1].sceau(
            ["share", "approve", id, "--key", cast.members[1].key ?? "", "--to-committee", committee, "--opening", stale])
        #expect(refused.status == 4, "\(refused)")
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    private static func newest(_ consultation: Consultation) throws -> String? {
        let answer = try consultation.cast.buyer.curl.get(consultation.path + "/openings")
        let list = answer.json["openings"] as? [[String: Any]] ?? []
        return list.max { ($0["announcedAt"] as? String ?? "") < ($1["announcedAt"] as? String ?? "") }?["opening"] as? String
    }

    /// Before a share helps to make another's, its holder has said to whom; and too few shares left is said with what can be done.
    @Test func whoIsAskedKnowsWhom() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published()
        let id = consultation.id
        let newcomer = try Person("Suppléante", role: "opener", at: cast.instance, account: "Valbourg")
        try newcomer.makeKey()
        let renewal = Renewal(consultation, to: [cast.members[0], newcomer])
        // Nobody approves in time.
        let alone = try cast.members[0].sceau(renewal.arguments + ["--key", cast.members[0].key ?? "", "--wait", "2"])
        #expect(alone.status == 1 && alone.err.contains("1 of 2 members have approved"), "\(alone)")
        #expect(alone.err.contains("bids sealed to these keys stay sealed for ever"), "\(alone)")
        // Without a terminal and without the committee's digest nothing is lent; nor with another digest.
        let unasked = try cast.members[1].sceau(["share", "approve", id, "--key", cast.members[1].key ?? ""])
        #expect(unasked.status != 0 && unasked.err.contains("Suppléante, certificate "), "\(unasked)")
        let other = try cast.members[1].sceau(
            ["share", "approve", id, "--key", cast.members[1].key ?? "", "--to-committee", consultation.fingerprint,
                "--opening", try #require(try Self.newest(consultation))])
        #expect(other.status == 4 && other.err.contains("not to the one given"), "\(other)")
        // Who is no member announces nothing.
        let stranger = try newcomer.sceau(renewal.arguments + ["--key", newcomer.key ?? "", "--fingerprint", consultation.fingerprint])
        #expect(stranger.status == 4 && stranger.err.contains("not in this consultation's committee"), "\(stranger)")
        // The same member twice, a quorum that nobody can be.
        let twice = try cast.members[0].sceau(
            ["share", "renew", id, "--quorum", "1", "--member", newcomer.certificate, newcomer.certificate, "--key", cast.members[0].key ?? ""])
        #expect(twice.status == 2 && twice.err.contains("share one key"), "\(twice)")
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
        try cast.buyer.curl.get("/log/keys").body.write(to: out.appending(path: "log"))
        let verified = try Shell.run(
            Checkout.binary("sceau"),
            ["verify", path("closing.json"), path("minutes.json"), path("minutes-communicable.json"), path("closing.tlog-proof"), "--log", path("log")])
        #expect(verified.status == 0 && verified.text.contains("holds: minutes: minutes.json: "), "\(verified)")
        // An export of the whole, and one in which a signed approval of the committee before was exchanged for another.
        try Shell.check(Checkout.binary("sceaud"), ["export", "--config", cast.instance.config, "--to", path("export")])
        func audited() throws -> Outcome { try Shell.run(Checkout.binary("sceau"), ["verify", path("export"), "--log", path("log")]) }
        let audit = try audited()
        #expect(audit.status == 0, "\(audit)")
        #expect(audit.text.contains(#/holds: re-share: consultation [0-9a-f]+: [12] in force, each approved by the quorum before it/#), "\(audit)")
        let objects = try FileManager.default.contentsOfDirectory(atPath: path("export/objects")).map { path("export/objects/" + $0) }
        let approvals = try objects.filter { try String(decoding: Data(contentsOf: URL(filePath: $0)), as: UTF8.self).contains("sceau/approval/1") }
        #expect(approvals.count >= 4)
        for approval in approvals { try Data(contentsOf: URL(filePath: approvals[0])).write(to: URL(filePath: approval)) }
        let forged = try audited()
        #expect(forged.status == 4 && forged.text.contains("FAILS: re-share: consultation "), "\(forged)")
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }
}
