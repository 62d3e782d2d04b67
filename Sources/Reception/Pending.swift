import Canonical
import Procurement
import Synchronization

/// Submissions whose last byte was read and that are not committed yet: what the closing of a consultation waits for.
///
/// The received instant is read *inside* the lock, and never runs back while the clock is believed. So once
/// ``clearance(_:closesAt:)`` has answered at an instant past the deadline, nothing more can arrive on time: each later one
/// reads a later instant, or is judged later, when the list is closed.
final class Pending: Sendable {
    struct Ticket: Sendable {
        fileprivate let number: UInt64
        let received: Instant
        /// Of the clock at that instant.
        let clock: ClockState
        /// The raw clock then.
        let raw: Int64
    }

    private struct State {
        var last = Instant(milliseconds: 0)
        var epoch = 0
        var next: UInt64 = 0
        var waiting: [UInt64: (consultation: Identifier, received: Instant, clock: ClockState)] = [:]

        /// A clock that is believed anew after it was not begins anew, too: it may have been ahead before.
        mutating func follow(_ time: JudgedClock.Time) {
            last = time.epoch == epoch ? max(last, time.instant) : time.instant
            epoch = time.epoch
        }
    }

    private let clock: JudgedClock
    private let state = Mutex(State())

    init(clock: JudgedClock) {
        self.clock = clock
    }

    /// Fixes the *received* instant of a submission.
    func enter(_ consultation: Identifier) -> Ticket {
        state.withLock { state in
            let time = clock.read()
            var received = time.instant
            if time.state != .unsound {
                state.follow(time)
                received = state.last
            }
            state.next += 1
            state.waiting[state.next] = (consultation, received, time.state)
            return Ticket(number: state.next, received: received, clock: time.state, raw: time.raw)
        }
    }

    /// The submission is committed, or has failed.
    func leave(_ ticket: Ticket) {
        _ = state.withLock { $0.waiting.removeValue(forKey: ticket.number) }
    }

    /// The instant, if the clock is believed and nothing received before `closesAt`, or at an instant that is not believed, is
    /// still on its way; nil otherwise, or too early.
    func clearance(_ consultation: Identifier, closesAt: Instant) -> Instant? {
        state.withLock { state in
            let time = clock.read()
            guard time.state != .unsound else { return nil }
            state.follow(time)
            guard state.last >= closesAt else { return nil }
            let isHeld = state.waiting.values.contains {
                $0.consultation == consultation && ($0.received < closesAt || $0.clock == .unsound)
            }
            return isHeld ? nil : state.last
        }
    }
}
