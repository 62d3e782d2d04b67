internal import CLinux
internal import Glibc

/// A level-triggered epoll(7) instance: what is not dealt with in a turn is told again in the next.
public struct Epoll: ~Copyable, Sendable {
    /// What to be told of. Errors and hang-ups are always told.
    public struct Interest: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        public static let readable = Interest(rawValue: 0x001)
        public static let writable = Interest(rawValue: 0x004)
        /// The peer closed or shut down its sending half (EPOLLRDHUP).
        public static let peerClosed = Interest(rawValue: 0x2000)
        /// Of the epolls that watch this descriptor, wake one or few (EPOLLEXCLUSIVE); only with `add`.
        public static let exclusive = Interest(rawValue: 1 << 28)
    }

    /// What happened, with the token given to `add` or `modify`.
    public struct Event: Sendable {
        public let token: UInt64
        public let isReadable: Bool
        public let isWritable: Bool
        public let isPeerClosed: Bool
        /// EPOLLERR or EPOLLHUP: both directions are over.
        public let isBroken: Bool
    }

    private let descriptor: FileDescriptor

    public init() throws(LinuxError) {
        let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard raw >= 0 else { throw .last("epoll_create1") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// The token comes back with each event. Put a generation in it: a descriptor's number is reused at once.
    public func add(_ raw: Int32, _ interest: Interest, token: UInt64) throws(LinuxError) {
        try control(EPOLL_CTL_ADD, raw, interest, token)
    }

    public func modify(_ raw: Int32, _ interest: Interest, token: UInt64) throws(LinuxError) {
        try control(EPOLL_CTL_MOD, raw, interest, token)
    }

    public func remove(_ raw: Int32) throws(LinuxError) {
        try control(EPOLL_CTL_DEL, raw, [], 0)
    }

    /// Waits up to `milliseconds` (−1: without end) and appends at most `max` events to `events`, which is emptied first.
    public func wait(into events: inout [Event], max: Int = 256, milliseconds: Int32) throws(LinuxError) {
        events.removeAll(keepingCapacity: true)
        try unsafe withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: max) {
            (buffer) throws(LinuxError) -> Void in
            let count = unsafe epoll_wait(descriptor.raw, buffer.baseAddress, Int32(max), milliseconds)
            guard count >= 0 else {
                if errno == EINTR { return }
                throw .last("epoll_wait")
            }
            for index in 0..<Int(count) {
                let event = unsafe buffer[index]
                let bits = unsafe event.events
                events.append(
                    Event(
                        token: unsafe event.data.u64, isReadable: bits & 0x001 != 0, isWritable: bits & 0x004 != 0,
                        isPeerClosed: bits & 0x2000 != 0, isBroken: bits & (0x008 | 0x010) != 0))
            }
        }
    }

    private func control(_ operation: Int32, _ raw: Int32, _ interest: Interest, _ token: UInt64) throws(LinuxError) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = token
        guard unsafe epoll_ctl(descriptor.raw, operation, raw, &event) == 0 else { throw .last("epoll_ctl") }
    }
}
