import Records

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
    static let requestsPerSecondOfAccount: Int64 = 1_000
    static let reservedBytesOfAccount: Int64 = 100 << 30
    static let smallBidsPercentOfDisk: Int64 = 20
    static let smallBidBytes: Int64 = 100 << 20
    static let registerBytes: Int64 = 256 << 20
    static let rehearsalDays: Int64 = 90

    // The disk, beyond what `limits` says.
    /// Of the room that is free, for one account: whoever reserves all it may leaves as much to the others.
    static let percentOfAccount: Int64 = 50

    // Connections, beyond what `limits` says.
    static let handshakeSeconds = 10
    /// Between two requests.
    static let keepAliveSeconds = 60
    /// Without the client taking a byte of an answer.
    static let writeSeconds = 60
    /// How long, and for how many bytes, a refused client is listened to, so that it reads the refusal.
    static let lingerSeconds = 5
    static let lingerBytes = 16 << 20
    /// Seconds that a stop waits for requests under way.
    static let stopSeconds = 30
    /// Descriptors beyond those of connections: the register's, envelopes being written, folders.
    static let ownDescriptors = 1_000

    // Threads, beyond loops and writers.
    /// They look up tokens and answer requests.
    static let poolThreads = 8
    /// They do so for the heads of deposits, which wait for nothing else.
    static let headThreads = 2
    /// They answer what changes or shows a draft, and may wait for one another.
    static let draftThreads = 8
    /// They read envelopes that are being downloaded.
    static let readingThreads = 4

    // The register.
    /// A reading connection for each thread that may ask, housekeeping's among them: a deposit never waits for a list.
    static let register = RegisterLimits(decisions: 10_000, traces: 1_000, batch: 256, readers: poolThreads + headThreads + draftThreads + 1,
        gathering: 10)
    /// Inodes kept for the register's own files.
    static let inodeReserve: Int64 = 1_000
    /// Refusals of one signed-in user that become events, each minute; more are counted.
    static let refusalsPerMinute = 10
    /// Sources whose refusals are counted apart, each minute; more are counted together.
    static let countedSources = 1_000

    /// Timestamps that one account gets at `POST /tsa`, each minute.
    static let stampsPerMinute = 600

    // External time-stamping authorities: keys of the configuration, under `timestamps`.
    /// To connect, for each address of its name, and as much again for the TLS handshake.
    static let authorityConnectSeconds: Int64 = 5
    /// From the request to the head of the answer, and as much again for its body.
    static let authorityAnswerSeconds: Int64 = 10

    // Files and commands of the host.
    /// Bytes of a certificate or key file.
    static let keyFileBytes = 64 << 10
    /// Bytes of an answer on the host's own socket.
    static let administrationBytes = 64 << 10
    /// Milliseconds that a command waits for a daemon that holds the data folder and does not answer yet.
    static let administrationWait: Int64 = 10_000
    /// Milliseconds that a start waits for a command that holds the data folder.
    static let startWait: Int64 = 5_000
}
