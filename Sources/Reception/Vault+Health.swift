import Canonical
import Linux
import Procurement
import Records
import Synchronization

/// When the daemon last looked at itself.
final class Watch: Sendable {
    /// Milliseconds between two samples.
    static let interval: Int64 = 10_000
    /// Milliseconds that the scribe has for a commit before a sample says that it had none.
    static let patience: Int64 = 5_000

    private let last = Mutex<Instant?>(nil)

    /// Whether a sample is due; a clock that stepped, either way, makes it so.
    func isDue(at now: Instant) -> Bool {
        last.withLock { last in
            if let last, (last.milliseconds..<last.milliseconds + Watch.interval).contains(now.milliseconds) { return false }
            last = now
            return true
        }
    }
}

extension Vault {
    /// Begins to sample the daemon's own health, every ten seconds, until ``stopWatching()``.
    ///
    /// - Parameter accepts: whether a request is answered; may block for some seconds.
    public func startWatching(_ accepts: @escaping @Sendable () -> Bool) throws {
        try watching.start(every: 1000) { [self] in watch(accepts) }
    }

    public func stopWatching() { watching.stop() }

    /// One look, if it is time.
    func watch(_ accepts: () -> Bool) {
        let now = clock.now
        guard watchTimes.isDue(at: now) else { return }
        let scribe = commitTime()
        let room = try? envelopes.room()
        let sample = HealthSample(
            at: now, accepts: accepts(), scribe: scribe, free: max(0, room?.free ?? 0), inodes: max(0, min(room?.freeInodes ?? 0, 1 << 52)),
            clock: clock.read().state.rawValue, uploads: Int64(reservations.uploads), load: Host.load())
        // Behind what waits: where the scribe hangs, it is written once the scribe goes on.
        register.submit(.decision) { transaction in
            try transaction.keep(sample)
            return try transaction.digestHealth(at: sample.at).map { EventDraft(log: .real, fact: $0) }
        } completion: { [self] outcome in
            if case .failure(let error) = outcome { report("a sample of the daemon's health was not kept: \(error)") }
        }
    }

    /// Milliseconds until the scribe had committed what was there; nil if it has not.
    private func commitTime() -> Int64? {
        let begun = Clocks.monotonicMilliseconds()
        let done = Monitor<Bool?>(nil)
        register.barrier { failure in done.change { $0 = failure == nil } }
        guard let isDone = done.wait(milliseconds: Watch.patience, for: { $0 }), isDone else { return nil }
        return Clocks.monotonicMilliseconds() - begun
    }
}
