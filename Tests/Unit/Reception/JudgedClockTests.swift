import Canonical
import Procurement
import Synchronization
import Testing

@testable import Reception

/// What the clock tells the log, and that nothing of it is lost or told twice.
@Suite("The judged clock's news")
struct JudgedClockTests {
    /// Clocks of a host, set by hand.
    private final class Host: Sendable {
        private let held = Mutex<(seconds: Int64, off: Int64)>((0, 0))
        static let start: Int64 = 1_795_453_200_000

        /// `off`: milliseconds by which the wall clock is wrong.
        func set(_ seconds: Int64, off: Int64 = 0) { held.withLock { $0 = (seconds, off) } }
        var reading: ClockReading {
            let (seconds, off) = held.withLock { $0 }
            let wall = Instant(milliseconds: Self.start + seconds * 1000 + off)
            return ClockReading(wall: wall, raw: 50_000 + seconds * 1000, isSynchronised: true)
        }
    }

    private let host = Host()
    private let boot = Identifier(random: InlineArray(repeating: 7))

    private func at(_ seconds: Int64, off: Int64 = 0) -> Instant { Instant(milliseconds: Host.start + seconds * 1000 + off) }

    private func clock(unsoundSince: Instant? = nil) -> JudgedClock {
        let history = ClockHistory(last: at(-60), decision: nil, unsoundSince: unsoundSince)
        return JudgedClock(
            ClockJudge(boot: boot, baseline: nil, floor: history.floor, deadlines: [], policy: .alarm, first: host.reading),
            history: history
        ) { [host] in host.reading }
    }

    @Test func aStepAndItsEndAreToldOnce() {
        let clock = clock()
        #expect(clock.status.since == nil && clock.read().epoch == 0)
        let first = clock.takeNews()
        #expect(first.facts.isEmpty && first.baseline == ClockBaseline(boot: boot, host.reading))
        #expect(clock.takeNews().baseline == nil)
        host.set(10, off: 60_000)
        // Whoever asks sees it, without another reading before.
        #expect(clock.status == .init(state: .unsound, faults: [.drift], drift: 60_000, isSynchronised: true, since: at(0)))
        let stepped = clock.takeNews().facts
        #expect(stepped.count == 1)
        if let fact = stepped.first as? ClockUnsound {
            #expect(fact.since == at(0) && fact.wall == at(10, off: 60_000) && fact.faults == [.drift] && fact.drift == 60_000)
        } else {
            Issue.record("no clock-unsound")
        }
        #expect(clock.takeNews().facts.isEmpty)
        host.set(20)
        let back = clock.takeNews().facts.first as? ClockSound
        #expect(back?.since == at(0) && back?.until == at(20) && back?.ground == .agreement)
        #expect(clock.read().epoch == 1 && clock.status.since == nil && clock.status.state == .sound)
        #expect(clock.takeNews().facts.isEmpty)
    }

    /// The log has the beginning of a span: a start must give it its end, or every bid waits for ever.
    @Test func aSpanThatTheLogHasOpenIsEnded() {
        let clock = clock(unsoundSince: at(-30))
        let facts = clock.takeNews().facts
        let end = facts.first as? ClockSound
        #expect(facts.count == 1 && end?.since == at(-30) && end?.until == at(0))
    }

    @Test func aDecisionEndsASpanAsSuch() {
        let clock = clock()
        host.set(10, off: 60_000)
        _ = clock.takeNews()
        clock.accept()
        let end = clock.takeNews()
        #expect((end.facts.first as? ClockSound)?.ground == .decision)
        #expect(end.baseline == ClockBaseline(boot: boot, host.reading))
    }

    @Test func theDriftOfABaselineThatIsReplacedIsTold() {
        let clock = clock()
        _ = clock.takeNews()
        host.set(6 * 3600, off: 700)
        let news = clock.takeNews()
        let compared = news.facts.first as? ClockCompared
        #expect(compared?.since == at(0) && compared?.until == at(6 * 3600, off: 700) && compared?.drift == 700)
        #expect(news.baseline == ClockBaseline(boot: boot, host.reading))
    }

    /// What could not be recorded comes again, before what happened since; a newer baseline is not replaced by an older one.
    @Test func whatIsGivenBackComesFirst() {
        let clock = clock()
        let first = clock.takeNews().baseline
        clock.giveBack([], first)
        #expect(clock.takeNews().baseline == first)
        host.set(10, off: 60_000)
        let stepped = clock.takeNews()
        host.set(20)
        _ = clock.read()
        clock.giveBack(stepped.facts, nil)
        let both = clock.takeNews().facts
        #expect(both.count == 2 && both.first is ClockUnsound && both.last is ClockSound)
        host.set(30 + 6 * 3600)
        _ = clock.read()
        clock.giveBack([], first)
        #expect(clock.takeNews().baseline == ClockBaseline(boot: boot, host.reading))
    }
}
