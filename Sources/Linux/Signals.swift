internal import CLinux
internal import Glibc

/// Signals as a descriptor (signalfd(2)). Make it on the main thread before any other thread starts: they inherit the mask.
public struct Signals: ~Copyable, Sendable {
    public enum Signal: Int32, Sendable, CaseIterable {
        case hangUp = 1
        case interrupt = 2
        case terminate = 15
    }

    public let descriptor: FileDescriptor

    /// Blocks the signals' ordinary effect and delivers them here. `SIGPIPE` is ignored from now on.
    public init(_ signals: [Signal] = Signal.allCases) throws(LinuxError) {
        Self.ignorePipe()
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
        let failure = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        guard failure == 0 else { throw LinuxError(operation: "pthread_sigmask", errno: failure) }
        let raw = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
        guard raw >= 0 else { throw .last("signalfd") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// Waits for the next one.
    public func next() throws(LinuxError) -> Signal {
        while true {
            var information = signalfd_siginfo()
            let count = unsafe read(descriptor.raw, &information, MemoryLayout<signalfd_siginfo>.size)
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("read")
            }
            if let signal = Signal(rawValue: Int32(bitPattern: information.ssi_signo)) { return signal }
        }
    }

    /// A write to a connection that its peer has closed must be an error of that connection, not the end of the process.
    public static func ignorePipe() {
        signal(SIGPIPE, SIG_IGN)
    }
}
