import Canonical
import Procurement
import Synchronization

/// What becomes of refusals: those of signed-in users are events, up to a rate; the rest, and anonymous ones, are
/// counted, one event for each source, reason and minute. Bounded, and never in the way of a bid.
final class Refusals: Sendable {
    struct Key: Hashable {
        let source: String
        let reason: String
    }

    private struct State {
        var minute: Int64 = 0
        var events: [Identifier: Int] = [:]
        var counts: [Key: Int64] = [:]
        var finished: [RefusalsCounted] = []
    }

    private let clock: JudgedClock
    private let limits: ReceptionLimits
    private let state = Mutex(State())

    init(clock: JudgedClock, limits: ReceptionLimits) {
        self.clock = clock
        self.limits = limits
    }

    /// Whether this user's refusal becomes an event of its own; otherwise it has been counted.
    func isEvent(_ user: Identifier, reason: String) -> Bool {
        state.withLock { state in
            turn(&state)
            let made = state.events[user, default: 0]
            if made < limits.refusalsPerMinute {
                state.events[user] = made + 1
                return true
            }
            add(Key(source: user.text, reason: reason), to: &state)
            return false
        }
    }

    func count(source: String, reason: String) {
        state.withLock { state in
            turn(&state)
            add(Key(source: source, reason: reason), to: &state)
        }
    }

    /// Counts of minutes that are over (or of all, at the end), to be written as events; they are handed out once.
    func take(all: Bool) -> [RefusalsCounted] {
        state.withLock { state in
            turn(&state, force: all)
            defer { state.finished = [] }
            return state.finished
        }
    }

    /// What could not be written is counted again.
    func giveBack(_ facts: [RefusalsCounted]) {
        state.withLock { state in
            guard state.finished.count + facts.count <= 4 * limits.countedSources else { return }
            state.finished += facts
        }
    }

    private func add(_ key: Key, to state: inout State) {
        let isKnown = state.counts[key] != nil
        let place = isKnown || state.counts.count < limits.countedSources ? key : Key(source: "others", reason: key.reason)
        state.counts[place, default: 0] += 1
    }

    private func turn(_ state: inout State, force: Bool = false) {
        let minute = clock.now.milliseconds / 60_000
        guard minute != state.minute || force else { return }
        let ended = Instant(milliseconds: state.minute * 60_000)
        if state.finished.count < 4 * limits.countedSources {
            state.finished += state.counts.sorted { ($0.key.source, $0.key.reason) < ($1.key.source, $1.key.reason) }
                .map { RefusalsCounted(source: $0.key.source, reason: $0.key.reason, minute: ended, count: $0.value) }
        }
        state.minute = minute
        state.events = [:]
        state.counts = [:]
    }
}
