/// How `sceaud` ends. Service managers and scripts may branch on it.
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// It could not be done; nothing is in doubt.
    case failed = 1
    /// The command line is wrong.
    case usage = 2
    /// `check` looked at everything, and something does not hold; each is named on stdout.
    case unsound = 3
    /// Whether a commit happened is unknown: the next start repairs (EX_SOFTWARE of sysexits(3)).
    case unknown = 70
}
