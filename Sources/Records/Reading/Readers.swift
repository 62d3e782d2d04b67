internal import Linux
internal import SQLite

/// A few read-only connections, lent to whoever may wait for one.
final class Readers: Sendable {
    private struct State {
        var resting: [Connection]
        var lent = 0
        var isClosed = false
    }

    private let state: Monitor<State>

    init(path: String, count: Int) throws {
        var connections: [Connection] = []
        for _ in 0..<count { connections.append(try Connection(path: path, .readOnly)) }
        state = Monitor(State(resting: connections))
    }

    /// Runs `body` on the calling thread over one snapshot, waiting for a connection to be free.
    func read<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        let lent: Connection?? = state.wait { state in
            if state.isClosed { return .some(nil) }
            guard let connection = state.resting.popLast() else { return nil }
            state.lent += 1
            return connection
        }
        guard let connection = lent ?? nil else { throw RegisterFailure.stopping }
        defer {
            state.change { state in
                state.lent -= 1
                state.resting.append(connection)
            }
        }
        try connection.beginReading()
        defer { try? connection.rollback() }
        return try body(Snapshot(connection))
    }

    /// Lends nothing more, waits until none is lent, and closes them.
    func close() {
        state.change { $0.isClosed = true }
        state.wait { state -> Void? in
            guard state.lent == 0 else { return nil }
            state.resting = []
            return ()
        }
    }
}
