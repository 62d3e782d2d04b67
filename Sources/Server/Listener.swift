public import Linux

/// A socket that takes connections.
public final class Listener: Sendable {
    let descriptor: FileDescriptor
    /// TLS is spoken on it, if the server has a context.
    let isSecure: Bool
    /// A unix socket: its peers are processes of this host.
    let isLocal: Bool
    /// The TCP port; nil for a unix socket.
    public let port: UInt16?

    private init(_ descriptor: consuming FileDescriptor, isSecure: Bool) throws(LinuxError) {
        let address = try Sockets.localAddress(of: descriptor.raw)
        self.descriptor = descriptor
        self.isLocal = address == nil
        self.isSecure = isSecure && address != nil
        self.port = address?.port
    }

    /// - Parameter secure: false for plain HTTP, which is for the loopback interface only.
    public static func tcp(_ address: SocketAddress, secure: Bool = true) throws(LinuxError) -> Listener {
        try Listener(Sockets.listen(address), isSecure: secure)
    }

    /// Plain HTTP at a path of mode 0600.
    public static func unix(path: String) throws(LinuxError) -> Listener {
        try Listener(Sockets.listen(unix: path), isSecure: false)
    }

    /// One of `InheritedSockets.take()`: TLS if it is a TCP socket, plain if it is a unix one.
    public static func inherited(_ raw: Int32) throws(LinuxError) -> Listener {
        try Listener(FileDescriptor(owning: raw), isSecure: true)
    }
}
