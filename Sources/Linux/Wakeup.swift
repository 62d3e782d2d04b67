internal import CLinux
internal import Glibc

/// A descriptor by which any thread wakes the one that polls it (eventfd(2)).
public struct Wakeup: ~Copyable, Sendable {
    public let descriptor: FileDescriptor

    public init() throws(LinuxError) {
        let raw = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard raw >= 0 else { throw .last("eventfd") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// Makes `descriptor` readable. Cannot fail but by EAGAIN at 2^64 − 2, when it is readable anyway.
    public func signal() {
        var one: UInt64 = 1
        while unsafe write(descriptor.raw, &one, 8) < 0, errno == EINTR {}
    }

    /// Makes it unreadable until the next signal.
    public func clear() {
        var count: UInt64 = 0
        while unsafe read(descriptor.raw, &count, 8) < 0, errno == EINTR {}
    }
}
