import Linux
import Procurement
import Reception
import Server

/// The limits that an installation may set. Bytes, seconds and counts, as each name says.
struct ConfiguredLimits: Sendable, Equatable {
    var documentBytes = DefaultLimits.documentBytes
    var bidBytes = DefaultLimits.bidBytes
    var documentsInBid = DefaultLimits.documentsInBid
    var headBytes = DefaultLimits.headBytes
    var headFields = DefaultLimits.headFields
    var connections = DefaultLimits.connections
    var connectionsFromAddress = DefaultLimits.connectionsFromAddress
    /// Numeric addresses of reverse proxies, which `connectionsFromAddress` does not bound.
    var trustedProxies: Set<String> = []
    var headSeconds = DefaultLimits.headSeconds
    var idleSeconds = DefaultLimits.idleSeconds
    var slowestBytesPerSecond = DefaultLimits.slowestBytesPerSecond
    var slowestWindowSeconds = DefaultLimits.slowestWindowSeconds
    var uploadsOfAccount = DefaultLimits.uploadsOfAccount
    var requestsPerSecondOfAccount = DefaultLimits.requestsPerSecondOfAccount
    var reservedBytesOfAccount = DefaultLimits.reservedBytesOfAccount
    var smallBidsPercentOfDisk = DefaultLimits.smallBidsPercentOfDisk
    var smallBidBytes = DefaultLimits.smallBidBytes
    var registerBytes = DefaultLimits.registerBytes
    var rehearsalDays = DefaultLimits.rehearsalDays

    /// A number of the configuration: its key, its place, what it may be.
    private struct Number: Sendable {
        let key: String
        let place: any WritableKeyPath<ConfiguredLimits, Int64> & Sendable
        let range: ClosedRange<Int64>

        init(_ key: String, _ place: any WritableKeyPath<ConfiguredLimits, Int64> & Sendable, _ range: ClosedRange<Int64>) {
            self.key = key
            self.place = place
            self.range = range
        }
    }

    private static let bytes = Int64(1)...(1 << 50)
    private static let seconds = Int64(1)...86_400
    private static let counts = Int64(1)...1_000_000

    private static let numbers = [
        Number("documentBytes", \.documentBytes, bytes),
        Number("bidBytes", \.bidBytes, bytes),
        Number("documentsInBid", \.documentsInBid, counts),
        Number("headBytes", \.headBytes, 1024...(1 << 20)),
        Number("headFields", \.headFields, 8...1000),
        Number("connections", \.connections, counts),
        Number("connectionsFromAddress", \.connectionsFromAddress, counts),
        Number("headSeconds", \.headSeconds, seconds),
        Number("idleSeconds", \.idleSeconds, seconds),
        Number("slowestBytesPerSecond", \.slowestBytesPerSecond, 0...(1 << 30)),
        Number("slowestWindowSeconds", \.slowestWindowSeconds, seconds),
        Number("uploadsOfAccount", \.uploadsOfAccount, counts),
        Number("requestsPerSecondOfAccount", \.requestsPerSecondOfAccount, counts),
        Number("reservedBytesOfAccount", \.reservedBytesOfAccount, bytes),
        Number("smallBidsPercentOfDisk", \.smallBidsPercentOfDisk, 0...100),
        Number("smallBidBytes", \.smallBidBytes, 0...(1 << 50)),
        Number("registerBytes", \.registerBytes, 0...(1 << 50)),
        Number("rehearsalDays", \.rehearsalDays, 1...3650),
    ]

    init() {}

    init(_ settings: consuming Settings) throws(DaemonError) {
        for number in Self.numbers {
            self[keyPath: number.place] = try settings.integer(
                number.key, in: number.range, default: self[keyPath: number.place])
        }
        let proxies = try settings.list("trustedProxies", of: "a numeric address", max: 1000) { text in
            SocketAddress.parse(text).map { SocketAddress(bytes: $0, port: 0).host }
        }
        trustedProxies = Set(proxies ?? [])
        guard bidBytes >= documentBytes else {
            throw settings.bad("bidBytes", "it is less than documentBytes, and a bid holds at least one document")
        }
        guard reservedBytesOfAccount >= bidBytes else {
            throw settings.bad("reservedBytesOfAccount", "it is less than bidBytes: the longest bid could not be received")
        }
        guard connections >= connectionsFromAddress else {
            throw settings.bad("connectionsFromAddress", "it is more than connections")
        }
        try settings.finish()
    }
}

extension ConfiguredLimits {
    /// As `GET /api/v1/limits` shows them. Proxies are nobody's business.
    var published: [String: Int64] {
        Dictionary(uniqueKeysWithValues: Self.numbers.map { ($0.key, self[keyPath: $0.place]) })
    }

    var connection: ConnectionLimits {
        ConnectionLimits(
            connections: Int(connections), connectionsPerAddress: Int(connectionsFromAddress),
            trustedAddresses: trustedProxies, reservedDescriptors: DefaultLimits.ownDescriptors,
            headBytes: Int(headBytes), headFields: Int(headFields), handshakeSeconds: DefaultLimits.handshakeSeconds,
            headSeconds: Int(headSeconds), keepAliveSeconds: DefaultLimits.keepAliveSeconds,
            idleBodySeconds: Int(idleSeconds), slowestBodyRate: Int(slowestBytesPerSecond),
            slowestSeconds: Int(slowestWindowSeconds), writeSeconds: DefaultLimits.writeSeconds,
            lingerSeconds: DefaultLimits.lingerSeconds, lingerBytes: DefaultLimits.lingerBytes,
            readingThreads: DefaultLimits.readingThreads)
    }

    var reception: ReceptionLimits {
        ReceptionLimits(
            deposits: Limits(document: documentBytes, bid: bidBytes, documents: documentsInBid),
            uploadsPerAccount: Int(uploadsOfAccount), requestsPerSecond: Int(requestsPerSecondOfAccount), bytesPerAccount: reservedBytesOfAccount,
            percentPerAccount: DefaultLimits.percentOfAccount, registerReserve: registerBytes, smallBid: smallBidBytes, reservedPercent: smallBidsPercentOfDisk,
            inodeReserve: DefaultLimits.inodeReserve, refusalsPerMinute: DefaultLimits.refusalsPerMinute,
            countedSources: DefaultLimits.countedSources, rehearsalDays: Int(rehearsalDays))
    }

    /// Those that a running vault keeps.
    var deposit: [Int64] {
        [
            documentBytes, bidBytes, documentsInBid, uploadsOfAccount, requestsPerSecondOfAccount, reservedBytesOfAccount, smallBidsPercentOfDisk,
            smallBidBytes, registerBytes, rehearsalDays,
        ]
    }
}
