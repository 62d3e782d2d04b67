internal import Glibc

/// Owns one descriptor and closes it once.
public struct FileDescriptor: ~Copyable, Sendable {
    public let raw: Int32

    /// Takes over a descriptor that nobody else will close.
    public init(owning raw: Int32) {
        self.raw = raw
    }

    deinit {
        // close(2) is never retried: on Linux the number is free even after EINTR, and may be another's by now.
        _ = close(raw)
    }

    /// Gives the number away; the taker closes it.
    public consuming func release() -> Int32 {
        let raw = self.raw
        discard self
        return raw
    }

    /// A second descriptor of the same open file, not inherited by programs we might start.
    public func duplicate() throws(LinuxError) -> FileDescriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .last("fcntl") }
        return FileDescriptor(owning: copy)
    }

    public func setNonBlocking() throws(LinuxError) {
        let flags = fcntl(raw, F_GETFL)
        guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .last("fcntl") }
    }
}
