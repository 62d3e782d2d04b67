import Canonical
import Foundation
import Procurement
import Records
import Synchronization

/// When checkpoints are published, and when a leaf that says nothing comes of itself. Times are the vault's clock's.
final class Publisher: Sendable {
    private struct State {
        /// Hours since 1970 of the last publication.
        var hour: Int64 = -1
        var notBefore: Int64 = 0
        /// Milliseconds; nil until the first is drawn.
        var nextBlank: [Log: Int64] = [:]
    }

    private let state = Mutex(State())
    private let randomness: @Sendable (Int) throws -> [UInt8]
    static let hour: Int64 = 3_600_000
    /// A blank leaf comes every ten minutes on average, so that a log of which nothing is heard grows too.
    static let meanBlank: Double = 600_000

    init(randomness: @escaping @Sendable (Int) throws -> [UInt8]) { self.randomness = randomness }

    func load(_ last: Instant?) {
        guard let last else { return }
        state.withLock { $0.hour = last.milliseconds / Self.hour }
    }

    /// Once in each hour of the clock; at once where nothing was published yet.
    func isDue(_ now: Instant) -> Bool {
        state.withLock { now.milliseconds / Self.hour > $0.hour && now.milliseconds >= $0.notBefore }
    }

    func published(_ now: Instant) { state.withLock { $0.hour = now.milliseconds / Self.hour } }

    /// After a failure: not again before ten seconds.
    func pause(_ now: Instant) { state.withLock { $0.notBefore = now.milliseconds + 10_000 } }

    /// The logs that get a leaf now. Their times are exponential: having waited tells nothing of how long is left.
    func blanks(_ now: Instant) -> [Log] {
        state.withLock { state in
            Log.allCases.filter { log in
                let next = state.nextBlank[log]
                // A clock that was set back would keep silence for as long.
                let isDue = next.map { now.milliseconds >= $0 || $0 - now.milliseconds > 100 * Self.hour } ?? false
                if isDue || next == nil { state.nextBlank[log] = now.milliseconds + delay() }
                return isDue
            }
        }
    }

    /// Milliseconds, exponential.
    private func delay() -> Int64 {
        let bytes = (try? randomness(6)) ?? [128]
        let fraction = bytes.reduce(0.0) { ($0 * 256 + Double($1)) } / pow(256, Double(bytes.count))
        return Int64(-Self.meanBlank * log(1 - fraction)) + 1
    }
}
