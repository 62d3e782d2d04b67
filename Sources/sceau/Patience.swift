import Client

/// Some more tries where a network or a daemon may only have stumbled. What was refused is refused.
enum Patience {
    private static let tries = 5

    static func retrying<Result>(
        _ terminal: Terminal, _ body: () throws(CommandError) -> Result
    ) throws(CommandError) -> Result {
        for attempt in 1..<tries {
            do { return try body() } catch {
                guard error.outcome == .failed else { throw error }
                if attempt == 1 { terminal.note("\(error.message); trying again") }
                Pause.milliseconds(500 << attempt)
            }
        }
        return try body()
    }

    /// The same for a download that is cut: it begins again. What envelope or disk are at fault for is thrown on.
    static func retryingDownload(_ terminal: Terminal, _ body: () throws -> Void) throws {
        for attempt in 1...tries {
            let failure: CommandError
            do { return try body() } catch let error as ClientError {
                failure = Daemon.failure(error)
            } catch let error as CommandError where error.outcome == .failed {
                failure = error
            }
            guard attempt < tries else { throw failure }
            if attempt == 1 { terminal.note("\(failure.message); trying again") }
            Pause.milliseconds(500 << attempt)
        }
    }
}
