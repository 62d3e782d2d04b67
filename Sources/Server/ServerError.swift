public import Linux

/// Why the server cannot start.
public enum ServerError: Error, Sendable, CustomStringConvertible {
    /// RLIMIT_NOFILE is too low for the connections configured.
    case descriptors(needed: Int, available: Int)
    case system(LinuxError)

    public var description: String {
        switch self {
        case .descriptors(let needed, let available):
            "\(needed) descriptors are needed and \(available) allowed (RLIMIT_NOFILE)"
        case .system(let error): error.description
        }
    }
}
