internal import CLinux
internal import Glibc

/// Keeps keys and passing plaintext out of core files, debuggers and swap.
public enum ProcessProtection {
    /// No core file, and no other process of this user may attach or read the memory (prctl(2), PR_SET_DUMPABLE).
    public static func forbidDumps() throws(LinuxError) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else { throw .last("setrlimit") }
        guard sceau_forbid_dumps() == 0 else { throw .last("prctl") }
    }

    /// Keeps what is touched from now on out of swap (mlockall(2)), where this process may lock all it needs.
    ///
    /// - Returns: false where RLIMIT_MEMLOCK is finite: locking would make an allocation fail later, in the middle of a bid.
    public static func lockMemory() throws(LinuxError) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0 else { throw .last("getrlimit") }
        guard limit.rlim_cur == rlim_t.max else { return false }
        // On fault: locking whole stacks and arenas ahead of use would make them resident.
        guard mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 else { throw .last("mlockall") }
        return true
    }
}
