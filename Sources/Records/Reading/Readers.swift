internal import Linux
internal import SQLite

/// A few read-only connections, lent to whoever may wait for one.
final class Readers: Sendable {
    private let resting: Monitor<[Connection]>
    private let count: Int

    init(path: String, count: Int) throws {
        var connections: [Connection] = []
        for _ in 0..<count { connections.append(try Connection(path: path, .readOnly)) }
        resting = Monitor(connections)
        self.count = count
    }

    /// Runs `body` on the calling thread over one snapshot, waiting for a connection to be free.
    func read<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        let connection = resting.wait { $0.popLast() }
        defer { resting.change { $0.append(connection) } }
        try connection.beginReading()
        defer { try? connection.rollback() }
        return try body(Snapshot(connection))
    }

    /// Waits until none is lent, and closes them.
    func close() {
        resting.wait { $0.count == count ? $0.removeAll() : nil }
    }
}
