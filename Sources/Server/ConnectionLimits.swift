/// Every bound of the server, side by side. No defaults: the values live in the daemon's configuration.
public struct ConnectionLimits: Sendable, Hashable {
    /// Connections over the network at once. At the limit accepting pauses and idle connections are closed; the rest wait in
    /// the kernel's queue.
    public var connections: Int
    /// Connections at once from one address (one /64 of IPv6); a further one is closed before its handshake.
    public var connectionsPerAddress: Int
    /// Addresses (numeric) of proxies, to which `connectionsPerAddress` does not apply.
    public var trustedAddresses: Set<String>
    /// Descriptors kept for the rest of the process: files, the register, other sockets.
    public var reservedDescriptors: Int

    /// Bytes of a request's head, line ends included; more gives 431 (414 within the request line).
    public var headBytes: Int
    /// Header fields of a request; more gives 431.
    public var headFields: Int

    /// For the TLS handshake.
    public var handshakeSeconds: Int
    /// For a head, from the connection's start or the head's first byte; then 408.
    public var headSeconds: Int
    /// Between two requests.
    public var keepAliveSeconds: Int
    /// Without a byte of a body that is wanted.
    public var idleBodySeconds: Int
    /// Bytes a second that a body must bring, over each `slowestSeconds`.
    public var slowestBodyRate: Int
    public var slowestSeconds: Int
    /// Without the client taking a byte of the answer.
    public var writeSeconds: Int

    /// After an answer that ends a connection: how long its reading by the client is waited for, and how long an application
    /// has to answer for a body that was abandoned.
    public var lingerSeconds: Int
    /// Received bytes thrown away meanwhile, undecrypted, so that a client that sends first and reads then gets to read.
    public var lingerBytes: Int

    /// Threads that read the files of answers.
    public var readingThreads: Int

    public init(
        connections: Int, connectionsPerAddress: Int, trustedAddresses: Set<String>, reservedDescriptors: Int,
        headBytes: Int, headFields: Int, handshakeSeconds: Int, headSeconds: Int, keepAliveSeconds: Int,
        idleBodySeconds: Int, slowestBodyRate: Int, slowestSeconds: Int, writeSeconds: Int, lingerSeconds: Int,
        lingerBytes: Int, readingThreads: Int
    ) {
        self.connections = connections
        self.connectionsPerAddress = connectionsPerAddress
        self.trustedAddresses = trustedAddresses
        self.reservedDescriptors = reservedDescriptors
        self.headBytes = headBytes
        self.headFields = headFields
        self.handshakeSeconds = handshakeSeconds
        self.headSeconds = headSeconds
        self.keepAliveSeconds = keepAliveSeconds
        self.idleBodySeconds = idleBodySeconds
        self.slowestBodyRate = slowestBodyRate
        self.slowestSeconds = slowestSeconds
        self.writeSeconds = writeSeconds
        self.lingerSeconds = lingerSeconds
        self.lingerBytes = lingerBytes
        self.readingThreads = readingThreads
    }
}
