import Canonical
import Procurement
import Synchronization

/// How many tokens an account has asked for in this minute. One that asks for more waits for the next: the authority is
/// there for everyone, and so is the pool that signs.
final class StampRate: Sendable {
    private struct State {
        var minute: Int64 = 0
        var made: [Identifier: Int] = [:]
    }

    private let most: Int
    private let state = Mutex(State())

    init(perMinute most: Int) { self.most = most }

    /// - Throws: `busy`, with the instant at which it will be possible again.
    func take(for account: Identifier, at now: Instant) throws(Refusal) {
        let isTaken = state.withLock { state in
            let minute = now.milliseconds / 60_000
            if minute != state.minute { state = State(minute: minute) }
            let made = state.made[account, default: 0]
            guard made < most else { return false }
            state.made[account] = made + 1
            return true
        }
        guard isTaken else {
            throw Refusal(
                .busy, "An account gets at most \(most) timestamps a minute.",
                possibleAt: Instant(milliseconds: (now.milliseconds / 60_000 + 1) * 60_000))
        }
    }
}
