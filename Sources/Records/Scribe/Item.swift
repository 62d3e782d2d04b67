internal import Procurement

/// Which queue an item waits in. Traces are bounded apart and never take a decision's place, so that a flood of
/// refusals delays no bid.
public enum Lane: Sendable {
    case decision, trace
}

/// One thing for the scribe to do.
struct Item: Sendable {
    let lane: Lane
    let folders: [FolderSync]
    let decide: @Sendable (Transaction) throws -> [EventDraft]
    let completion: @Sendable (Result<[CommittedEvent], any Error>) -> Void
    /// A new key for a log, in place of a decision: in a transaction of its own.
    var rotation: LogRotation?
}

/// A log whose generation ends, and the keys with which all logs go on.
struct LogRotation: Sendable {
    let log: Log
    let keys: LogKeys
}
