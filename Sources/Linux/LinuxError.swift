internal import CLinux
internal import Glibc

/// A system call failed. `errno` is the kernel's number (see errno(3)), `operation` the call's name.
///
/// No path and no byte of a file is in it: an error may be logged, and names of documents may not.
public struct LinuxError: Error, Sendable, Hashable, CustomStringConvertible {
    public let operation: StaticString
    public let errno: Int32

    public init(operation: StaticString, errno: Int32) {
        self.operation = operation
        self.errno = errno
    }

    /// The error of the call that has just failed on this thread.
    static func last(_ operation: StaticString) -> LinuxError {
        LinuxError(operation: operation, errno: Glibc.errno)
    }

    /// Disk, quota or inodes are used up: the caller answers 507 and goes on.
    public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }
    public var isReadOnly: Bool { errno == EROFS }
    public var isExisting: Bool { errno == EEXIST }
    public var isMissing: Bool { errno == ENOENT }
    /// Nothing to read, write or accept now.
    public var isWouldBlock: Bool { errno == EAGAIN || errno == EWOULDBLOCK }
    /// Descriptors or socket memory are used up, here or in the whole system (accept(2)).
    public var isExhausted: Bool { errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM }

    public static func == (left: LinuxError, right: LinuxError) -> Bool {
        left.errno == right.errno && left.operation.description == right.operation.description
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(errno)
        hasher.combine(operation.description)
    }

    public var description: String {
        "\(operation): \(Self.text(errno)) (\(errno))"
    }

    private static func text(_ number: Int32) -> String {
        // strerrordesc_np reads a constant table, strerror a shared buffer.
        guard let text = unsafe strerrordesc_np(number) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}
