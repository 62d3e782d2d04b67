/// Whether bytes come, and fast enough: no silence longer than `idle`, and `rate` bytes a second over each whole window.
/// All times in milliseconds of the server's monotonic clock.
struct Pace {
    enum Verdict {
        case kept, idle, tooSlow
    }

    private var last: Int64
    private var windowStart: Int64
    private var windowBytes: Int64 = 0

    init(from now: Int64) {
        last = now
        windowStart = now
    }

    mutating func moved(_ bytes: Int, at now: Int64) {
        last = now
        windowBytes += Int64(bytes)
    }

    mutating func check(at now: Int64, idle: Int64, rate: Int64, window: Int64) -> Verdict {
        if now - last >= idle { return .idle }
        guard now - windowStart >= window else { return .kept }
        if windowBytes * 1000 < rate * window { return .tooSlow }
        windowStart = now
        windowBytes = 0
        return .kept
    }
}
