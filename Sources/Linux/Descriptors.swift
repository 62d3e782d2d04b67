internal import CLinux
internal import Glibc

/// How many descriptors this process may have.
public enum Descriptors {
    /// Raises the soft limit to the hard one (getrlimit(2)) and returns it.
    public static func raiseLimit() throws(LinuxError) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { throw .last("getrlimit") }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { throw .last("setrlimit") }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
