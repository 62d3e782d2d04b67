import Foundation
import Rehearsal
import Testing

/// Keys of a published consultation that may have been stolen: another set is made for bids to come. Those that came keep theirs, their
/// bidders are told, each set is opened by its own committee, and an auditor follows all of it.
@Suite(.serialized) struct AddedKeysTests {
    private func texts(_ folder: URL) throws -> [String] {
        try StoryTests.files(below: folder).filter { $0.pathExtension == "txt" }.map { try String(contentsOf: $0, encoding: .utf8) }.sorted()
    }

    private func deposit(_ text: String, _ company: Person, _ id: String, _ more: [String] = []) throws -> Outcome {
        try company.sceau(["bid", "deposit", id, company.folder.write("\(text).txt", text)] + more)
    }

    /// The closing statement with the minutes of all openings, offline; an export of it; the daemon's own check of what it keeps.
    private func expectVerified(_ cast: Cast, _ opened: [URL]) throws {
        let log = cast.buyer.folder.url.appending(path: "log")
        try cast.buyer.curl.get("/log/keys").body.write(to: log)
        func path(_ folder: URL, _ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
        let minutes = opened.flatMap { [path($0, "minutes.json"), path($0, "minutes-communicable.json")] }
        let closing = [path(opened[0], "closing.json"), path(opened[0], "closing.tlog-proof")]
        let keys = ["--log", log.path(percentEncoded: false)]
        let verified = try Shell.run(Checkout.binary("sceau"), ["verify"] + closing + minutes + keys)
        #expect(verified.status == 0, "\(verified)")
        #expect(verified.text.components(separatedBy: "they account for each of the").count == opened.count + 1, "\(verified)")
        #expect(verified.text.contains("are sealed to other keys, which openings of their own open"), "\(verified)")
        let export = path(cast.buyer.folder.url, "export")
        try Shell.check(Checkout.binary("sceaud"), ["export", "--config", cast.instance.config, "--to", export])
        let audit = try Shell.run(Checkout.binary("sceau"), ["verify", export] + keys)
        #expect(audit.status == 0 && audit.text.contains("holds: closing: log/real: "), "\(audit)")
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    @Test func bidsKeepTheirKeysAndBothSetsOpen() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 40)
        let id = consultation.id
        let first = consultation.fingerprint
        let (a, b) = (cast.bidders[0], cast.bidders[1])
        #expect(try deposit("avant", a, id, ["--key", first]).status == 0)
        // This one has begun, and is not submitted.
        let draft = try DraftTests.Sender(b.curl, in: id)
        let created = try Procedure.expect(201, draft.create(4, named: "brouillon.txt"))
        try Procedure.expect(204, draft.patch(created.fields["location"] ?? "", at: 0, Data("noir".utf8)))

        // The committee of the second set is not that of the first.
        let newcomer = try Person("Suppléante", role: "opener", at: cast.instance, account: "Valbourg")
        try newcomer.makeKey()
        let members = [cast.members[0], cast.members[1], newcomer]
        let sealing = ["consultation", "seal", id, "--quorum", "2"] + members.flatMap { ["--member", $0.certificate] }
        let careless = try cast.buyer.sceau(sealing)
        #expect(careless.status == 4 && careless.err.contains("--add"), "\(careless)")
        let second = try cast.buyer.sceauChecked(sealing + ["--add"])
        #expect(second.utf8.count == 64 && second != first)
        let adding = ["consultation", "add-keys", id, "--grounds", "La clé d'un membre a été volée."]
        let soon = try cast.buyer.sceau(adding)
        #expect(soon.status == 4 && soon.err.contains("0 members have accepted, and it takes 3"), "\(soon)")
        // Who has pinned the first takes the second only on the buyer's word, whatever the platform says.
        let blind = try cast.members[0].sceau(["share", "accept", "--all", "--key", cast.members[0].key ?? ""])
        #expect(blind.status == 4 && blind.err.contains("KEYS WERE ADDED TO THIS CONSULTATION"), "\(blind)")
        for member in members { try member.sceauChecked(["share", "accept", id, "--key", member.key ?? "", "--fingerprint", second]) }
        #expect(try cast.buyer.curl.get(consultation.path)["fingerprint"] == first, "accepted is not in force")
        let foreign = try cast.members[0].sceau(adding)
        #expect(foreign.status == 4, "\(foreign)")
        #expect(try cast.buyer.sceauChecked(adding) == second)
        let shown = try cast.buyer.curl.get(consultation.path)
        #expect(shown["fingerprint"] == second && shown.json["earlierKeys"] as? [String] == [first])

        // Who bid, and who has begun, is told; what was begun is finished under the keys of before.
        for company in [a, b] {
            let notices = try company.sceauChecked(["notices"])
            #expect(notices.contains("sealed to the keys before") && notices.split(separator: "\n").count == 1, "\(notices)")
        }
        #expect(try cast.buyer.sceauChecked(adding) == second, "again, after a lost answer")
        let finished = try Procedure.expect(201, draft.submit())
        #expect(finished["keys"] == first && finished["verdict"] == "on-time")
        // Who pinned the old fingerprint deposits under the new one only once it was given.
        let surprised = try deposit("après", a, id)
        #expect(surprised.status == 4 && surprised.err.contains("KEYS WERE ADDED"), "\(surprised)")
        let stale = try deposit("après", a, id, ["--key", first])
        #expect(stale.status == 4 && stale.err.contains("not the one given"), "\(stale)")
        #expect(try deposit("après", a, id, ["--key", second]).status == 0)

        try consultation.waitUntilClosed()
        let unclear = try cast.members[0].sceau(
            ["open", id, "--key", cast.members[0].key ?? "", "--out", cast.members[0].folder.path("x"), "--wait", "0"])
        #expect(unclear.status == 4 && unclear.err.contains("has 2 key sets") && unclear.err.contains(first), "\(unclear)")
        // Each by a quorum that has nothing of the other's: member 3 is of the first alone, the newcomer of the second alone.
        let (one, before) = try consultation.open(by: cast.members[2], approvedBy: [cast.members[1]], keys: first)
        #expect(one.status == 0 && one.text.contains("2 bids opened, 1 under other keys"), "\(one)")
        #expect(try texts(before) == ["avant", "noir"])
        let early = try cast.buyer.sceau(["consultation", "archive", id])
        #expect(early.status == 4 && early.err.contains("bids under the keys \(second) were never opened"), "\(early)")
        let (two, after) = try consultation.open(by: newcomer, approvedBy: [cast.members[0]], keys: second)
        #expect(two.status == 0 && two.text.contains("1 bid opened, 2 under other keys"), "\(two)")
        #expect(try texts(after) == ["après"])
        let page = try String(contentsOf: after.appending(path: "minutes.fr.html"), encoding: .utf8)
        #expect(page.contains("clés ajoutées") && page.contains("a été volée") && page.contains("Scellé sous d"))
        // Neither lends itself to the other.
        let stranger = try newcomer.sceau(
            ["open", id, "--key", newcomer.key ?? "", "--out", newcomer.folder.path("x"), "--wait", "0", "--fingerprint", first])
        #expect(stranger.status == 4 && stranger.err.contains("not in this consultation's committee"), "\(stranger)")

        try expectVerified(cast, [before, after])
    }

    /// The committee of the earlier keys is replaced while another set is in force, and opens what is its own.
    @Test func theCommitteeOfEarlierKeysIsReplaced() throws {
        let cast = try Cast.ready()
        try cast.instance.keepPort()
        let consultation = try cast.published(deadlineIn: 40)
        let id = consultation.id
        let first = consultation.fingerprint
        #expect(try deposit("avant", cast.bidders[0], id).status == 0)
        let sealing = ["consultation", "seal", id, "--add", "--quorum", "2"] + cast.members.flatMap { ["--member", $0.certificate] }
        let second = try cast.buyer.sceauChecked(sealing)
        for member in cast.members { try member.sceauChecked(["share", "accept", id, "--key", member.key ?? "", "--fingerprint", second]) }
        try cast.buyer.sceauChecked(["consultation", "add-keys", id, "--grounds", "Prudence."])
        // Killed between the two, it says the same.
        cast.instance.kill()
        try cast.instance.start()
        #expect(try cast.buyer.sceauChecked(["consultation", "add-keys", id, "--grounds", "Prudence.", "--fingerprint", second]) == second)
        let newcomer = try Person("Suppléante", role: "opener", at: cast.instance, account: "Valbourg")
        try newcomer.makeKey()
        let renewal = Renewal(consultation, to: [cast.members[0], cast.members[1], newcomer], keys: first)
        let renewed = try renewal.run(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(renewed.status == 0, "\(renewed)")
        for member in [cast.members[0], cast.members[1], newcomer] {
            try member.sceauChecked(["share", "accept", id, "--key", member.key ?? "", "--fingerprint", first])
        }
        let rehearsed = try newcomer.sceauChecked(["key", "check", "--all", "--key", newcomer.key ?? ""])
        #expect(rehearsed.contains("opens; recorded"), "\(rehearsed)")
        #expect(try deposit("après", cast.bidders[1], id).status == 0)
        try consultation.waitUntilClosed()
        let (one, before) = try consultation.open(by: newcomer, approvedBy: [cast.members[1]], keys: first)
        #expect(try one.status == 0 && texts(before) == ["avant"], "\(one)")
        let (two, after) = try consultation.open(by: cast.members[2], approvedBy: [cast.members[1]], keys: second)
        #expect(try two.status == 0 && texts(after) == ["après"], "\(two)")
        try expectVerified(cast, [before, after])
    }
}
