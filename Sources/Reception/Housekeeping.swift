import Linux
import Synchronization

/// A thread that does one thing at an interval until it is stopped.
final class Housekeeping: Sendable {
    private let isStopping = Monitor(false)
    private let thread = Mutex<OSThread?>(nil)

    func start(every milliseconds: Int64, _ body: @escaping @Sendable () -> Void) throws(LinuxError) {
        let started = try OSThread.start(name: "housekeeping") { [isStopping] in
            while isStopping.wait(milliseconds: milliseconds, for: { $0 ? true : nil }) == nil { body() }
        }
        thread.withLock { $0 = started }
    }

    func stop() {
        isStopping.change { $0 = true }
        thread.withLock { $0.take() }?.join()
    }
}
