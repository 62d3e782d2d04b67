import Synchronization

/// Bids whose envelope does not give what is to be stamped: told of once, passed over until the next start, so that the
/// oldest of them does not hold back all that came after it.
final class Unstampable: Sendable {
    private let known = Mutex<Set<String>>([])

    var count: Int { known.withLock { $0.count } }
    func contains(_ id: String) -> Bool { known.withLock { $0.contains(id) } }
    func insert(_ id: String) { known.withLock { _ = $0.insert(id) } }
}
