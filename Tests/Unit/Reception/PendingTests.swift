import Canonical
import Procurement
import Testing

@testable import Reception

/// The barrier between the last byte of a bid and the closing of its consultation.
@Suite("Submissions under way hold the closing")
struct PendingTests {
    private let ours = identifier(1)
    private let other = identifier(2)
    private let closesAt = Dial.instant("12:00:01.000")

    @Test func nothingClosesBeforeItsTime() {
        let dial = Dial("12:00:00.999")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        #expect(pending.clearance(ours, closesAt: closesAt) == nil)
        dial.turn(to: "12:00:01.000")
        #expect(pending.clearance(ours, closesAt: closesAt) == closesAt)
    }

    @Test func aBidReceivedInTimeHoldsUntilItIsRecordedOrFailed() {
        let dial = Dial("12:00:00.999")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        let first = pending.enter(ours)
        let second = pending.enter(ours)
        #expect(first.received == Dial.instant("12:00:00.999"))
        dial.turn(to: "12:05:00.000")
        #expect(pending.clearance(ours, closesAt: closesAt) == nil)
        pending.leave(first)
        #expect(pending.clearance(ours, closesAt: closesAt) == nil)
        pending.leave(second)
        #expect(pending.clearance(ours, closesAt: closesAt) == Dial.instant("12:05:00.000"))
    }

    @Test func aBidLeavesOnce() {
        let dial = Dial("12:00:00.000")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        let first = pending.enter(ours)
        _ = pending.enter(ours)
        pending.leave(first)
        pending.leave(first)
        dial.turn(to: "12:00:02.000")
        #expect(pending.clearance(ours, closesAt: closesAt) == nil)
    }

    @Test func aLateBidHoldsNothing() {
        let dial = Dial("12:00:01.000")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        _ = pending.enter(ours)
        #expect(pending.clearance(ours, closesAt: closesAt) != nil)
    }

    @Test func anotherConsultationsBidHoldsNothing() {
        let dial = Dial("12:00:00.000")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        _ = pending.enter(other)
        dial.turn(to: "12:00:02.000")
        #expect(pending.clearance(ours, closesAt: closesAt) != nil)
        #expect(pending.clearance(other, closesAt: closesAt) == nil)
    }

    @Test func onceClearedNothingIsOnTimeWhateverTheClockDoes() {
        let dial = Dial("12:00:01.000")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        #expect(pending.clearance(ours, closesAt: closesAt) != nil)
        dial.turn(to: "11:59:00.000")
        let ticket = pending.enter(ours)
        #expect(ticket.received >= closesAt)
        #expect(Deadline(Dial.instant("12:00:00.000"), version: 1).verdict(received: ticket.received) == .late)
    }

    @Test func instantsNeverRunBack() {
        let dial = Dial("12:00:00.500")
        let pending = Pending(clock: JudgedClock(unjudged: dial.clock))
        let first = pending.enter(ours)
        dial.turn(to: "12:00:00.100")
        let second = pending.enter(ours)
        dial.turn(to: "12:00:00.600")
        let third = pending.enter(ours)
        #expect(first.received == second.received && second.received < third.received)
    }
}
