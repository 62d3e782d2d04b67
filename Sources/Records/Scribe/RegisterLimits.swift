/// Bounds of the register's queues and pools. The daemon's configuration gives the values.
public struct RegisterLimits: Sendable {
    /// Decisions that may wait for the scribe.
    public let decisions: Int
    /// Traces (refusals, counts) that may wait.
    public let traces: Int
    /// Items committed together.
    public let batch: Int
    /// Read-only connections.
    public let readers: Int
    /// How long a batch is left open for more, in milliseconds, where items follow one another closely: four syncs are then
    /// shared by several. An item that comes 25 ms after the last batch, or later,
    /// never waits.
    public let gathering: Int64

    public init(decisions: Int, traces: Int, batch: Int, readers: Int, gathering: Int64 = 0) {
        precondition(decisions > 0 && traces > 0 && batch > 1 && readers > 0 && (0...100).contains(gathering))
        self.decisions = decisions
        self.traces = traces
        self.batch = batch
        self.readers = readers
        self.gathering = gathering
    }

    /// Events that one item may append.
    static let mostDrafts = 4096
}
