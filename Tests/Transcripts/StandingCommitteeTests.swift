import Foundation
import Rehearsal
import Testing

/// A standing committee from its setting to a departure, with acceptances and rehearsals in one go.
@Suite(.serialized) struct StandingCommitteeTests {
    private let cast: Cast
    private let admin: Person

    init() throws {
        cast = try Cast.ready()
        admin = try Person("Secrétaire générale", role: "admin", at: cast.instance, account: "Valbourg")
    }

    private func set(_ more: [String] = []) throws -> String {
        try admin.sceauChecked(
            ["committee", "set", "cao", "--quorum", "2"] + cast.members.flatMap { ["--member", $0.certificate] } + more)
    }

    private func sealed(_ more: [String] = []) throws -> (id: String, fingerprint: String) {
        let draft = try cast.draft()
        return (draft.id, try cast.buyer.sceauChecked(["consultation", "seal", draft.id, "--committee", "cao"] + more))
    }

    @Test func aCommitteeIsSetSealedToAndReplaced() throws {
        let digest = try set()
        // Only whoever was told what it is seals to it: once told, it is pinned.
        let draft = try cast.draft()
        let unvouched = try cast.buyer.sceau(["consultation", "seal", draft.id, "--committee", "cao"])
        #expect(unvouched.status == 4 && unvouched.err.contains("only from the platform itself"), "\(unvouched)")
        let wrong = try cast.buyer.sceau(
            ["consultation", "seal", draft.id, "--committee", "cao", "--committee-digest", String(repeating: "0", count: 64)])
        #expect(wrong.status == 4 && wrong.err.contains("not the one given"), "\(wrong)")
        let first = try sealed(["--committee-digest", digest])
        let second = try sealed()

        let shown = try cast.buyer.sceauChecked(["committee", "show", "cao"])
        for member in cast.members {
            let own = try Shell.check("sh", ["-c", "openssl x509 -in \(member.certificate) -outform DER | sha256sum | cut -c1-64"]).line
            #expect(shown.contains(own), "\(shown)")
        }
        #expect(shown.contains(digest))
        let one = try cast.members[0].sceau(["committee", "show", "cao"])
        #expect(one.status == 0 && one.err.contains("on the platform's word"), "\(one)")

        // All that is pending in one command; a second time there is nothing.
        let member = cast.members[0]
        let key = ["--key", member.key ?? ""]
        let accepted = try member.sceau(["share", "accept", "--all", "--json"] + key)
        #expect(accepted.status == 0 && accepted.text.contains(first.id) && accepted.text.contains(second.id), "\(accepted)")
        #expect(accepted.err.contains(first.fingerprint) && accepted.err.contains(second.fingerprint))
        #expect(try member.sceauChecked(["share", "accept", "--all"] + key) == "no share of this key waits to be accepted")

        // It is rehearsed: the share is nowhere in what the daemon got.
        let rehearsed = try member.sceauChecked(["key", "check", "--all"] + key)
        #expect(rehearsed.split(separator: "\n").count == 2, "\(rehearsed)")
        let events = try RegisterEvents(cast.instance)
        #expect(try events.of("share-rehearsed").map { $0["member"] as? Int } == [1, 1])
        // Nobody rehearses a share that it has not accepted.
        let early = try cast.members[1].sceau(["key", "check", first.id, "--key", cast.members[1].key ?? ""])
        #expect(early.status == 4 && early.err.contains("has not accepted"), "\(early)")

        // Somebody leaves.
        let successor = try Person("Dominique", role: "opener", at: cast.instance, account: "Valbourg")
        try successor.makeKey()
        let replaced = try admin.sceau(["committee", "replace", "cao", "Membre 2", successor.certificate, "--json"])
        #expect(replaced.status == 0, "\(replaced)")
        #expect(replaced.text.contains(first.id) && replaced.text.contains(second.id) && replaced.err.contains("a re-share is due in 2"))
        // The buyer's tool was told of another.
        let changed = try cast.buyer.sceau(["consultation", "seal", draft.id, "--committee", "cao"])
        #expect(changed.status == 4 && changed.err.contains("THE STANDING COMMITTEE 'cao' HAS CHANGED"), "\(changed)")
        let digests = try events.of("committee-set").compactMap { $0["committee"] as? String }
        #expect(digests.count == 2 && digests.first == digest)
        // In a list the others are shown all the same.
        _ = try admin.sceauChecked(["committee", "set", "autre", "--quorum", "1", "--member", cast.members[0].certificate])
        let listed = try cast.buyer.sceau(["committee", "list"])
        #expect(listed.status == 4 && listed.err.contains("THE STANDING COMMITTEE 'cao' HAS CHANGED"), "\(listed)")
        #expect(listed.text.contains("autre: 1 of 1, ") && listed.text.contains("cao: NOT TO BE USED, \(digests[1])"), "\(listed)")
        _ = try cast.buyer.sceauChecked(["consultation", "seal", draft.id, "--committee", "cao", "--committee-digest", digests[1]])
        #expect(try cast.buyer.sceau(["committee", "list"]).status == 0)
        #expect(try admin.sceauChecked(["committee", "list"]).contains("a re-share is due in 2"))
        // A buyer does not set it.
        let buyers = try cast.buyer.sceau(
            ["committee", "set", "cao", "--quorum", "1", "--member", successor.certificate])
        #expect(buyers.status == 4, "\(buyers)")
    }

    /// Two admins replace two members at the same moment, by two tools: one is done and the other refused, and never is somebody's change undone
    /// without a word.
    @Test func twoAdminsAtOnce() throws {
        var digest = try set()
        let second = try Person("Directeur", role: "admin", at: cast.instance, account: "Valbourg")
        let newcomers = try (1...2).map {
            let person = try Person("Suppléant \($0)", role: "opener", at: cast.instance, account: "Valbourg")
            try person.makeKey()
            return person
        }
        var refusedBehind = 0
        for _ in 1...6 {
            let jobs = try [(admin, "1", newcomers[0]), (second, "2", newcomers[1])].map { person, number, newcomer in
                try person.startSceau(
                    ["committee", "replace", "cao", number, newcomer.certificate, "--committee-digest", digest], label: "replace")
            }
            let outcomes = try jobs.map { job in
                (status: try #require(job.wait(seconds: 60)), out: try String(contentsOf: job.out, encoding: .utf8), err: try String(contentsOf: job.err, encoding: .utf8))
            }
            #expect(outcomes.map(\.status).sorted() == [0, 4], "\(outcomes)")
            let done = try #require(outcomes.first { $0.status == 0 })
            let refused = try #require(outcomes.first { $0.status == 4 })
            // Before its change was sent, or behind.
            #expect(refused.err.contains("not the one given") || refused.err.contains("changed the committee 'cao' meanwhile"), "\(refused)")
            if refused.err.contains("meanwhile") { refusedBehind += 1 }
            let inForce = try RegisterEvents(cast.instance).of("committee-set").last?["committee"] as? String
            #expect(done.out.trimmingCharacters(in: .whitespacesAndNewlines) == inForce)
            // As before, for the next round.
            digest = try set()
        }
        print("committees: \(refusedBehind) of 6 were refused by the register")
    }

    /// Shares are dealt anew to the committee as it is now, by whoever was told its digest.
    @Test func sharesAreDealtAnewToTheStandingCommittee() throws {
        let first = try sealed(["--committee-digest", set()])
        for member in cast.members { _ = try member.sceauChecked(["share", "accept", "--all", "--key", member.key ?? ""]) }
        let successor = try Person("Dominique", role: "opener", at: cast.instance, account: "Valbourg")
        try successor.makeKey()
        let digest = try admin.sceauChecked(["committee", "replace", "cao", "Membre 2", successor.certificate])
        let staying = cast.members[0]
        func renew(_ more: String...) -> [String] {
            ["share", "renew", first.id, "--committee", "cao", "--key", staying.key ?? "", "--wait", "60"] + more
        }
        let unvouched = try staying.sceau(renew())
        #expect(unvouched.status == 4 && unvouched.err.contains("only from the platform itself"), "\(unvouched)")
        let wrong = try staying.sceau(renew("--committee-digest", String(repeating: "0", count: 64)))
        #expect(wrong.status == 4 && wrong.err.contains("not the one given"), "\(wrong)")
        #expect(try staying.sceau(renew("--quorum", "2")).status == 2)
        #expect(try staying.sceau(["share", "renew", first.id, "--key", staying.key ?? ""]).status == 2)
        let job = try staying.startSceau(renew("--committee-digest", digest), label: "renewal")
        let proposed = try #require(try Renewal.digest(while: job))
        try cast.members[2].sceauChecked(
            ["share", "approve", first.id, "--key", cast.members[2].key ?? "", "--to-committee", proposed, "--wait", "30"])
        let status = job.wait(seconds: 60)
        let err = try String(contentsOf: job.err, encoding: .utf8)
        #expect(status == 0, "\(err)")
        for member in [staying, successor, cast.members[2]] {
            _ = try member.sceauChecked(["share", "accept", "--all", "--key", member.key ?? ""])
        }
        let dealt = try String(contentsOf: job.out, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try cast.buyer.curl.get("/api/v1/consultations/\(first.id)/keys")["fingerprint"] == dealt)
        // Once told, it is pinned; and nothing is due any more.
        #expect(try admin.sceauChecked(["committee", "list"]).contains("due") == false)
    }

    @Test func whoCannotOpenIsNotDealtTo() throws {
        let member = cast.members[0].certificate
        for (mandate, says) in [
            ("@2020-01-01..2020-12-31", "the mandate is over"), ("@2030-01-01..2029-01-01", "ends before it begins"),
        ] {
            let outcome = try admin.sceau(["committee", "set", "cao", "--quorum", "1", "--member", member + mandate])
            #expect(outcome.status == 4 && outcome.err.contains(says), "\(outcome)")
        }
        let tomorrow = String(Consultation.instant(seconds: 86_400).prefix(10))
        let later = try cast.buyer.sceauChecked(
            ["consultation", "create", "--reference", "R", "--title", "T", "--deadline", Consultation.instant(seconds: 5 * 86_400)])
        let digest = try set(["--until", tomorrow])
        let ends = try cast.buyer.sceau(
            ["consultation", "seal", later, "--committee", "cao", "--committee-digest", digest])
        #expect(ends.status == 4 && ends.err.contains("member 1 (Membre 1): the mandate ends on"), "\(ends)")
        let begins = try set(["--from", tomorrow])
        let early = try cast.buyer.sceau(["consultation", "seal", later, "--committee", "cao", "--committee-digest", begins])
        #expect(early.status == 4 && early.err.contains("the mandate begins only on"), "\(early)")
        #expect(try RegisterEvents(cast.instance).of("keys-set").isEmpty)
    }

    @Test func presetsSayWhatTheyWant() throws {
        let id = try cast.draft().id
        let members = cast.members.map(\.certificate)
        func seal(_ members: [String], _ more: String...) throws -> Outcome {
            try cast.buyer.sceau(["consultation", "seal", id] + members.flatMap { ["--member", $0] } + more)
        }
        let noPaper = try seal(members, "--preset", "2-of-3-paper")
        #expect(noPaper.status == 2 && noPaper.err.contains("one of them on paper"), "\(noPaper)")
        let alone = try seal(Array(members.prefix(2)), "--preset", "1-of-2")
        #expect(alone.status == 4 && alone.err.contains("ONE MEMBER ALONE WILL OPEN EVERY BID"), "\(alone)")
        #expect(alone.err.contains("--i-accept-that-one-opens-alone"))
        #expect(try RegisterEvents(cast.instance).of("keys-set").isEmpty)
        let accepted = try seal(Array(members.prefix(2)), "--preset", "1-of-2", "--i-accept-that-one-opens-alone")
        #expect(accepted.status == 0 && accepted.err.contains("ONE MEMBER ALONE WILL OPEN EVERY BID"), "\(accepted)")

        let safe = try Person("Coffre", role: "opener", at: cast.instance, account: "Valbourg")
        try safe.sceauChecked(["key", "new", "--name", "Coffre", "--out", "member.pem", "--paper", "sheet.html"])
        let other = try cast.draft().id
        let paper = try cast.buyer.sceau(
            ["consultation", "seal", other, "--preset", "2-of-3-paper", "--member", members[0], "--member", members[1], "--member",
                safe.certificate])
        #expect(paper.status == 0, "\(paper)")
        #expect(try RegisterEvents(cast.instance).of("keys-set").last.map { [$0["k"] as? Int, $0["n"] as? Int] } == [2, 3])
    }
}
