/// Every limit of the daemon and its default, side by side. Those of the first group are keys of the configuration,
/// under `limits`; the others have no reason to differ between two installations.
enum DefaultLimits {
    // Public at `GET /api/v1/limits`.
    static let documentBytes: Int64 = 20 << 30
    static let bidBytes: Int64 = 50 << 30
    static let documentsInBid: Int64 = 10_000
    static let headBytes: Int64 = 16 << 10
    static let headFields: Int64 = 64
    static let connections: Int64 = 10_000
    static let connectionsFromAddress: Int64 = 200
    static let headSeconds: Int64 = 10
    static let idleSeconds: Int64 = 60
    static let slowestBytesPerSecond: Int64 = 1 << 10
    static let slowestWindowSeconds: Int64 = 60
    static let uploadsOfAccount: Int64 = 32
    static let reservedBytesOfAccount: Int64 = 100 << 30
    static let smallBidsPercentOfDisk: Int64 = 20
    static let smallBidBytes: Int64 = 100 << 20
    static let registerBytes: Int64 = 256 << 20

    /// Inodes kept for the register's own files.
    static let inodeReserve: Int64 = 1_000
    /// Refusals of one signed-in user that become events, each minute; more are counted.
    static let refusalsPerMinute = 10
    /// Sources whose refusals are counted apart, each minute; more are counted together.
    static let countedSources = 1_000
    /// Seconds that a stop waits for what is under way.
    static let stopSeconds: Int64 = 60
    /// Descriptors beyond those of connections: the register's, envelopes being written, folders, listeners.
    static let ownDescriptors: Int64 = 1_000
    /// Bytes of a certificate or key file.
    static let keyFileBytes = 64 << 10
    /// Bytes of a request and of an answer on the host's own socket.
    static let administrationBytes = 64 << 10
}
