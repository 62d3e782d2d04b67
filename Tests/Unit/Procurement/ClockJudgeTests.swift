import Canonical
import Procurement
import Testing

@Suite("The clock, judged by what else is known of time")
struct ClockJudgeTests {
    private static let boot = Scene.identifier(0xb0)
    private static let start = Scene.time("11:00:00.000")

    /// A reading `seconds` after the start, as a clock shows it that is `off` milliseconds away.
    private func reading(_ seconds: Int64, off: Int64 = 0, isSynchronised: Bool? = true) -> ClockReading {
        ClockReading(
            wall: Instant(milliseconds: Self.start.milliseconds + seconds * 1000 + off), raw: 50_000 + seconds * 1000,
            isSynchronised: isSynchronised)
    }

    private func judge(
        baseline: ClockBaseline? = nil, floor: String = "10:59:00.000", deadlines: [Instant] = [],
        policy: ClockJudge.Policy = .alarm, first: ClockReading? = nil
    ) -> ClockJudge {
        ClockJudge(
            boot: Self.boot, baseline: baseline, floor: Scene.time(floor), deadlines: deadlines, policy: policy,
            first: first ?? reading(0))
    }

    @Test func aClockThatKeepsPaceIsBelieved() {
        var judge = judge()
        #expect(judge.judge(reading(0)) == .init(faults: [], drift: nil, baseline: .init(boot: Self.boot, reading(0)), renewed: nil))
        for seconds in stride(from: Int64(1), through: 5 * 3600, by: 60) {
            #expect(judge.judge(reading(seconds, off: seconds / 100)) == .init(faults: [], drift: seconds / 100, baseline: nil, renewed: nil))
        }
    }

    @Test("a step while running", arguments: [-3_600_000, -2001, 2001, 86_400_000] as [Int64])
    func step(by step: Int64) {
        var judge = judge()
        _ = judge.judge(reading(0))
        #expect(judge.judge(reading(10, off: step.signum() * 2000)).faults == [])
        #expect(judge.judge(reading(11, off: step)) == .init(faults: [.drift], drift: step, baseline: nil, renewed: nil))
        // It ends where the clock agrees again, well within the tolerance.
        #expect(judge.judge(reading(12, off: step.signum() * 1001)).faults == [.drift])
        #expect(judge.judge(reading(13, off: step.signum() * 1000)).faults == [])
        #expect(judge.judge(reading(14, off: step.signum() * 1500)).faults == [])
    }

    /// 300 parts in a million, less than adjtimex allows: nothing shows from one reading to the next.
    @Test func aSlowDragAddsUp() {
        var judge = judge()
        var found: Int64?
        for seconds in stride(from: Int64(0), through: 6 * 3600, by: 10) where found == nil {
            if !judge.judge(reading(seconds, off: seconds * 3 / 10)).faults.isEmpty { found = seconds }
        }
        #expect(found == 6670)
    }

    @Test func aBaselineIsReplacedInItsTimeAndTheDriftIsSaid() {
        var judge = judge()
        _ = judge.judge(reading(0))
        let after = 6 * 3600 as Int64
        #expect(judge.judge(reading(after - 1, off: 900)).baseline == nil)
        // Not on the word of a clock that nothing corrects, nor while it is not believed.
        #expect(judge.judge(reading(after, off: 900, isSynchronised: false)).baseline == nil)
        #expect(judge.judge(reading(after, off: 900, isSynchronised: nil)).baseline == nil)
        #expect(judge.judge(reading(after, off: 2900)).baseline == nil)
        let renewed = judge.judge(reading(after + 1, off: 900))
        #expect(renewed.baseline == ClockBaseline(boot: Self.boot, reading(after + 1, off: 900)))
        var punctual = self.judge()
        _ = punctual.judge(reading(0))
        #expect(punctual.judge(reading(after, off: 900)).renewed?.drift == 900)
        #expect(renewed.renewed?.since == Self.start && renewed.renewed?.drift == 900)
        #expect(judge.judge(reading(after + 2, off: 2900)).drift == 2000)
    }

    @Test func aRestartInTheSameBootIsJudgedByItsBaseline() {
        let baseline = ClockBaseline(boot: Self.boot, reading(-3600))
        // Down over a deadline, and all is well with the clock.
        var down = judge(baseline: baseline, floor: "10:10:00.000", deadlines: [Scene.time("10:30:01.000")])
        #expect(down.judge(reading(0)).faults == [])
        // Stepped while it was down, either way.
        for off in [-1_800_000, 1_800_000] as [Int64] {
            var stepped = judge(baseline: baseline, floor: "10:10:00.000", first: reading(0, off: off))
            #expect(stepped.judge(reading(0, off: off)).faults == [.drift])
        }
    }

    /// A guest put back to an earlier snapshot has the boot's name, and a raw clock that has not come that far.
    @Test func aBaselineFromAheadOfTheRawClockIsNone() {
        var judge = judge(baseline: ClockBaseline(boot: Self.boot, reading(1)), first: reading(0))
        #expect(judge.judge(reading(0)) == .init(faults: [], drift: nil, baseline: .init(boot: Self.boot, reading(0)), renewed: nil))
        var same = self.judge(baseline: ClockBaseline(boot: Self.boot, reading(0)), first: reading(0))
        #expect(same.judge(reading(0)).drift == 0)
    }

    @Test func anOutageOverlapsWhatItTouches() {
        func outage(_ from: String, _ to: String) -> Bool {
            Outage(from: Scene.time(from), to: Scene.time(to), cause: Outage.down)
                .overlaps(Scene.time("11:00:00.000")...Scene.time("11:00:01.000"))
        }
        #expect(outage("10:00:00.000", "11:00:00.000") && outage("11:00:01.000", "12:00:00.000"))
        #expect(!outage("10:00:00.000", "10:59:59.999") && !outage("11:00:01.001", "12:00:00.000"))
    }

    /// After a reboot there is no raw clock to compare with: the register's last instant is all.
    @Test func backwardsAcrossAReboot() {
        let baseline = ClockBaseline(boot: Scene.identifier(0xb1), reading(-3600))
        var judge = judge(baseline: baseline, floor: "11:00:05.000")
        #expect(judge.judge(reading(0)) == .init(faults: [.backwards], drift: nil, baseline: nil, renewed: nil))
        // Ten seconds later it shows more than the register did, and is as wrong as before.
        #expect(judge.judge(reading(10)).faults == [.backwards])
        // Set right.
        let right = judge.judge(reading(11, off: 5000))
        #expect(right.faults == [] && right.baseline == ClockBaseline(boot: Self.boot, reading(11, off: 5000)))
    }

    @Test func aJumpOverADeadlineAcrossAReboot() {
        let deadline = Scene.time("10:59:30.000")
        for baseline in [nil, ClockBaseline(boot: Scene.identifier(0xb1), reading(-3600))] {
            var judge = judge(baseline: baseline, deadlines: [deadline])
            #expect(judge.judge(reading(0)) == .init(faults: [.jump], drift: nil, baseline: nil, renewed: nil))
            #expect(judge.judge(reading(1)).faults == [.jump])
            #expect(judge.judge(reading(2, off: -40_000)).faults == [])
        }
        var passed = judge(deadlines: [Scene.time("10:59:00.000"), Scene.time("10:58:00.000"), Scene.time("11:00:00.001")])
        #expect(passed.judge(reading(0)).faults == [])
        var reached = judge(deadlines: [Scene.time("11:00:00.000")])
        #expect(reached.judge(reading(0)).faults == [.jump])
    }

    @Test func aKernelThatIsNotSynchronised() {
        for synchronised in [false, nil] as [Bool?] {
            var alarm = judge()
            #expect(alarm.judge(reading(0, isSynchronised: synchronised)).faults == [])
            var stop = judge(policy: .stop)
            #expect(stop.judge(reading(0, isSynchronised: synchronised)).faults == [.unsynchronised])
            #expect(stop.judge(reading(1)).faults == [])
            #expect(stop.judge(reading(2, isSynchronised: synchronised)).faults == [.unsynchronised])
        }
    }

    @Test func aDecisionIsABaselineAndNoMore() {
        var judge = judge(deadlines: [Scene.time("10:59:30.000")], policy: .stop)
        #expect(judge.judge(reading(0)).faults == [.jump])
        #expect(judge.accept(reading(1)) == ClockBaseline(boot: Self.boot, reading(1)))
        #expect(judge.judge(reading(2)).faults == [])
        #expect(judge.judge(reading(3, isSynchronised: false)).faults == [.unsynchronised])
        #expect(judge.judge(reading(4, off: 2001)).faults == [.drift])
        _ = judge.accept(reading(5, off: 3000))
        #expect(judge.judge(reading(6, off: 4500)).faults == [])
    }

    @Test func theFloorIsTheDecisionsWhileTheRegisterIsAheadOfIt() {
        let (ahead, decided) = (Scene.time("13:00:00.000"), Scene.time("11:00:00.000"))
        func floor(_ last: Instant) -> Instant {
            ClockHistory(last: last, decision: (decided, ahead), unsoundSince: nil).floor
        }
        #expect(floor(ahead) == decided)
        #expect(floor(Scene.time("13:00:00.001")) == Scene.time("13:00:00.001"))
        #expect(ClockHistory(last: ahead, decision: nil, unsoundSince: nil).floor == ahead)
        #expect(ClockHistory(last: ahead, decision: (ahead, ahead), unsoundSince: decided).floor == decided)
    }

    @Test func theSpecificationsExampleIsABaseline() throws {
        let examples = DocumentationTests.examples(try DocumentationTests.text("Clock.md"))
        #expect(examples.count == 1)
        let bytes = Array(examples[0].utf8)
        let baseline = try ClockBaseline(canonical: bytes)
        #expect(baseline.canonicalBytes == bytes && baseline.raw == 8_123_456)
        let text = try DocumentationTests.text("Clock.md")
        for fault in ClockFault.allCases { #expect(text.contains("| `\(fault.rawValue)` |")) }
        for rule in VerdictGiven.Rule.allCases { #expect(text.contains("| `\(rule.rawValue)` |")) }
    }
}
