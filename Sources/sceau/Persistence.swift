import Linux

/// Going on over a connection that is lost: waits of 1, 2, 4 … 30 seconds, until nothing has come of it for so long.
struct Persistence {
    private static let longestWait: Int64 = 30

    private let terminal: Terminal
    /// Seconds.
    private let patience: Int64
    private var wait: Int64 = 1
    /// Monotonic milliseconds at which something last got on.
    private var last = Clocks.monotonicMilliseconds()
    private var isTold = false

    init(_ terminal: Terminal, seconds: Int) {
        self.terminal = terminal
        patience = Int64(seconds)
    }

    /// Something got on: patience begins anew.
    mutating func progressed() {
        last = Clocks.monotonicMilliseconds()
        wait = 1
        isTold = false
    }

    /// Waits, or gives up.
    mutating func pause(after error: CommandError) throws(CommandError) {
        guard error.outcome == .failed, error.problem != Daemon.fileProblem else { throw error }
        let left = last + patience * 1000 - Clocks.monotonicMilliseconds()
        guard left > 0 else {
            throw CommandError(
                "\(error.message); nothing got on for \(Progress.duration(Double(patience)))",
                hint: "what was sent is kept there: the same command goes on from it")
        }
        if !isTold { terminal.note("\(error.message); trying again") }
        isTold = true
        Pause.milliseconds(Int(min(wait * 1000, left)))
        wait = min(2 * wait, Self.longestWait)
    }

    /// The same call until it is answered.
    mutating func retrying<Result>(_ body: () throws(CommandError) -> Result) throws(CommandError) -> Result {
        while true {
            do {
                let result = try body()
                progressed()
                return result
            } catch { try pause(after: error) }
        }
    }
}
