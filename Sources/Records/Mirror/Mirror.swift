internal import Canonical
public import Linux
public import Procurement
internal import SQLite
internal import Synchronization

/// The second folder that each commit reaches before its answer: which it is, what becomes of the daemon without it, and whether it
/// is there. Specified in `Mirror.md`.
///
/// Whoever finds that something of it fails says so (``lose(_:)``); from then on nothing is written there until
/// ``Register/bringUpMirror()`` has brought it up again and ``complete()`` was called.
public final class Mirror: Sendable {
    /// What the daemon does without it.
    public enum Policy: String, Sendable, CaseIterable {
        /// Goes on, and says so.
        case alarm
        /// Decides and acknowledges nothing.
        case stop
    }

    public enum Status: String, Sendable {
        /// All that was acknowledged is in it.
        case there
        /// New commits and envelopes reach it, old ones are still being copied.
        case catchingUp = "catching-up"
        case lost
    }

    /// What became of it, to be recorded.
    public enum News: Sendable {
        case lost(MirrorLost)
        case regained(MirrorRegained)
    }

    private struct State {
        var status = Status.lost
        var cause = "start"
        /// Since when the log says that it is lost; nil where it says nothing of the kind.
        var lostSince: Instant?
        var news: [News] = []
        var envelopes: DurableFolder?
        /// The folder of the state that is followed.
        var folder: DurableFolder?
        var epoch: UInt64 = 0
        /// Once it was there, or a bringing up has failed: what comes before is the start, and no loss.
        var isKnown = false
    }

    public let path: String
    public let policy: Policy
    private let fillState: @Sendable (DurableFolder) throws -> Void
    /// One at a time writes a state's small files.
    private let filling = Mutex(())
    private let clock: WallClock
    private let state = Mutex(State())
    let requests = MirrorRequests()

    /// - Parameter fill: puts what a restore needs besides register and envelopes (configuration, certificates) into the
    ///   folder of a state; what is there is replaced.
    public init(path: String, whenLost policy: Policy, clock: WallClock, fill: @escaping @Sendable (DurableFolder) throws -> Void = { _ in }) {
        self.path = path
        self.policy = policy
        self.clock = clock
        fillState = fill
    }

    func fill(_ folder: DurableFolder) throws { try filling.withLock { _ in try fillState(folder) } }

    /// Puts what a restore needs besides register and envelopes into the state that is followed, as it is now. Where that fails, the mirror is lost:
    /// a restore from it would lack what is in use here.
    public func refill() {
        guard let (folder, epoch) = state.withLock({ state in state.folder.map { ($0, state.epoch) } }) else { return }
        do { try fill(folder) } catch { lose(error, epoch: epoch) }
    }

    public var status: Status { state.withLock(\.status) }

    /// Whether anything may be decided and acknowledged now.
    public var allowsDecisions: Bool { policy == .alarm || status == .there }

    /// Where envelopes are to be written besides, while they are; the number changes each time that they begin to be.
    public var envelopes: (folder: DurableFolder, epoch: UInt64)? {
        state.withLock { state in state.envelopes.map { ($0, state.epoch) } }
    }

    /// Something of it failed.
    ///
    /// - Parameter epoch: of the envelopes that failed; one from before a bringing up says nothing of what is there now.
    public func lose(_ error: any Error, epoch: UInt64? = nil) {
        state.withLock { state in
            guard epoch == nil || epoch == state.epoch else { return }
            state.envelopes = nil
            state.folder = nil
            state.status = .lost
            guard state.lostSince == nil else { return }
            let lost = MirrorLost(since: clock.now, cause: Self.cause(error))
            state.cause = lost.cause
            state.lostSince = lost.since
            state.news.append(.lost(lost))
        }
    }

    /// Its register follows from now on, and envelopes are written.
    func begin(_ copy: MirrorCopy) {
        state.withLock { state in
            state.epoch += 1
            state.envelopes = copy.envelopes
            state.folder = copy.state
            state.status = .catchingUp
        }
    }

    /// Whether the register follows it: false once anything of it failed.
    var isFollowing: Bool { state.withLock { $0.envelopes != nil } }

    /// Every envelope is in it too.
    ///
    /// - Parameter epoch: of the bringing up that copied them.
    public func complete(epoch: UInt64) {
        state.withLock { state in
            guard epoch == state.epoch, state.envelopes != nil, state.status != .there else { return }
            state.status = .there
            guard let since = state.lostSince else { return }
            state.lostSince = nil
            state.news.append(.regained(MirrorRegained(since: since, until: clock.now)))
        }
    }

    /// What is to be recorded since the last time.
    public func takeNews() -> [News] {
        state.withLock { state in
            defer { state.news = [] }
            return state.news
        }
    }

    /// Could not be recorded.
    public func giveBack(_ news: [News]) { state.withLock { $0.news = news + $0.news } }

    /// A word for the event, which tells no path.
    private static func cause(_ error: any Error) -> String {
        switch error {
        case let error as LinuxError where error.isNoSpace: "full"
        case let error as LinuxError where error.isReadOnly: "read-only"
        case let error as LinuxError where error.isMissing: "missing"
        case let error as SQLiteError where error.kind == .full: "full"
        case let error as SQLiteError where error.code & 0xff == 8: "read-only"
        case is MirrorError: "refused"
        default: "failed"
        }
    }
}
