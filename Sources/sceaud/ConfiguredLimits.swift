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
    var reservedBytesOfAccount = DefaultLimits.reservedBytesOfAccount
    var smallBidsPercentOfDisk = DefaultLimits.smallBidsPercentOfDisk
    var smallBidBytes = DefaultLimits.smallBidBytes
    var registerBytes = DefaultLimits.registerBytes

    init() {}

    init(_ settings: consuming Settings) throws(DaemonError) {
        let bytes = Int64(1)...(1 << 50)
        let seconds = Int64(1)...86_400
        try settings.set(&documentBytes, "documentBytes", in: bytes)
        try settings.set(&bidBytes, "bidBytes", in: bytes)
        try settings.set(&documentsInBid, "documentsInBid", in: 1...1_000_000)
        try settings.set(&headBytes, "headBytes", in: 1024...(1 << 20))
        try settings.set(&headFields, "headFields", in: 8...1000)
        try settings.set(&connections, "connections", in: 1...1_000_000)
        try settings.set(&connectionsFromAddress, "connectionsFromAddress", in: 1...1_000_000)
        let proxies = try settings.list("trustedProxies", of: "a numeric address", max: 1000) { text in
            SocketAddress.parse(text).map { SocketAddress(bytes: $0, port: 0).host }
        }
        trustedProxies = Set(proxies ?? [])
        try settings.set(&headSeconds, "headSeconds", in: seconds)
        try settings.set(&idleSeconds, "idleSeconds", in: seconds)
        try settings.set(&slowestBytesPerSecond, "slowestBytesPerSecond", in: 0...(1 << 30))
        try settings.set(&slowestWindowSeconds, "slowestWindowSeconds", in: seconds)
        try settings.set(&uploadsOfAccount, "uploadsOfAccount", in: 1...1_000_000)
        try settings.set(&reservedBytesOfAccount, "reservedBytesOfAccount", in: bytes)
        try settings.set(&smallBidsPercentOfDisk, "smallBidsPercentOfDisk", in: 0...100)
        try settings.set(&smallBidBytes, "smallBidBytes", in: 0...(1 << 50))
        try settings.set(&registerBytes, "registerBytes", in: 0...(1 << 50))
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

extension Settings {
    /// Takes `key` if it is there, and leaves the default otherwise.
    fileprivate mutating func set(_ value: inout Int64, _ key: String, in range: ClosedRange<Int64>) throws(DaemonError) {
        value = try integer(key, in: range, default: value)
    }
}

extension ConfiguredLimits {
    /// As `GET /api/v1/limits` shows them. Proxies are nobody's business.
    var published: [String: Int64] {
        [
            "documentBytes": documentBytes, "bidBytes": bidBytes, "documentsInBid": documentsInBid,
            "headBytes": headBytes, "headFields": headFields, "connections": connections,
            "connectionsFromAddress": connectionsFromAddress, "headSeconds": headSeconds, "idleSeconds": idleSeconds,
            "slowestBytesPerSecond": slowestBytesPerSecond, "slowestWindowSeconds": slowestWindowSeconds,
            "uploadsOfAccount": uploadsOfAccount, "reservedBytesOfAccount": reservedBytesOfAccount,
            "smallBidsPercentOfDisk": smallBidsPercentOfDisk, "smallBidBytes": smallBidBytes,
            "registerBytes": registerBytes,
        ]
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
            uploadsPerAccount: Int(uploadsOfAccount), bytesPerAccount: reservedBytesOfAccount,
            registerReserve: registerBytes, smallBid: smallBidBytes, reservedPercent: smallBidsPercentOfDisk,
            inodeReserve: DefaultLimits.inodeReserve, refusalsPerMinute: DefaultLimits.refusalsPerMinute,
            countedSources: DefaultLimits.countedSources)
    }

    /// Those that a running vault keeps.
    var deposit: [Int64] {
        [
            documentBytes, bidBytes, documentsInBid, uploadsOfAccount, reservedBytesOfAccount, smallBidsPercentOfDisk,
            smallBidBytes, registerBytes,
        ]
    }
}
