import Canonical
import Linux
import Procurement
import Sealing
import Testing

@testable import Reception

@Suite("When which consultation closes")
struct ClosingsTests {
    private func consultation(_ number: UInt8, deadline: String) -> Consultation {
        Consultation(
            id: identifier(number), log: .training, account: identifier(9), buyer: "Commune", reference: "R", title: "T",
            object: nil, timeZone: "Europe/Paris", parts: ["offer"], limits: Limits(document: 1, bid: 1, documents: 1),
            deadline: Deadline(Dial.instant(deadline), version: 1), published: true)
    }

    private func due(_ closings: Closings, _ time: String) -> [Identifier] {
        closings.due(at: Dial.instant(time)).map(\.id).sorted { $0.text < $1.text }
    }

    @Test func itIsDueWhenItsSecondIsOver() {
        let closings = Closings()
        closings.set(consultation(1, deadline: "12:00:00.000"))
        closings.set(consultation(2, deadline: "12:00:00.500"))
        closings.set(consultation(3, deadline: "12:00:01.000"))
        #expect(due(closings, "12:00:00.999") == [])
        #expect(due(closings, "12:00:01.000") == [identifier(1), identifier(2)])
        #expect(due(closings, "12:00:02.000") == [identifier(1), identifier(2), identifier(3)])
        // Until it is closed, and not after.
        closings.remove(identifier(1))
        #expect(due(closings, "12:00:01.000") == [identifier(2)])
    }

    @Test func aFailureIsTriedAgainAfterAWhile() {
        let closings = Closings()
        closings.set(consultation(1, deadline: "12:00:00.000"))
        closings.set(consultation(2, deadline: "12:00:00.000"))
        closings.pause(identifier(1), at: Dial.instant("12:00:01.000"))
        #expect(due(closings, "12:00:05.999") == [identifier(2)])
        #expect(due(closings, "12:00:06.000") == [identifier(1), identifier(2)])
    }

    /// A disk that is full is not asked ten times a second, nor the operator told so.
    @Test func aClosingThatFailsIsTriedAgainAfterFiveSeconds() throws {
        let house = try House()
        house.vault.closings.set(consultation(1, deadline: "12:00:00.000"))
        func told(at time: String) -> Int {
            house.dial.turn(to: time)
            house.vault.tend()
            return house.told.change { $0.count { $0.contains("closing of \(identifier(1)) failed") } }
        }
        #expect(told(at: "12:00:00.999") == 0)
        #expect(told(at: "12:00:01.000") == 1)
        #expect(told(at: "12:00:05.999") == 1)
        #expect(told(at: "12:00:06.000") == 2)
    }

    /// The publication stands in the register; what is read for the answer is not there.
    @Test func whatIsPublishedClosesWhateverBecomesOfTheAnswer() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        for member in Members.all {
            let signed = try member.member().accept(committee, fingerprint: committee.fingerprint).canonicalBytes
            _ = try house.vault.accept(id, by: house.opener.principal, signed: signed)
        }
        try house.tamper("DROP TRIGGER object_deleted", "DELETE FROM object")
        let vault = try house.another()
        #expect(throws: VaultFailure.self) {
            try vault.publish(id, by: house.buyer.principal, fingerprint: committee.fingerprint)
        }
        #expect(try house.facts(Published.self).count == 1)
        house.dial.turn(to: "12:00:01.000")
        vault.tend()
        #expect(try house.facts(ClosingStated.self).map(\.consultation) == [id])
    }

    @Test func anExtensionMovesIt() {
        let closings = Closings()
        closings.set(consultation(1, deadline: "12:00:00.000"))
        closings.set(consultation(1, deadline: "13:00:00.000"))
        #expect(due(closings, "12:59:59.999") == [])
        #expect(due(closings, "13:00:01.000") == [identifier(1)])
    }
}
