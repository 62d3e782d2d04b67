public import Canonical

/// `received.json`: how a bid arrived, kept durable with its files *before* the commit, and outside the seal.
///
/// A bid found whole after a crash without its event can so still be admitted, by recorded decision. Once the event
/// exists, the event decides; this file is then only its echo.
public struct Received: CanonicalObject, Hashable {
    public static let format = "sceau/received/1"

    public let consultation: Identifier
    public let bid: Identifier
    public let depositor: Identifier
    public let user: Identifier
    /// SHA-256 of `seal.json`.
    public let seal: Digest
    /// What the bidder says of an earlier bid of its own: the event's word.
    public let intent: String
    /// SHA-256 of the bid code.
    public let bidCodeHash: Digest
    /// The deadline in the register when the last byte came.
    public let deadline: Instant
    public let deadlineVersion: Int64
    public let started: Instant
    public let firstByte: Instant
    public let received: Instant
    /// The clock's state at *received*: the event's word.
    public let clock: String

    public init(
        consultation: Identifier, bid: Identifier, depositor: Identifier, user: Identifier, seal: Digest,
        intent: String,
        bidCodeHash: Digest, deadline: Instant, deadlineVersion: Int64, started: Instant, firstByte: Instant,
        received: Instant,
        clock: String
    ) {
        self.consultation = consultation
        self.bid = bid
        self.depositor = depositor
        self.user = user
        self.seal = seal
        self.intent = intent
        self.bidCodeHash = bidCodeHash
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
        self.started = started
        self.firstByte = firstByte
        self.received = received
        self.clock = clock
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "depositor": .identifier(depositor),
            "user": .identifier(user), "seal": .digest(seal), "intent": .string(intent),
            "bidCodeHash": .digest(bidCodeHash),
            "deadline": .instant(deadline), "deadlineVersion": .integer(deadlineVersion), "started": .instant(started),
            "firstByte": .instant(firstByte), "received": .instant(received), "clock": .string(clock),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        depositor = try reader.identifier("depositor")
        user = try reader.identifier("user")
        seal = try reader.digest("seal")
        intent = try reader.text("intent", max: 32)
        bidCodeHash = try reader.digest("bidCodeHash")
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.integer("deadlineVersion")
        started = try reader.instant("started")
        firstByte = try reader.instant("firstByte")
        received = try reader.instant("received")
        clock = try reader.text("clock", max: 64)
    }
}
