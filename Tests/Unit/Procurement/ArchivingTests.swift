import Canonical
import Procurement
import Testing

@Suite("The last act")
struct ArchivingTests {
    @Test func anOpenedConsultationNeedsNoReasonAndAnotherDoes() throws {
        let fact = try Scene.consultation(.opened).archiving(by: Scene.buyer, grounds: nil)
        #expect(fact.consultation == Scene.id && fact.user == Scene.buyer.user && fact.grounds == nil)
        for phase in [Phase.closed, .opening] {
            #expect(refusal { () throws(Refusal) in _ = try Scene.consultation(phase).archiving(by: Scene.buyer, grounds: nil) }?.kind == .invalid)
            #expect(try Scene.consultation(phase).archiving(by: Scene.buyer, grounds: "Sans suite.").grounds == "Sans suite.")
        }
        #expect(refusal { () throws(Refusal) in _ = try Scene.consultation(.opened).archiving(by: Scene.buyer, grounds: " ") }?.kind == .invalid)
        // Of several key sets one was opened.
        func left(_ grounds: String?) throws(Refusal) -> ConsultationArchived {
            try Scene.consultation(.opened).archiving(by: Scene.buyer, grounds: grounds, unopened: [Scene.fingerprint])
        }
        #expect(refusal { () throws(Refusal) in _ = try left(nil) }?.kind == .invalid && refusal { () throws(Refusal) in _ = try left("Clés perdues.") } == nil)
        #expect(refusal { () throws(Refusal) in _ = try Scene.consultation(.archived).archiving(by: Scene.buyer, grounds: "x") }?.kind == .phase)
    }

    @Test func aNoticeIsTheNearest() {
        let now = Instant(milliseconds: 1_000_000_000_000)
        func notice(_ seconds: Int64) -> ExpiryNotice? { ExpiryNotice(notAfter: now.advanced(bySeconds: seconds), now: now) }
        let day: Int64 = 86_400
        #expect(notice(-1) == .expired && notice(0) == .week && notice(7 * day) == .week && notice(7 * day + 1) == .month)
        #expect(notice(30 * day) == .month && notice(30 * day + 1) == .approaching && notice(60 * day) == .approaching)
        #expect(notice(60 * day + 1) == nil)
    }
}
