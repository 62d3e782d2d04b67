internal import CLinux
internal import Glibc

/// Stream sockets: TCP and unix. Every descriptor made here is non-blocking and close-on-exec.
public enum Sockets {
    // MARK: Listening

    /// Binds and listens. Port 0 picks a free one: ask `localAddress`. SO_REUSEADDR, so that a restart need not wait.
    public static func listen(_ address: SocketAddress, backlog: Int32 = 1024) throws(LinuxError) -> FileDescriptor {
        let family = address.bytes.count == 4 ? AF_INET : AF_INET6
        let listener = try make(family)
        try set(listener, SOL_SOCKET, SO_REUSEADDR, 1)
        // Not also the IPv4 addresses: each address is listened to because the configuration names it.
        if family == AF_INET6 { try set(listener, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        let bound = unsafe address.withSocketAddress { unsafe bind(listener.raw, $0, $1) }
        guard bound == 0 else { throw .last("bind") }
        guard Glibc.listen(listener.raw, backlog) == 0 else { throw .last("listen") }
        return listener
    }

    /// Listens at a path of mode 0600; a socket already there is replaced (the caller holds the folder's lock),
    /// anything else there is refused with EEXIST.
    public static func listen(unix path: String, backlog: Int32 = 64) throws(LinuxError) -> FileDescriptor {
        let listener = try make(AF_UNIX)
        var status = stat()
        if unsafe lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else { throw LinuxError(operation: "bind", errno: EEXIST) }
            guard unsafe unlink(path) == 0 else { throw .last("unlink") }
        }
        // Its mode before anyone can reach it: set on the descriptor, bind applies it to the name.
        guard fchmod(listener.raw, 0o600) == 0 else { throw .last("fchmod") }
        guard try unsafe withUnixAddress(path, { unsafe bind(listener.raw, $0, $1) }) == 0 else { throw .last("bind") }
        guard unsafe chmod(path, 0o600) == 0 else { throw .last("chmod") }
        guard Glibc.listen(listener.raw, backlog) == 0 else { throw .last("listen") }
        return listener
    }

    /// A connection taken from a listener. Nil when none waits (or it went away while it waited).
    public static func accept(from listener: Int32) throws(LinuxError) -> AcceptedSocket? {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let raw = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe accept4(listener, $0, &length, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
                }
            }
            if raw >= 0 {
                let descriptor = FileDescriptor(owning: raw)
                let address = SocketAddress(storage)
                if address != nil {
                    try? set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
                    // Writable means that little is unsent: memory stays bounded, and a slow reader's progress is seen.
                    try? set(descriptor, Int32(IPPROTO_TCP), notSentLowWater, 128 * 1024)
                }
                return AcceptedSocket(descriptor, address: address)
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, ECONNABORTED, EPROTO, ENETDOWN, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH, EPERM: return nil
            default: throw .last("accept4")
            }
        }
    }

    /// The address a socket is bound to; nil for a unix socket.
    public static func localAddress(of raw: Int32) throws(LinuxError) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(raw, $0, &length) }
        }
        guard result == 0 else { throw .last("getsockname") }
        return SocketAddress(storage)
    }

    /// The effective user of a unix socket's peer when it connected (SO_PEERCRED, unix(7)).
    public static func peerUser(of raw: Int32) throws(LinuxError) -> UInt32 {
        var user: UInt32 = 0
        guard unsafe sceau_peer_user(raw, &user) == 0 else { throw .last("getsockopt") }
        return user
    }

    // MARK: Connecting

    /// Connects to the first address of `host` that answers, waiting at most `milliseconds` for each.
    /// Blocks, and resolves names: for the command line and worker threads, never for a loop.
    public static func connect(host: String, port: UInt16, milliseconds: Int32) throws(LinuxError) -> FileDescriptor {
        var failure = LinuxError(operation: "getaddrinfo", errno: ENOENT)
        for address in resolve(host: host, port: port) {
            do throws(LinuxError) {
                return try connect(address, milliseconds: milliseconds)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    public static func connect(_ address: SocketAddress, milliseconds: Int32) throws(LinuxError) -> FileDescriptor {
        let socket = try make(address.bytes.count == 4 ? AF_INET : AF_INET6)
        try? set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let result = unsafe address.withSocketAddress { unsafe Glibc.connect(socket.raw, $0, $1) }
        if result != 0 {
            guard errno == EINPROGRESS || errno == EINTR else { throw .last("connect") }
            guard try wait(socket.raw, for: .writable, milliseconds: milliseconds) else {
                throw LinuxError(operation: "connect", errno: ETIMEDOUT)
            }
            var code: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard unsafe getsockopt(socket.raw, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
                throw .last("getsockopt")
            }
            guard code == 0 else { throw LinuxError(operation: "connect", errno: code) }
        }
        return socket
    }

    public static func connect(unix path: String) throws(LinuxError) -> FileDescriptor {
        let socket = try make(AF_UNIX)
        guard try unsafe withUnixAddress(path, { unsafe Glibc.connect(socket.raw, $0, $1) }) == 0 else {
            throw .last("connect")
        }
        return socket
    }

    /// getaddrinfo(3): the numeric addresses of a name, at most 16.
    static func resolve(host: String, port: UInt16) -> [SocketAddress] {
        if let bytes = SocketAddress.parse(host) { return [SocketAddress(bytes: bytes, port: port)] }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next, found.count < 16 {
            var storage = sockaddr_storage()
            let length = min(Int(unsafe entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
            if let source = unsafe entry.pointee.ai_addr {
                unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: length)) }
                if let address = SocketAddress(storage), !found.contains(address) { found.append(address) }
            }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }

    // MARK: A connected socket

    public enum Readiness: Sendable {
        case readable, writable
    }

    /// Waits until the socket is ready (or broken: the next call tells); false after `milliseconds` (−1: never).
    public static func wait(_ raw: Int32, for readiness: Readiness, milliseconds: Int32) throws(LinuxError) -> Bool {
        let end = milliseconds < 0 ? Int64.max : Clocks.monotonicMilliseconds() + Int64(milliseconds)
        while true {
            let rest = milliseconds < 0 ? -1 : Int32(clamping: max(0, end - Clocks.monotonicMilliseconds()))
            var request = pollfd(fd: raw, events: Int16(readiness == .readable ? POLLIN : POLLOUT), revents: 0)
            let count = unsafe poll(&request, 1, rest)
            if count > 0 { return true }
            if count == 0 { return false }
            guard errno == EINTR else { throw .last("poll") }
        }
    }

    /// Reads what is there into `bytes`; the number read, 0 at the end of the stream, nil when nothing is there now.
    public static func read(_ raw: Int32, into bytes: inout MutableSpan<UInt8>) throws(LinuxError) -> Int? {
        while true {
            let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                unsafe recv(raw, buffer.baseAddress, buffer.count, 0)
            }
            if count >= 0 { return count }
            if errno == EINTR { continue }
            if errno == EAGAIN { return nil }
            throw .last("recv")
        }
    }

    /// Sends a prefix of `bytes`; the number sent, nil when there is no room now.
    public static func write(_ raw: Int32, _ bytes: Span<UInt8>) throws(LinuxError) -> Int? {
        while true {
            let count = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe send(raw, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return count }
            if errno == EINTR { continue }
            if errno == EAGAIN { return nil }
            throw .last("send")
        }
    }

    /// Throws away up to `max` received bytes without copying them (MSG_TRUNC, tcp(7)); 0 at the end of the stream,
    /// nil when nothing is there now.
    public static func discard(_ raw: Int32, max: Int) throws(LinuxError) -> Int? {
        while true {
            let count = recv(raw, nil, max, Int32(MSG_TRUNC))
            if count >= 0 { return count }
            if errno == EINTR { continue }
            if errno == EAGAIN { return nil }
            throw .last("recv")
        }
    }

    /// Ends our sending half; the peer reads an end of stream after what was sent.
    public static func shutdownWriting(_ raw: Int32) {
        _ = shutdown(raw, Int32(SHUT_WR))
    }

    // MARK: -

    /// TCP_NOTSENT_LOWAT of <linux/tcp.h>.
    private static let notSentLowWater: Int32 = 25

    private static func make(_ family: Int32) throws(LinuxError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let raw = socket(family, type, 0)
        guard raw >= 0 else { throw .last("socket") }
        return FileDescriptor(owning: raw)
    }

    private static func set(
        _ socket: borrowing FileDescriptor, _ level: Int32, _ option: Int32, _ value: Int32
    ) throws(LinuxError) {
        var value = value
        guard unsafe setsockopt(socket.raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .last("setsockopt")
        }
    }

    private static func withUnixAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(LinuxError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            throw LinuxError(operation: "bind", errno: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// A connection and whom it is from. `address` is nil for a unix socket.
public struct AcceptedSocket: ~Copyable, Sendable {
    public let descriptor: FileDescriptor
    public let address: SocketAddress?

    init(_ descriptor: consuming FileDescriptor, address: SocketAddress?) {
        self.descriptor = descriptor
        self.address = address
    }

    /// The descriptor, to keep.
    public consuming func take() -> FileDescriptor { descriptor }
}
