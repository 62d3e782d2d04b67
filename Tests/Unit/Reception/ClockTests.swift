import Canonical
import Linux
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

@Suite("A vault whose clock is judged")
struct ClockTests {
    private let house: House
    private let id: Identifier
    private let committee: Committee

    init() throws {
        house = try House(isJudged: true)
        (id, committee) = try house.published()
        house.vault.tend()
    }

    private func state() -> ClockState { house.vault.clock.status.state }

    private func consultation() throws -> Consultation { try house.vault.consultation(id, for: nil).consultation }

    @Test func allIsWellWhileItKeepsPace() throws {
        let receipt = try Upload.whole(house, id, by: house.bidder, [1])
        #expect(receipt.bid.clock == .sound && receipt.bid.verdict == .onTime)
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(try consultation().phase == .closed)
        #expect(try house.facts(ClockUnsound.self, in: .real).isEmpty)
        #expect(house.baseline.change { $0 }?.wall == Dial.instant("11:00:00.000"))
    }

    @Test("a step while running: nothing that rests on time is done, bids are kept", arguments: ["10:00:00.000", "12:30:00.000"])
    func step(to time: String) throws {
        house.dial.turn(to: "11:30:00.000")
        house.vault.tend()
        house.dial.set(to: time)
        let receipt = try Upload.whole(house, id, by: house.bidder, [1])
        #expect(receipt.bid.clock == .unsound && receipt.bid.verdict == .pending)
        #expect(receipt.bid.received == Dial.instant(time))
        house.vault.tend()
        #expect(state() == .unsound)
        #expect(try consultation().phase == .published, "not closed, whatever the clock shows")
        #expect(
            try house.facts(ClockUnsound.self, in: .real).map(\.since) == [Dial.instant("11:30:00.000")])
        let later = Dial.instant("13:00:00.000")
        #expect(refusal { try house.vault.extend(id, by: house.buyer.principal, to: later) } == .clock)
        #expect(refusal { try house.vault.announce(id, by: house.opener.principal, signed: [0x7b]) } == .clock)
        // Refused for who may not at all, first.
        #expect(refusal { try house.vault.announce(id, by: house.bidder.principal, signed: [0x7b]) } == .forbidden)

        // A minute later it is set right again.
        house.dial.set(to: "11:30:00.000")
        house.dial.pass(60)
        house.vault.tend()
        #expect(state() == .sound)
        let sound = try #require(try house.facts(ClockSound.self, in: .real).last)
        #expect(sound.since == Dial.instant("11:30:00.000") && sound.until == Dial.instant("11:31:00.000"))
        #expect(sound.ground == .agreement)
        let verdict = try #require(try house.facts(VerdictGiven.self).last)
        #expect(verdict.bid == receipt.bid.bid && verdict.verdict == .onTime && verdict.rule == .elapsed)
        #expect(verdict.received == Dial.instant("11:30:00.000"))
        #expect(try house.vault.register.read { try $0.bid(receipt.bid.bid) }?.verdict == .onTime)
        // Instants run on from there, not from where the clock had been.
        house.dial.turn(to: "11:59:00.000")
        #expect(try Upload.whole(house, id, by: house.otherBidder, [2]).bid.received == Dial.instant("11:59:00.000"))
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(try consultation().phase == .closed)
    }

    /// The deadline passes while the clock shows an earlier hour.
    @Test func aBidThatCameLateOnAClockSetBackIsLate() throws {
        house.dial.turn(to: "11:59:50.000")
        house.vault.tend()
        house.dial.set(to: "11:00:00.000")
        let inTime = try Upload.whole(house, id, by: house.bidder, [1])
        house.dial.pass(11)
        let late = try Upload.whole(house, id, by: house.otherBidder, [2])
        #expect(late.bid.received == Dial.instant("11:00:11.000") && late.bid.verdict == .pending)
        house.dial.pass(10)
        house.dial.set(to: "12:00:11.000")
        house.vault.tend()
        let verdicts = try house.facts(VerdictGiven.self)
        #expect(verdicts.map(\.bid) == [inTime.bid.bid, late.bid.bid])
        #expect(verdicts.map(\.verdict) == [.onTime, .late])
        #expect(verdicts.map(\.received) == [Dial.instant("11:59:50.000"), Dial.instant("12:00:01.000")])
        #expect(try consultation().phase == .closed)
    }

    @Test func aSubmissionOnItsWayHoldsTheClosing() throws {
        house.dial.turn(to: "11:30:00.000")
        house.vault.tend()
        house.dial.set(to: "12:30:00.000")
        let ticket = house.vault.pending.enter(id)
        house.dial.set(to: "11:30:00.000")
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(state() == .sound)
        #expect(try consultation().phase == .published)
        house.vault.pending.leave(ticket)
        house.vault.tend()
        #expect(try consultation().phase == .closed)
    }

    @Test func theDecisionOfWhoRunsTheHost() throws {
        house.dial.turn(to: "11:30:00.000")
        house.vault.tend()
        house.dial.set(to: "12:30:00.000")
        house.vault.tend()
        #expect(refusal { try house.vault.acceptClock(reason: " ") } == .invalid)
        #expect(state() == .unsound)
        let status = try house.vault.acceptClock(reason: "Checked against two others.")
        #expect(status.state == .sound && status.faults.isEmpty)
        let accepted = try #require(try house.facts(ClockAccepted.self, in: .real).last)
        #expect(accepted.instant == Dial.instant("12:30:00.000") && accepted.drift == 3_600_000)
        #expect(try house.facts(ClockSound.self, in: .real).map(\.ground) == [.decision])
        #expect(house.baseline.change { $0 }?.wall == Dial.instant("12:30:00.000"))
        // It has closed nothing by itself; the deadline had passed, so the next turn does.
        #expect(try consultation().phase == .published)
        house.vault.tend()
        #expect(try consultation().phase == .closed)
    }

    @Test func aRestartInTheSameBootOverADeadline() throws {
        house.dial.turn(to: "11:59:00.000")
        try house.restart { house.dial.turn(to: "12:10:00.000") }
        house.vault.tend()
        #expect(state() == .sound)
        let down = try #require(try house.facts(Down.self, in: .real).last)
        #expect(down.until == Dial.instant("12:10:00.000") && down.since < Dial.instant("12:00:00.000"))
    }

    @Test func aRebootOverADeadlineIsNotExplained() throws {
        try house.restart(reboot: true) { house.dial.turn(to: "12:10:00.000") }
        house.vault.tend()
        #expect(house.vault.clock.status.faults == [.jump])
        #expect(try consultation().closed == nil && consultation().phase == .published)
        let receipt = try Upload.whole(house, id, by: house.bidder, [1])
        #expect(receipt.bid.verdict == .pending)
        // Again, in the same boot: as little explained, and the span goes on from where it began.
        try house.restart { house.dial.turn(to: "12:20:00.000") }
        house.vault.tend()
        #expect(house.vault.clock.status.faults == [.jump])
        _ = try house.vault.acceptClock(reason: "Rebooted.")
        house.vault.tend()
        let sound = try #require(try house.facts(ClockSound.self, in: .real).last)
        #expect(sound.since == Dial.instant("11:00:00.000") && sound.until == Dial.instant("12:20:00.000"))
        // The raw clock of that bid is lost with the process: in doubt, for the bidder.
        let verdict = try #require(try house.facts(VerdictGiven.self).last)
        #expect(verdict.verdict == .onTime && verdict.rule == .doubt)
        #expect(try house.vault.register.read { try $0.bid(receipt.bid.bid) }?.verdict == .onTime)
    }

    @Test func backwardsAcrossAReboot() throws {
        house.dial.turn(to: "11:30:00.000")
        _ = try Upload.whole(house, id, by: house.bidder, [1])
        try house.restart(reboot: true) { house.dial.set(to: "11:20:00.000") }
        house.vault.tend()
        #expect(house.vault.clock.status.faults == [.backwards])
        house.dial.pass(900)
        house.vault.tend()
        #expect(house.vault.clock.status.faults == [.backwards], "it has not been set right, time has passed")
        house.dial.set(to: "11:46:00.000")
        house.vault.tend()
        #expect(state() == .sound)
    }

    @Test func aWatchThatHoversDoesNotFillTheLog() throws {
        house.dial.turn(to: "11:30:00.000")
        house.vault.tend()
        for turn in 0..<20 {
            house.dial.set(to: turn % 2 == 0 ? "11:30:02.100" : "11:30:01.900")
            house.vault.tend()
        }
        #expect(try house.facts(ClockUnsound.self, in: .real).count == 1)
        #expect(try house.facts(ClockSound.self, in: .real).isEmpty)
    }
}
