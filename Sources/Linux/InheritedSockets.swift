internal import Glibc

/// Listening sockets handed over by systemd (sd_listen_fds(3)), so that a restart refuses nobody.
public enum InheritedSockets {
    /// Takes them, once: descriptors 3, 4 … if `LISTEN_PID` is this process. The variables are removed, the descriptors
    /// made non-blocking and close-on-exec. Call it before any thread starts, since it changes the environment.
    public static func take() throws(LinuxError) -> [Int32] {
        defer {
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) }
        }
        return try take(process: variable("LISTEN_PID"), count: variable("LISTEN_FDS"), first: 3)
    }

    static func take(process: Int?, count: Int?, first: Int32) throws(LinuxError) -> [Int32] {
        guard let process, process == Int(getpid()), let count, count > 0 else { return [] }
        guard count <= 64 else { throw LinuxError(operation: "LISTEN_FDS", errno: E2BIG) }
        var taken: [Int32] = []
        for raw in first..<(first + Int32(count)) {
            var listening: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard unsafe getsockopt(raw, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 else {
                throw .last("getsockopt")
            }
            guard listening == 1 else { throw LinuxError(operation: "LISTEN_FDS", errno: ENOTSUP) }
            let flags = fcntl(raw, F_GETFL)
            guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(raw, F_SETFD, FD_CLOEXEC) == 0 else {
                throw .last("fcntl")
            }
            taken.append(raw)
        }
        return taken
    }

    private static func variable(_ name: String) -> Int? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe Int(String(cString: value))
    }
}
