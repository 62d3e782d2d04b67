import Canonical
import Procurement
import Testing

/// The deadline is 12:00:00, and the consultation closes at 12:00:01.
@Suite("Verdicts once the clock is believed again")
struct JudgingTests {
    private func given(
        _ phase: Phase = .published, received: String? = nil, since: String = "11:58:00.000", until: String = "12:05:00.000"
    ) throws(Refusal) -> (Verdict, VerdictGiven.Rule) {
        let fact = try Scene.consultation(phase).judging(
            Scene.entry(0xd1, .pending), received: received.map(Scene.time), since: Scene.time(since), until: Scene.time(until))
        #expect(fact.received == (fact.rule == .elapsed ? received.map(Scene.time) : nil))
        return (fact.verdict, fact.rule)
    }

    @Test func byTheRawClockWhereThatIsKnown() throws {
        #expect(try given(received: "12:00:00.999") == (.onTime, .elapsed))
        #expect(try given(received: "12:00:01.000") == (.late, .elapsed))
    }

    @Test func byTheSpanWhereAllOfItIsOnOneSide() throws {
        #expect(try given(until: "12:00:00.999") == (.onTime, .span))
        #expect(try given(since: "12:00:01.000") == (.late, .span))
    }

    @Test func inDoubtForTheBidder() throws {
        #expect(try given() == (.onTime, .doubt))
        #expect(try given(until: "12:00:01.000") == (.onTime, .doubt))
        #expect(try given(since: "12:00:00.999") == (.onTime, .doubt))
    }

    @Test func nothingIsOnTimeOnceTheListIsClosed() throws {
        for phase in [Phase.closed, .opening, .opened] {
            #expect(try given(phase) == (.late, .closed))
            #expect(try given(phase, received: "11:59:00.000") == (.late, .closed))
        }
    }

    @Test func onlyWhatWaits() {
        for verdict in [Verdict.onTime, .late] {
            #expect(
                refusal { () throws(Refusal) in
                    try Scene.consultation(.published).judging(
                        Scene.entry(0xd1, verdict), received: nil, since: Scene.before, until: Scene.after)
                }?.kind == .alreadyDone)
        }
    }

    @Test func aBidOnAClockThatIsNotBelievedWaits() throws {
        for received in ["11:00:00.000", "13:00:00.000"] {
            func verdict(_ clock: ClockState) throws(Refusal) -> Verdict {
                try Scene.consultation(.published).receiving(
                    Scene.submission(received: Scene.time(received)), by: Scene.bidder, previous: nil,
                    instance: Scene.instance, clock: clock, recorded: Scene.after
                ).verdict
            }
            #expect(try verdict(.unsound) == .pending)
            #expect(try verdict(.sound) != .pending)
        }
        #expect(Scene.entry(0xd1, .pending).isWithheld(in: Scene.opening()))
    }
}
