internal import Linux

/// What waits for the scribe: two bounded lanes, each in the order of submission.
final class ScribeQueue: @unchecked Sendable {
    private struct State {
        var decisions: [Item] = []
        var traces: [Item] = []
        var isStopping = false
        var isDead = false
    }

    private let state = Monitor(State())
    private let limits: RegisterLimits
    /// The scribe's own: the one field that no lock guards.
    private var hasBegun = false

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
        if hasBegun { gather() }
        hasBegun = true
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

    /// Leaves the batch open for a moment where the one before it has just ended: whoever comes now does not come alone.
    private func gather() {
        guard limits.gathering > 0 else { return }
        let isFollowed: Bool? = state.wait(milliseconds: 25) { state in
            state.decisions.isEmpty && !state.isStopping && !state.isDead ? nil : true
        }
        guard isFollowed != nil else { return }
        _ = state.wait(milliseconds: limits.gathering) { state -> Bool? in
            state.decisions.count >= limits.batch / 4 || state.isStopping || state.isDead ? true : nil
        }
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
