import Canonical
import Procurement
import Testing

@Suite("A bid that came late, and is read by a decision")
struct AdmittingTests {
    private func admit(
        _ bid: BidEntry = Scene.entry(0xd7, .late), in phase: Phase = .closed, grounds: String = "TA Grenoble, 2607123",
        by principal: Principal = Scene.buyer
    ) throws(Refusal) -> LateBidAdmitted {
        try Scene.consultation(phase).admitting(late: bid, on: .courtOrder, grounds: grounds, by: principal)
    }

    @Test func theBuyerAdmitsOneThatCameLate() throws {
        let fact = try admit()
        #expect(fact.bid == Scene.identifier(0xd7) && fact.ground == .courtOrder && fact.user == Scene.buyer.user)
        // After an opening was concluded, too: a court takes its time.
        #expect(refusal { () throws(Refusal) in try admit(in: .opened) } == nil)
    }

    @Test func nothingElseIsAdmitted() {
        func kind(_ bid: BidEntry) -> Refusal.Kind? { refusal { () throws(Refusal) in try admit(bid) }?.kind }
        #expect(kind(Scene.entry(0xd7, .onTime)) == .invalid)
        #expect(kind(Scene.entry(0xd7, .pending)) == .invalid)
        #expect(kind(Scene.entry(0xd7, .late, isWithdrawn: true)) == .invalid)
        #expect(kind(Scene.entry(0xd7, .late, admitted: Scene.after)) == .alreadyDone)
        #expect(kind(Scene.entry(0xd7, .late, of: Scene.identifier(9))) == .notFound)
        #expect(refusal { () throws(Refusal) in try admit(grounds: " ") }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try admit(in: .published) }?.kind == .phase)
        #expect(refusal { () throws(Refusal) in try admit(in: .archived) }?.kind == .phase)
        #expect(refusal { () throws(Refusal) in try admit(by: Scene.opener) }?.kind == .forbidden)
    }

    /// The opening was announced at 12:00:02.
    @Test func onlyOpeningsAnnouncedAfterTheDecisionGiveItOut() throws {
        let opening = Scene.opening(released: true)
        func isWithheld(_ bid: BidEntry) -> Bool { bid.isWithheld(in: opening) }
        #expect(isWithheld(Scene.entry(0xd7, .late)))
        #expect(isWithheld(Scene.entry(0xd7, .late, admitted: Scene.time("12:00:02.000"))))
        #expect(isWithheld(Scene.entry(0xd7, .late, admitted: Scene.time("12:00:02.001"))))
        #expect(!isWithheld(Scene.entry(0xd7, .late, admitted: Scene.time("12:00:01.999"))))
        #expect(isWithheld(Scene.entry(0xd7, .late, isWithdrawn: true, admitted: Scene.time("12:00:01.000"))))
        #expect(isWithheld(Scene.entry(0xd7, isWithdrawn: true)) && !isWithheld(Scene.entry(0xd7)))
    }

    @Test func theMinutesAccountForIt() throws {
        let opening = Scene.opening(released: true)
        let late = Scene.entry(0xd7, .late, admitted: Scene.time("12:00:01.999"))
        func conclude(_ opened: [UInt8]) -> Refusal? {
            refusal { () throws(Refusal) in
                try Scene.consultation(.opening).concluding(
                    opening, minutes: Scene.digest(1), announcer: 1, opened: opened.map(Scene.identifier), failed: [],
                    bids: [Scene.entry(0xd1), late, Scene.entry(0xd8, .late)], by: Scene.opener)
            }
        }
        #expect(conclude([0xd1, 0xd7]) == nil)
        #expect(conclude([0xd1])?.kind == .invalid)
        #expect(conclude([0xd1, 0xd7, 0xd8])?.kind == .invalid)
    }
}
