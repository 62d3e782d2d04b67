internal import Linux

/// What waits for the scribe: two bounded lanes, each in the order of submission.
final class ScribeQueue: Sendable {
    private struct State {
        var decisions: [Item] = []
        var traces: [Item] = []
        var isStopping = false
        var isDead = false
    }

    private let state = Monitor(State())
    private let limits: RegisterLimits

    init(_ limits: RegisterLimits) { self.limits = limits }

    func add(_ item: Item, _ lane: Lane) -> RegisterFailure? {
        state.change { state in
            guard !state.isStopping, !state.isDead else { return .stopping }
            switch lane {
            case .decision:
                guard state.decisions.count < limits.decisions else { return .overloaded }
                state.decisions.append(item)
            case .trace:
                guard state.traces.count < limits.traces else { return .overloaded }
                state.traces.append(item)
            }
            return nil
        }
    }

    /// What to commit together, once there is something; nil when all is done and nothing more will come.
    ///
    /// An eighth of a batch is for traces, so that neither lane starves.
    func next() -> [Item]? {
        let batch: [Item]? = state.wait { state -> [Item]?? in
            if state.isDead { return .some(nil) }
            if state.decisions.isEmpty && state.traces.isEmpty { return state.isStopping ? .some(nil) : nil }
            let traces = min(state.traces.count, max(1, limits.batch / 8))
            let decisions = min(state.decisions.count, limits.batch - traces)
            let batch = Array(state.decisions.prefix(decisions) + state.traces.prefix(traces))
            state.decisions.removeFirst(decisions)
            state.traces.removeFirst(traces)
            return .some(batch)
        }
        return batch
    }

    /// Nothing more is taken; what is there will be done.
    func stop() { state.change { $0.isStopping = true } }

    /// The outcome of a commit is unknown: nothing more is taken, done or told.
    func die() {
        state.change { state in
            state.isDead = true
            state.decisions = []
            state.traces = []
        }
    }
}
