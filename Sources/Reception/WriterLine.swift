import Linux
import Synchronization

/// What of an upload waits for the disk: in order, for one writer at a time, and never more than a bound, past which the
/// connection's loop is told to pause.
final class WriterLine<Work: Sendable>: Sendable {
    enum Added {
        case proceed
        /// Read nothing more until the line has run down.
        case pause
        /// It is broken: what was added will not be done, except the end.
        case stop
        /// No writer could be had: what waited, to be let go by the caller.
        case dropped([Work], wasBroken: Bool)
    }

    private struct State {
        var work: [Work] = []
        var bytes = 0
        var isRunning = false
        var isPaused = false
        var isBroken = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let size: @Sendable (Work) -> Int
    private let isEnd: @Sendable (Work) -> Bool

    /// - Parameters:
    ///   - limit: bytes.
    ///   - size: of a piece, in bytes.
    ///   - isEnd: what must be carried out although the line is broken.
    init(limit: Int, size: @escaping @Sendable (Work) -> Int, isEnd: @escaping @Sendable (Work) -> Bool) {
        self.limit = limit
        self.size = size
        self.isEnd = isEnd
    }

    var isBroken: Bool { state.withLock(\.isBroken) }
    func breakOff() { state.withLock { $0.isBroken = true } }

    /// - Parameter run: called on a writer, once for each time that the line began to fill.
    func add(_ pieces: [Work], to writers: WorkQueue, run: @escaping @Sendable () -> Void) -> Added {
        let (added, mustRun) = state.withLock { state -> (Added, Bool) in
            if state.isBroken {
                state.work += pieces.filter(isEnd)
            } else {
                state.work += pieces
                state.bytes += pieces.reduce(0) { $0 + size($1) }
            }
            let mustRun = !state.isRunning && !state.work.isEmpty
            if mustRun { state.isRunning = true }
            if state.isBroken { return (.stop, mustRun) }
            guard state.bytes > limit else { return (.proceed, mustRun) }
            state.isPaused = true
            return (.pause, mustRun)
        }
        guard mustRun, !writers.submit(run) else { return added }
        return state.withLock { state in
            defer { (state.work, state.isBroken, state.isRunning) = ([], true, false) }
            return .dropped(state.work, wasBroken: state.isBroken)
        }
    }

    /// On a writer: carries out what waits, until nothing does.
    ///
    /// - Parameter resume: called when a paused connection may be read again.
    func run(_ carryOut: (Work) -> Void, resume: () -> Void) {
        while true {
            let work = state.withLock { state -> [Work]? in
                guard !state.work.isEmpty else {
                    state.isRunning = false
                    return nil
                }
                defer { state.work = [] }
                return state.work
            }
            guard let work else { return }
            for item in work { carryOut(item) }
            let written = work.reduce(0) { $0 + size($1) }
            let mustResume = state.withLock { state -> Bool in
                state.bytes -= written
                guard state.isPaused, state.bytes <= limit / 2, !state.isBroken else { return false }
                state.isPaused = false
                return true
            }
            if mustResume { resume() }
        }
    }
}
