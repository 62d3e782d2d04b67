import Canonical
import Linux
import Procurement
import Synchronization

/// How many requests an account may make: a bucket of ten seconds' worth that fills at the rate. What is over it is told to
/// come back, before anything is looked up for it, so that one company's program leaves the vault to the others.
final class RequestRate: Sendable {
    private struct Bucket {
        /// Thousandths of a request.
        var tokens: Int64
        var filled: Int64
    }

    static let burstSeconds: Int64 = 10
    /// Accounts remembered; those that ask little are forgotten when there are more.
    private static let mostAccounts = 20_000

    private let perSecond: Int64
    private let buckets = Mutex<[Identifier: Bucket]>([:])

    init(perSecond: Int) { self.perSecond = Int64(perSecond) }

    /// - Parameter now: monotonic milliseconds.
    func take(for account: Identifier, now: Int64 = Clocks.monotonicMilliseconds()) throws(Refusal) {
        let most = perSecond * Self.burstSeconds * 1000
        let isTaken = buckets.withLock { buckets in
            if buckets.count >= Self.mostAccounts {
                buckets = buckets.filter { $0.value.tokens + (now - $0.value.filled) * perSecond < most }
            }
            var bucket = buckets[account] ?? Bucket(tokens: most, filled: now)
            bucket.tokens = min(most, bucket.tokens + max(0, now - bucket.filled) * perSecond)
            bucket.filled = now
            let isTaken = bucket.tokens >= 1000
            if isTaken { bucket.tokens -= 1000 }
            buckets[account] = bucket
            return isTaken
        }
        guard isTaken else { throw Refusal(.rate, "An account may make \(perSecond) requests a second (limit `requestsPerSecondOfAccount`).") }
    }
}
