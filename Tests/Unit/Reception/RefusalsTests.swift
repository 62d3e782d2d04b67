import Canonical
import Procurement
import Testing

@testable import Reception

@Suite("What becomes of refusals")
struct RefusalsTests {
    private let user = identifier(1)

    private func refusals(_ dial: Dial, events: Int = 2, sources: Int = 3) -> Refusals {
        Refusals(
            clock: JudgedClock(unjudged: dial.clock),
            limits: ReceptionLimits(
                deposits: Limits(document: 1, bid: 1, documents: 1), uploadsPerAccount: 1, bytesPerAccount: 1,
                registerReserve: 0, smallBid: 0, reservedPercent: 0, inodeReserve: 0, refusalsPerMinute: events,
                countedSources: sources))
    }

    /// `source reason count`
    private func lines(_ facts: [RefusalsCounted]) -> [String] {
        facts.map { "\($0.source) \($0.reason) \($0.count)" }
    }

    @Test func aUsersAreEventsUpToARateAndThenCounts() {
        let dial = Dial("12:00:00.000")
        let refusals = refusals(dial)
        #expect(refusals.isEvent(user, reason: "forbidden"))
        #expect(refusals.isEvent(user, reason: "not-yet"))
        #expect(!refusals.isEvent(user, reason: "forbidden"))
        #expect(!refusals.isEvent(user, reason: "forbidden"))
        #expect(refusals.isEvent(identifier(2), reason: "forbidden"))
        dial.turn(to: "12:01:00.000")
        #expect(refusals.isEvent(user, reason: "forbidden"))
        #expect(lines(refusals.take(all: false)) == ["\(user) forbidden 2"])
    }

    @Test func anonymousOnesAreOneEventForEachSourceReasonAndMinute() {
        let dial = Dial("12:00:59.999")
        let refusals = refusals(dial)
        for _ in 0..<3 { refusals.count(source: "192.0.2.0/24", reason: "unauthenticated") }
        refusals.count(source: "192.0.2.0/24", reason: "malformed")
        refusals.count(source: "2001:db8::/48", reason: "malformed")
        #expect(refusals.take(all: false).isEmpty, "the minute is not over")
        dial.turn(to: "12:01:00.000")
        let facts = refusals.take(all: false)
        #expect(lines(facts) == ["192.0.2.0/24 malformed 1", "192.0.2.0/24 unauthenticated 3", "2001:db8::/48 malformed 1"])
        #expect(facts.allSatisfy { $0.minute == Dial.instant("12:00:00.000") })
        #expect(refusals.take(all: true).isEmpty, "handed out once")
    }

    @Test func atTheEndAllAreHandedOut() {
        let dial = Dial("12:00:30.000")
        let refusals = refusals(dial)
        refusals.count(source: "192.0.2.0/24", reason: "malformed")
        #expect(lines(refusals.take(all: true)) == ["192.0.2.0/24 malformed 1"])
    }

    @Test func theMinuteOfAQuietDaemonIsTheOneCounted() {
        let dial = Dial("12:00:30.000")
        let refusals = refusals(dial)
        refusals.count(source: "192.0.2.0/24", reason: "malformed")
        dial.turn(to: "12:07:30.000")
        refusals.count(source: "192.0.2.0/24", reason: "malformed")
        dial.turn(to: "12:08:00.000")
        #expect(refusals.take(all: false).map(\.minute) == [Dial.instant("12:00:00.000"), Dial.instant("12:07:00.000")])
    }

    @Test func tooManySourcesAreCountedTogether() {
        let dial = Dial("12:00:00.000")
        let refusals = refusals(dial, sources: 2)
        for source in ["a", "b", "c", "d", "c"] { refusals.count(source: source, reason: "malformed") }
        refusals.count(source: "a", reason: "malformed")
        refusals.count(source: "e", reason: "not-found")
        dial.turn(to: "12:01:00.000")
        #expect(lines(refusals.take(all: false)) == ["a malformed 2", "b malformed 1", "others malformed 3", "others not-found 1"])
    }

    @Test func whatCouldNotBeWrittenIsKeptWithinABound() {
        let dial = Dial("12:00:00.000")
        let refusals = refusals(dial, sources: 1)
        refusals.count(source: "a", reason: "malformed")
        let facts = refusals.take(all: true)
        refusals.giveBack(facts)
        #expect(lines(refusals.take(all: false)) == ["a malformed 1"])
        for _ in 0..<100 { refusals.giveBack(facts) }
        #expect(refusals.take(all: false).count == 4)
    }
}
