import Canonical
import Synchronization

/// Bids that were received while the clock was not believed: when, on the raw clock, their last byte came. In memory alone: after a
/// restart the span of the register is all there is to judge them by.
final class Awaited: Sendable {
    private struct State {
        var raws: [Identifier: Int64] = [:]
        /// There may be some in the register.
        var isAny = true
    }

    private let state = Mutex(State())
    /// More are judged by the span.
    private static let most = 100_000

    var isAny: Bool { state.withLock(\.isAny) }

    func note(_ bid: Identifier, raw: Int64) {
        state.withLock { state in
            state.isAny = true
            if state.raws.count < Awaited.most { state.raws[bid] = raw }
        }
    }

    func raw(of bid: Identifier) -> Int64? { state.withLock { $0.raws[bid] } }

    /// All were judged. One that is on its way is noted before it is recorded, and is kept.
    func forget(_ bids: [Identifier]) {
        state.withLock { state in
            for bid in bids { state.raws[bid] = nil }
            state.isAny = !state.raws.isEmpty
        }
    }
}
