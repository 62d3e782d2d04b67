import Canonical
import Procurement
import Testing

@Suite("Deadlines are compared in whole seconds")
struct DeadlineTests {
    private let deadline = Deadline(Scene.deadline, version: 1)

    @Test(
        "the verdict",
        arguments: [
            ("11:59:59.999", Verdict.onTime), ("12:00:00.000", .onTime), ("12:00:00.001", .onTime),
            ("12:00:00.999", .onTime), ("12:00:01.000", .late), ("12:00:01.001", .late), ("13:00:00.000", .late),
        ])
    func verdict(_ time: String, _ verdict: Verdict) {
        #expect(deadline.verdict(received: Scene.time(time)) == verdict)
        #expect(Scene.consultation(.published).verdict(received: Scene.time(time)) == verdict)
        // On time is exactly: received before it closes.
        #expect((Scene.time(time) < deadline.closesAt) == (verdict == .onTime))
    }

    @Test("it closes when its second is over")
    func closes() {
        #expect(deadline.closesAt == Scene.time("12:00:01.000"))
        // Also where it was given within a second.
        #expect(Deadline(Scene.time("12:00:00.500"), version: 1).closesAt == Scene.time("12:00:01.000"))
        #expect(Deadline(Scene.time("12:00:00.999"), version: 1).verdict(received: Scene.time("12:00:00.999")) == .onTime)
        #expect(Deadline(Scene.time("12:00:00.999"), version: 1).verdict(received: Scene.time("12:00:01.000")) == .late)
    }

    @Test("it has come with the first moment of its second")
    func comes() {
        #expect(!deadline.hasCome(at: Scene.time("11:59:59.999")))
        #expect(deadline.hasCome(at: Scene.time("12:00:00.000")))
        #expect(Deadline(Scene.time("12:00:00.500"), version: 1).hasCome(at: Scene.time("12:00:00.000")))
    }

    @Test("once the list is closed nothing is on time, whatever its instant")
    func closed() {
        for phase in [Phase.closed, .opening, .opened] {
            #expect(Scene.consultation(phase).verdict(received: Scene.time("11:59:59.999")) == .late)
        }
    }

    @Test("nothing opens before its second is over, and never before what the capsules hold")
    func opens() {
        #expect(Scene.consultation(.closed).opensAt == Scene.closes)
        let extended = Scene.consultation(.closed, deadline: Scene.after, version: 2)
        #expect(extended.opensAt == Scene.time("13:00:01.000"))
        let sealedLater = Scene.consultation(.closed, keys: Scene.keys(notBefore: Scene.after))
        #expect(sealedLater.opensAt == Scene.after)
    }

    @Test("who asks too early is told when")
    func past() {
        let consultation = Scene.consultation(.closed)
        let early = refusal { () throws(Refusal) in try consultation.checkPast(Scene.time("12:00:00.999")) }
        #expect(early?.kind == .notYet && early?.possibleAt == Scene.closes)
        #expect(refusal { () throws(Refusal) in try consultation.checkPast(Scene.closes) } == nil)
        // The list is still being written: soon, and never an instant that has passed already.
        let unlisted = refusal { () throws(Refusal) in try Scene.consultation(.published).checkPast(Scene.after) }
        #expect(unlisted?.kind == .notYet && unlisted?.possibleAt == Scene.time("13:00:01.000"))
    }
}
