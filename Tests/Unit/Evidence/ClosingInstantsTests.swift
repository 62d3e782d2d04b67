import Canonical
import Procurement
import Testing

@testable import Evidence

@Suite("What the instants of a closing say")
struct ClosingInstantsTests {
    private func report(_ statement: ClosingStated, at time: String = "12:00:02.000") -> Report {
        let event = Event(log: .real, at: Sitting.instant(time), nonce: [UInt8](repeating: 5, count: 16), fact: statement)
        return ClosingVerifier(keys: [], takesTraining: false).report(on: event.canonicalBytes, given: [])
    }

    private func outcome(_ name: String, _ report: Report) -> [Check.Outcome] {
        report.checks.filter { $0.name == name }.map(\.outcome)
    }

    /// The deadline's own second is the bidders'.
    @Test func itIsMadeWhenTheDeadlinesSecondIsOver() {
        #expect(outcome("deadline", report(Sitting.statement(), at: "12:00:01.000")) == [.holds])
        #expect(outcome("deadline", report(Sitting.statement(), at: "12:00:00.999")) == [.fails])
    }

    private func with(_ from: String, _ to: String) -> ClosingStated {
        let made = Sitting.statement()
        return ClosingStated(
            consultation: made.consultation, deadlines: made.deadlines, keys: made.keys, k: 2, n: 3, bids: made.bids, drafts: 0,
            attempts: 2, outages: [Outage(from: Sitting.instant(from), to: Sitting.instant(to), cause: Outage.clock)], size: 20,
            root: made.root)
    }

    /// An outage that has any instant of that second, its first and its last included, holds the opening.
    @Test func anOutageOverTheDeadlineIsSaid() {
        #expect(outcome("outage", report(Sitting.statement())) == [.note] && outcome("held", report(Sitting.statement())) == [])
        for (from, to, isHeld) in [
            ("11:00:00.000", "11:59:59.999", false), ("11:00:00.000", "12:00:00.000", true), ("12:00:01.000", "12:00:01.500", true),
            ("12:00:01.001", "12:00:01.500", false), ("11:00:00.000", "12:00:01.800", true),
        ] {
            let report = report(with(from, to))
            #expect(report.isGood && outcome("outage", report) == [.note])
            #expect(outcome("held", report) == (isHeld ? [.note] : []), "\(from) to \(to)")
        }
    }

    @Test func aLeafBeforeItsBidWasReceivedRestsOnTheOperator() {
        func leaf(_ time: String) -> Event {
            Event(log: .real, at: Sitting.instant(time), nonce: [UInt8](repeating: 1, count: 16), fact: Sitting.events[0].fact)
        }
        #expect(outcome("received", LeafInstants.checks([(1, leaf("10:59:59.999"))], of: "log")) == [.operatorsWord])
        #expect(LeafInstants.checks([(1, leaf("11:00:00.000"))], of: "log").checks.isEmpty)
        // What runs back is not said to hold as well.
        #expect(outcome("instants", LeafInstants.checks([(1, leaf("11:00:02.000")), (2, leaf("11:00:01.000"))], of: "log")) == [.fails])
    }
}
