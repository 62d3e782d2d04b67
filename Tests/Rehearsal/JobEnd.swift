import Foundation

/// The end of one process: awaited by a thread of its own, told to whoever asks.
///
/// The process is reaped under the lock that signals are sent under, so that its number cannot have become another's.
final class JobEnd: @unchecked Sendable {
    private let pid: Int32
    private let condition = NSCondition()
    private var value: Int32?  // guarded by `condition`

    init(of pid: Int32) { self.pid = pid }

    func await() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        condition.withLock {
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            value = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            condition.broadcast()
        }
    }

    func status(within seconds: Double) -> Int32? {
        let until = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            while value == nil, condition.wait(until: until) {}
            return value
        }
    }

    func signal(_ number: Int32) {
        condition.withLock {
            if value == nil { kill(pid, number) }
        }
    }
}

/// What runs now, so that the end of the tests is its end too, even of what an object holds that lives as long as they do.
final class RunningJobs: @unchecked Sendable {
    static let shared = RunningJobs()
    private let lock = NSLock()
    private var ends: [JobEnd] = []  // guarded by `lock`

    private init() {
        atexit { RunningJobs.shared.lock.withLock { RunningJobs.shared.ends.forEach { $0.signal(SIGKILL) } } }
    }

    func add(_ end: JobEnd) {
        lock.withLock {
            ends.removeAll { $0.status(within: 0) != nil }
            ends.append(end)
        }
    }
}
