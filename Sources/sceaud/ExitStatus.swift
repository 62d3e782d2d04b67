/// How `sceaud` ends. Service managers and scripts may branch on it.
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// It could not be done; nothing is in doubt.
    case failed = 1
    /// The command line is wrong.
    case usage = 2
    /// `check`, `backup` or `restore` looked at everything, and something does not hold; each is named.
    case unsound = 3
    /// Whether a commit happened is unknown: the next start repairs (EX_SOFTWARE of sysexits(3)).
    case unknown = 70
}
