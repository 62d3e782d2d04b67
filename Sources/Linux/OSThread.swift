internal import CLinux
internal import Glibc

/// A thread of the system with a name that `ps -L` shows. Join it: a thread left running holds what its body captured.
public final class OSThread: @unchecked Sendable {
    // `handle` is written before `start` returns and taken once, under the monitor.
    private let handle: Monitor<pthread_t?>

    private init(_ handle: pthread_t) {
        self.handle = Monitor(handle)
    }

    /// Runs `body` on a new thread, on which every signal is blocked: they go to the descriptor of `Signals`.
    /// - Parameter name: at most 15 bytes are kept (pthread_setname_np(3)).
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(LinuxError) -> OSThread {
        let box = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var handle = pthread_t()
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        let failure = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
                unsafe pthread_setname_np(pthread_self(), body.name)
                body.run()
                return nil
            }, box.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard failure == 0 else {
            unsafe box.release()
            throw LinuxError(operation: "pthread_create", errno: failure)
        }
        return OSThread(handle)
    }

    /// Waits for the thread's end. The second call returns at once.
    public func join() {
        let taken = handle.change { value in
            defer { value = nil }
            return value
        }
        if let taken { pthread_join(taken, nil) }
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        self.run = run
    }
}
