import Canonical
import Linux

/// What those who open bids side by side share: whose turn it is, what was seen, how far all have come, and whether one met a
/// failure that ends the opening.
final class OpeningSitting: Sendable {
    private struct State {
        /// The place in the list whose manifests are looked at next.
        var turn = 0
        /// Manifests read so far: one that comes twice was copied. In the order of the list, so that it is always the second that is
        /// refused.
        var seen: Set<Digest> = []
        var length: Int64 = 0
        var done: Int64 = 0
        var finished = 0
        var failure: CommandError?
        let progress: Progress
    }

    /// Another thread has met a failure that ends the opening.
    struct Ended: Error {}

    private let state: Monitor<State>
    private let count: Int

    /// - Parameter count: how many bids.
    init(_ invocation: Invocation, count: Int) {
        self.count = count
        state = Monitor(State(progress: invocation.progress(Self.label(0, count), total: 0)))
    }

    /// Waits until all places before this one have had their turn. Every place takes its own once, whatever became of it, and
    /// none before a lower one was begun by somebody: else all would wait.
    ///
    /// - Parameter length: bytes of the bid's documents, for the line of progress.
    func turn<Result>(_ place: Int, length: Int64, _ body: (inout Set<Digest>) -> Result) -> Result {
        state.wait { state in
            guard state.turn == place else { return nil }
            state.turn += 1
            state.length += length
            // Only now is it known how much there is in all.
            if state.turn == count { state.progress.total = state.length }
            return body(&state.seen)
        }
    }

    func came(_ bytes: Int64) {
        state.change { state in
            state.done += bytes
            state.progress.update(state.done)
        }
    }

    func finished() {
        state.change { state in
            state.finished += 1
            state.progress.label = Self.label(state.finished, count)
        }
    }

    /// Throws once another has failed.
    func goOn() throws(Ended) {
        guard state.change({ $0.failure == nil }) else { throw Ended() }
    }

    /// The first failure is the reason; those that follow from it are none.
    func fail(_ error: CommandError) { state.change { $0.failure = $0.failure ?? error } }

    /// Takes the line of progress away.
    func close() throws(CommandError) {
        if let failure = state.change({ state in
            state.progress.finish()
            return state.failure
        }) { throw failure }
    }

    private static func label(_ finished: Int, _ count: Int) -> String { "\(finished) of \(count) bid\(count == 1 ? "" : "s")" }
}
