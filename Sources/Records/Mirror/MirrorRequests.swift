internal import Linux
internal import SQLite
internal import Synchronization

/// What whoever brings a mirror up asks of the scribe, which carries it out between two batches.
final class MirrorRequests: Sendable {
    enum Request: Sendable {
        /// Keep what is committed from now on; gives a snapshot of what was before.
        case keep(Monitor<Result<Handed, any Error>?>)
        /// Bring the copy of that snapshot up with what was kept, and let it follow.
        case follow(MirrorCopy, Monitor<Result<Void, any Error>?>)
        /// The copy was not made.
        case forget
    }

    /// A connection on its way from one thread to another.
    struct Handed: @unchecked Sendable { let connection: Connection }

    private let waiting = Mutex<[Request]>([])

    func add(_ request: Request) { waiting.withLock { $0.append(request) } }

    func take() -> [Request] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
