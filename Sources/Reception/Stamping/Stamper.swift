import Canonical
import Linux
import OpenSSL
import Procurement
import Records
import Synchronization

/// Gives bids and closings their stamps, behind everything else: a thread of its own that takes what the register says
/// lacks one, oldest first, until nothing does. An authority that is slow or away delays nobody but the stamps; what it
/// did not give is asked again, also after a restart, for the list is the register's.
///
/// An authority that failed is left alone for a while that doubles, from one second to five minutes, and the next in order
/// is asked; with none left, all rests until the first may be asked again.
final class Stamper: Sendable {
    /// Of one source: how often in a row it failed, and from when it may be asked again (monotonic milliseconds).
    private struct Pause {
        var failures = 0
        var until: Int64 = 0
    }

    private struct Work {
        var isStopping = false
        var isWoken = true
        /// Rounds that are over.
        var rounds: UInt64 = 0
    }

    /// What is read and committed at once.
    static let batch = 256
    /// Milliseconds that a round waits for more while bids come: each commit of stamps is one that bids wait for.
    static let gathering: Int64 = 150
    static let shortestPause: Int64 = 1_000
    static let longestPause: Int64 = 300_000

    private let sources: [any TimestampSource]
    private let pauses: Mutex<[Pause]>
    private let work = Monitor(Work())
    private let thread = Mutex<OSThread?>(nil)
    private let isBusy: @Sendable () -> Bool
    private let now: @Sendable () -> Int64
    private let report: @Sendable (String) -> Void

    /// - Parameter isBusy: whether bids are on their way.
    init(
        sources: [any TimestampSource], isBusy: @escaping @Sendable () -> Bool = { false },
        now: @escaping @Sendable () -> Int64 = { Clocks.monotonicMilliseconds() },
        report: @escaping @Sendable (String) -> Void
    ) {
        self.sources = sources
        self.isBusy = isBusy
        self.now = now
        self.report = report
        pauses = Mutex(Array(repeating: Pause(), count: sources.count))
    }

    /// Something new lacks its stamp. Never blocks.
    func wake() { work.change { $0.isWoken = true } }

    /// - Parameter stamp: one round over what lacks its stamp; whether something may be left that can be stamped at once.
    func start(_ stamp: @escaping @Sendable (Stamper) -> Bool) throws(LinuxError) {
        let started = try OSThread.start(name: "stamper") { [self] in
            while awaitWork() {
                gather()
                let isMore = stamp(self)
                work.change { work in
                    work.rounds += 1
                    if isMore { work.isWoken = true }
                }
            }
        }
        thread.withLock { $0 = started }
    }

    var rounds: UInt64 { work.wait { $0.rounds } }

    /// - Returns: false where the time is over, or the stamper's.
    func awaitRound(after rounds: UInt64, milliseconds: Int64) -> Bool {
        work.wait(milliseconds: milliseconds) { $0.isStopping ? false : $0.rounds > rounds ? true : nil } ?? false
    }

    func stop() {
        work.change { $0.isStopping = true }
        thread.withLock { $0.take() }?.join()
    }

    private func gather() {
        guard isBusy() else { return }
        _ = work.wait(milliseconds: Self.gathering) { $0.isStopping ? true : nil }
    }

    /// - Returns: false at the end.
    private func awaitWork() -> Bool {
        while true {
            let rest = pauses.withLock { pauses in (pauses.map(\.until).min() ?? 0) - now() }
            // While every source rests, news changes nothing.
            let isResting = rest > 0
            let decided = work.wait(milliseconds: isResting ? rest : 60_000) { work -> Bool? in
                if work.isStopping { return false }
                guard work.isWoken, !isResting else { return nil }
                work.isWoken = false
                return true
            }
            if let decided { return decided }
            // After a rest, and each minute: what could not be kept then may be kept now.
            wake()
        }
    }

    /// A token from the first source that gives one; nil where none does now.
    func token(over digest: Digest) -> (token: TimestampToken, authority: String)? {
        for (index, source) in sources.enumerated() {
            guard pauses.withLock({ $0[index].until }) <= now() else { continue }
            do throws(StampFailure) {
                let token = try source.token(over: digest.inline)
                let hadFailed = pauses.withLock { pauses in
                    defer { pauses[index] = Pause() }
                    return pauses[index].failures > 0
                }
                if hadFailed { report("timestamp authority \(source.name): it answers again") }
                return (token, source.name)
            } catch {
                let pause = pauses.withLock { pauses -> Int64 in
                    let pause = min(Self.shortestPause << min(pauses[index].failures, 16), Self.longestPause)
                    pauses[index].failures += 1
                    pauses[index].until = now() + pause
                    return pause
                }
                report("timestamp authority \(source.name): \(error); asked again in \(pause / 1000) s")
            }
        }
        return nil
    }
}
