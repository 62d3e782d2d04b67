import Foundation
import Rehearsal
import Testing

/// A re-share, killed at each step: its tool, the daemon at each of the tool's requests, and the daemon at the acceptance that puts the new shares in
/// force. The committee before or the one after has the keys, whole; the same commands again end it, and every share opens.
@Suite struct ReshareDeathTests {
    private let cast: Cast
    private let deaths: DeathSteps
    private let consultation: Consultation

    init() throws {
        cast = try Cast.ready(members: 2)
        deaths = try DeathSteps()
        try cast.instance.keepPort()
        consultation = try cast.draft(parts: ["application", "offer"])
        try consultation.seal(to: cast.members, quorum: 1)
        for member in cast.members { try consultation.accept(member) }
        try cast.buyer.sceauChecked(["consultation", "publish", consultation.id])
    }

    /// One of the two deals anew, to both.
    private var words: [String] {
        ["share", "renew", consultation.id, "--quorum", "1", "--key", cast.members[0].key ?? "", "--wait", "60"]
            + cast.members.flatMap { ["--member", $0.certificate] }
    }

    private func inForce() throws -> String { try Procedure.expect(200, cast.buyer.curl.get(consultation.path + "/keys"))["fingerprint"] }

    private func accept(_ member: Person) throws -> Outcome {
        try member.sceau(["share", "accept", consultation.id, "--key", member.key ?? ""])
    }

    private func expectSharesOpen(_ died: String) throws {
        for member in cast.members {
            let checked = try member.sceau(["key", "check", consultation.id, "--key", member.key ?? ""])
            // Rehearsed a moment ago, it is no news; the share was opened all the same.
            #expect(checked.status == 0 || checked.err.contains("has rehearsed since"), "\(died): \(checked)")
        }
    }

    /// After a death, and a start: what was cut short is begun again, and comes into force.
    private func end(_ before: String, _ died: String) throws {
        #expect(try inForce() == before, "\(died)")
        try expectSharesOpen(died)
        let again = try cast.members[0].sceau(words)
        #expect(again.status == 0, "\(died): \(again)")
        #expect(try inForce() == before, "\(died)")
        for member in cast.members {
            let accepted = try accept(member)
            #expect(accepted.status == 0, "\(died): \(accepted)")
        }
        #expect(try inForce() == again.line, "\(died)")
        try expectSharesOpen(died)
    }

    @Test func theDealersToolIsKilled() throws {
        let count = try DeathSteps.untilNobodyDies { step in
            let before = try inForce()
            try deaths.aim(at: step)
            let outcome = try cast.members[0].sceau(words, environment: deaths.environment)
            deaths.rest()
            guard outcome.status == DeathSteps.killed else {
                #expect(outcome.status == 0, "\(outcome)")
                return false
            }
            try end(before, "step \(step), before \(deaths.told)")
            return true
        }
        #expect(count > 5)
        print("deaths: share renew: \(count) steps")
    }

    @Test func theDaemonIsKilledWhileItDeals() throws {
        let count = try DeathSteps.untilNobodyDies { step in
            let before = try inForce()
            _ = try cast.instance.stop()
            try cast.instance.start(environment: deaths.environment)
            try deaths.aim(at: step)
            let outcome = try cast.members[0].sceau(words)
            deaths.rest()
            if outcome.status == 0, cast.instance.wait(seconds: 0.2) == nil { return false }
            #expect(cast.instance.wait(seconds: 30) == DeathSteps.killed, "step \(step): \(outcome)\n\(cast.instance.log)")
            try cast.instance.start()
            try end(before, "step \(step), before \(deaths.told)")
            return true
        }
        #expect(count > 5)
        print("deaths: share renew, of the daemon: \(count) steps")
        try expectSound()
    }

    /// Its two events are one transaction: the acceptance, and that the keys are replaced.
    @Test func theDaemonIsKilledAtTheLastAcceptance() throws {
        let count = try DeathSteps.untilNobodyDies { step in
            let before = try inForce()
            let renewed = try cast.members[0].sceauChecked(words)
            #expect(try accept(cast.members[0]).status == 0)
            _ = try cast.instance.stop()
            try cast.instance.start(environment: deaths.environment)
            try deaths.aim(at: step)
            let outcome = try accept(cast.members[1])
            deaths.rest()
            if outcome.status == 0, cast.instance.wait(seconds: 0.2) == nil {
                #expect(try inForce() == renewed)
                return false
            }
            #expect(cast.instance.wait(seconds: 30) == DeathSteps.killed, "step \(step): \(outcome)\n\(cast.instance.log)")
            try cast.instance.start()
            let died = "step \(step), before \(deaths.told)"
            let after = try inForce()
            #expect(after == before || after == renewed, "\(died)")
            let again = try accept(cast.members[1])
            // Done already where the keys are in force.
            #expect(again.status == 0 || (after == renewed && again.err.contains("has accepted already")), "\(died): \(again)")
            #expect(try inForce() == renewed, "\(died)")
            try expectSharesOpen(died)
            return true
        }
        #expect(count > 3)
        print("deaths: the last acceptance, of the daemon: \(count) steps")
        try expectSound()
    }

    private func expectSound() throws {
        cast.instance.kill()
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config])
        #expect(check.status == 0, "\(check)")
    }
}
