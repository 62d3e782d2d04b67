import Canonical
import Procurement
import Synchronization

/// Submissions whose last byte was read and that are not committed yet: what the closing of a consultation waits for.
///
/// The received instant is read *inside* the lock, and never runs back. So once ``holdsBefore(_:consultation:)`` has
/// answered no at an instant past the deadline, nothing more can arrive on time: each later one reads a later instant.
final class Pending: Sendable {
    struct Ticket: Sendable {
        fileprivate let number: UInt64
        let received: Instant
    }

    private struct State {
        var last = Instant(milliseconds: 0)
        var next: UInt64 = 0
        var waiting: [UInt64: (consultation: Identifier, received: Instant)] = [:]
    }

    private let clock: WallClock
    private let state = Mutex(State())

    init(clock: WallClock) {
        self.clock = clock
    }

    /// Fixes the *received* instant of a submission.
    func enter(_ consultation: Identifier) -> Ticket {
        state.withLock { state in
            state.last = max(state.last, clock.now)
            state.next += 1
            state.waiting[state.next] = (consultation, state.last)
            return Ticket(number: state.next, received: state.last)
        }
    }

    /// The submission is committed, or has failed.
    func leave(_ ticket: Ticket) {
        _ = state.withLock { $0.waiting.removeValue(forKey: ticket.number) }
    }

    /// The instant, if nothing received before `deadline` closes is still on its way; nil otherwise, or too early.
    func clearance(_ consultation: Identifier, closesAt: Instant) -> Instant? {
        state.withLock { state in
            state.last = max(state.last, clock.now)
            guard state.last >= closesAt else { return nil }
            let isHeld = state.waiting.values.contains {
                $0.consultation == consultation && $0.received < closesAt
            }
            return isHeld ? nil : state.last
        }
    }
}
