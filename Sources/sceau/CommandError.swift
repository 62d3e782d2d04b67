/// How `sceau` ends. Programs may branch on it; the texts are for people.
enum Outcome: Int32, Sendable {
    case done = 0
    /// Something failed: the network, a file, the daemon. Trying again may help.
    case failed = 1
    /// The command line itself is wrong.
    case usage = 2
    /// `open` concluded, but some bid did not open; each is named on stderr and in the minutes.
    case partly = 3
    /// The daemon or this tool refused, knowingly: too early, no right, another fingerprint, a signature that does
    /// not hold.
    case refused = 4
}

/// What a person is told when a command ends badly: a sentence, what to do, and the exit status.
struct CommandError: Error, Equatable {
    let message: String
    let hint: String?
    let outcome: Outcome
    /// The daemon's word for it (`not-yet`, `quorum`…), for callers that branch.
    let problem: String?

    init(_ message: String, hint: String? = nil, _ outcome: Outcome = .failed, problem: String? = nil) {
        self.message = message
        self.hint = hint
        self.outcome = outcome
        self.problem = problem
    }

    static func usage(_ message: String, hint: String? = nil) -> CommandError {
        CommandError(message, hint: hint, .usage)
    }

    static func refused(_ message: String, hint: String? = nil) -> CommandError {
        CommandError(message, hint: hint, .refused)
    }
}
