import Procurement
import Testing

@Suite("After a loss")
struct LosingTests {
    private func frozen(_ phase: Phase) -> Consultation {
        var consultation = Scene.consultation(phase)
        consultation.frozen = true
        return consultation
    }

    @Test func nothingIsOpenedWhileItIsFrozen() {
        let announced = refusal { () throws(Refusal) in
            _ = try frozen(.closed).announcing(Scene.announcement(), among: [], isTaken: false, by: Scene.opener, now: Scene.closes)
        }
        #expect(announced?.kind == .frozen)
        for (action, phase) in [(Action.announce, Phase.closed), (.approve, .opening), (.release, .opening)] {
            #expect(refusal { () throws(Refusal) in try frozen(phase).check(Scene.opener, may: action) }?.kind == .frozen, "\(action)")
            #expect(refusal { () throws(Refusal) in try Scene.consultation(phase).check(Scene.opener, may: action) } == nil)
        }
    }

    @Test func theRestGoesOn() {
        #expect(refusal { () throws(Refusal) in try frozen(.published).check(Scene.bidder, may: .deposit) } == nil)
        #expect(refusal { () throws(Refusal) in try frozen(.published).check(Scene.buyer, may: .extend) } == nil)
        #expect(refusal { () throws(Refusal) in try frozen(.opening).check(Scene.opener, may: .readBids) } == nil)
    }

    @Test func itsBuyerDecidesOnceAndSaysWhy() throws {
        let fact = try frozen(.closed).unfreezing(by: Scene.buyer, ground: "Les reçus concordent.")
        #expect(fact == ConsultationUnfrozen(consultation: Scene.id, user: Scene.buyer.user, ground: "Les reçus concordent."))
        let kinds: [(Refusal.Kind, Refusal?)] = [
            (.alreadyDone, refusal { () throws(Refusal) in _ = try Scene.consultation(.closed).unfreezing(by: Scene.buyer, ground: "x") }),
            (.invalid, refusal { () throws(Refusal) in _ = try frozen(.closed).unfreezing(by: Scene.buyer, ground: " ") }),
            (.forbidden, refusal { () throws(Refusal) in _ = try frozen(.closed).unfreezing(by: Scene.opener, ground: "x") }),
        ]
        for (kind, refused) in kinds { #expect(refused?.kind == kind) }
    }
}
