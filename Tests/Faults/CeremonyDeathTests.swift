import Foundation
import Rehearsal
import Testing

/// The ceremony, killed at each step on the buyer's machine, and the daemon at each step of `PUT …/keys`: the consultation has no keys, or those of
/// one ceremony, whole; the same command again ends it, and tells the fingerprint of what the daemon has.
@Suite struct CeremonyDeathTests {
    private let cast: Cast
    private let deaths: DeathSteps

    init() throws {
        cast = try Cast.ready(members: 2)
        deaths = try DeathSteps()
        try cast.instance.keepPort()
    }

    private func words(_ id: String) -> [String] {
        ["consultation", "seal", id, "--quorum", "1"] + cast.members.flatMap { ["--member", $0.certificate] }
    }

    /// What the daemon has of the keys: a fingerprint with all that belongs to it, or nothing.
    private func taken(_ consultation: Consultation, _ died: String) throws -> String? {
        let answer = try cast.buyer.curl.get(consultation.path + "/keys")
        guard answer.status == 200 else {
            #expect(answer.status == 404 || answer.status == 409, "\(died): \(answer)")
            #expect(try cast.buyer.curl.get(consultation.path).json["fingerprint"] == nil, "\(died)")
            return nil
        }
        #expect((answer.json["capsules"] as? [String])?.count == 2, "\(died): \(answer)")
        return answer["fingerprint"]
    }

    /// After a death.
    ///
    /// - Parameter told: what the tool had printed by then.
    private func end(_ consultation: Consultation, told: String = "", _ died: String) throws {
        let before = try taken(consultation, died)
        let again = try cast.buyer.sceau(words(consultation.id))
        // What was told is done: it is not made a second time, and the refusal names it.
        let isDone = again.status == 4 && !told.isEmpty && told == before && again.err.contains(told)
        #expect(again.status == 0 || isDone, "\(died): \(again)")
        let fingerprint = isDone ? told : again.line
        let after = try taken(consultation, died)
        #expect(after == fingerprint, "\(died)")
        // Nobody was told of keys that were replaced without a word.
        if let before { #expect(before == after, "\(died)") }
        // They are deposited to and accepted by the fingerprint that was told, and published by the tool that keeps it.
        for member in cast.members {
            try member.sceauChecked(["share", "accept", consultation.id, "--key", member.key ?? "", "--fingerprint", fingerprint])
        }
        try cast.buyer.sceauChecked(["consultation", "publish", consultation.id])
    }

    @Test func theBuyersToolIsKilled() throws {
        let count = try DeathSteps.untilNobodyDies { step in
            let consultation = try cast.draft(parts: ["application", "offer"])
            try deaths.aim(at: step)
            let outcome = try cast.buyer.sceau(words(consultation.id), environment: deaths.environment)
            deaths.rest()
            guard outcome.status == DeathSteps.killed else {
                #expect(outcome.status == 0, "\(outcome)")
                return false
            }
            try end(consultation, told: outcome.line, "step \(step), before \(deaths.told)")
            return true
        }
        #expect(count > 10)
        print("deaths: consultation seal: \(count) steps")
    }

    @Test func theDaemonIsKilled() throws {
        let count = try DeathSteps.untilNobodyDies { step in
            let consultation = try cast.draft(parts: ["application", "offer"])
            _ = try cast.instance.stop()
            try cast.instance.start(environment: deaths.environment)
            try deaths.aim(at: step)
            let outcome = try cast.buyer.sceau(words(consultation.id))
            deaths.rest()
            if outcome.status == 0, cast.instance.wait(seconds: 0.2) == nil { return false }
            #expect(cast.instance.wait(seconds: 30) == DeathSteps.killed, "step \(step): \(outcome)\n\(cast.instance.log)")
            try cast.instance.start()
            // It may have died behind its answer.
            try end(consultation, told: outcome.status == 0 ? outcome.line : "", "step \(step), before \(deaths.told)")
            return true
        }
        #expect(count > 5)
        print("deaths: PUT …/keys: \(count) steps")
        cast.instance.kill()
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    /// Whom the keys are dealt to may have changed meanwhile: then they are made anew, whatever the daemon has.
    @Test func anotherCommitteeAfterADeath() throws {
        let consultation = try cast.draft()
        let alone = ["consultation", "seal", consultation.id, "--quorum", "1", "--member", cast.members[0].certificate, "--i-accept-that-one-opens-alone"]
        var cut = false
        // Whichever step it is behind which the daemon has the keys and the tool does not know it.
        var step = 1
        while !cut {
            try deaths.aim(at: step)
            let outcome = try cast.buyer.sceau(words(consultation.id), environment: deaths.environment)
            deaths.rest()
            try #require(outcome.status == DeathSteps.killed, "\(outcome)")
            cut = try cast.buyer.curl.get(consultation.path + "/keys").status == 200
            step += 1
        }
        let before = try cast.buyer.curl.get(consultation.path + "/keys")["fingerprint"]
        let other = try cast.buyer.sceau(alone)
        #expect(other.status == 0 && other.line != before && other.err.contains("made anew"), "\(other)")
        #expect(try cast.buyer.curl.get(consultation.path + "/keys")["fingerprint"] == other.line)
        // Once it is told it is told: not a second time without a word.
        let third = try cast.buyer.sceau(alone)
        #expect(third.status == 4 && third.err.contains("was sealed before"), "\(third)")
    }
}
