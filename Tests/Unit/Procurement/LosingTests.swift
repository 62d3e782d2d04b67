import Canonical
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

@Suite("A receipt after a loss")
struct PresentingTests {
    private let leaf = Scene.digest(1)

    private func standing(_ position: Int64, count: Int64, leaf there: UInt8? = nil, lost: Int64? = nil) -> ReceiptPresented.Standing? {
        Presenting.standing(of: leaf, at: .init(position: position, count: count, leaf: there.map(Scene.digest), lost: lost))
    }

    @Test func whatTheRegisterHasNeedsNoWord() {
        #expect(standing(4, count: 5, leaf: 1) == nil)
        #expect(standing(4, count: 5, leaf: 1, lost: 5) == nil)
    }

    @Test func whatWasNotRecoveredIsLost() {
        #expect(standing(5, count: 5, lost: 5) == .lost)
        #expect(standing(500, count: 5, lost: 5) == .lost)
    }

    @Test func anotherPastIsAContradiction() {
        // Another leaf in its place; nothing there, and no loss declared; a generation that a rotation ended.
        #expect(standing(4, count: 5, leaf: 2) == .contradicting)
        #expect(standing(4, count: 5, leaf: 2, lost: 5) == .contradicting)
        #expect(standing(5, count: 5) == .contradicting)
    }

    @Test func aCompanyBringsItsOwnAndABuyerThoseOfItsConsultations() throws {
        guard let sample = Samples.bids.first(where: { $0.name == "bid-received" })?.event.fact as? BidReceived else {
            throw CanonicalError(reason: "no sample")
        }
        let own = Scene.principal(.bidder, account: sample.depositor, kind: .company)
        let other = Scene.principal(.bidder, account: Scene.identifier(0xb7), kind: .company)
        let consultation = Scene.consultation(.archived)
        func kind(_ who: Principal, _ consultation: Consultation?) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try Presenting.check(sample, of: consultation, by: who) }?.kind
        }
        #expect(kind(own, consultation) == nil && kind(own, nil) == nil)
        #expect(kind(other, consultation) == .receipt)
        #expect(kind(Scene.buyer, consultation) == nil)
        #expect(kind(Scene.buyer, nil) == .forbidden)
        #expect(kind(Scene.principal(.buyer, account: Scene.identifier(0xa2)), consultation) == .forbidden)
        #expect(kind(Scene.principal(.buyer, account: sample.depositor, kind: .company), consultation) == .forbidden)
        #expect(kind(Scene.principal(.bidder), consultation) == .forbidden)
        #expect(kind(Scene.principal(.admin), consultation) == .forbidden)
    }
}
