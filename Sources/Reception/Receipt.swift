public import Canonical
public import Procurement
public import Sealing

/// What a bidder gets for a bid that is durable: the facts of its event, where that stands in the log, and the list of
/// documents, which the log does not hold.
public struct Receipt: Sendable {
    public let bid: BidReceived
    public let log: Log
    public let position: Int64
    /// RFC 6962 leaf hash of the event.
    public let leaf: Digest
    public let documents: [Document]
    /// The seal's parts, where their bidder sealed them: all that is known here of what is in them.
    public let contents: [Seal.Part]
    /// Given once, and only to whom did not bring one: only its digest is kept.
    public let bidCode: String?

    public init(
        bid: BidReceived, log: Log, position: Int64, leaf: Digest, documents: [Document], contents: [Seal.Part] = [],
        bidCode: String?
    ) {
        self.bid = bid
        self.log = log
        self.position = position
        self.leaf = leaf
        self.documents = documents
        self.contents = contents
        self.bidCode = bidCode
    }

    public struct Document: Sendable, Equatable {
        public let part: String
        public let name: String
        public let length: Int64
        public let sha256: Digest

        public init(part: String, name: String, length: Int64, sha256: Digest) {
            self.part = part
            self.name = name
            self.length = length
            self.sha256 = sha256
        }

        public var json: JSON {
            .object([
                "part": .string(part), "name": .string(name), "length": .integer(length), "sha256": .digest(sha256),
            ])
        }
    }

    public var json: JSON {
        var fields: [String: JSON] = [
            "bid": .identifier(bid.bid), "consultation": .identifier(bid.consultation), "log": .string(log.rawValue),
            "position": .integer(position), "event": .digest(leaf), "depositor": .identifier(bid.depositor),
            "seal": .digest(bid.seal), "keys": .digest(bid.keys), "sealedBy": .string(bid.sealedBy.rawValue),
            "intent": .string(bid.intent.rawValue), "verdict": .string(bid.verdict.rawValue),
            "deadline": .instant(bid.deadline), "deadlineVersion": .integer(Int64(bid.deadlineVersion)),
            "started": .instant(bid.started), "firstByte": .instant(bid.firstByte),
            "received": .instant(bid.received), "recorded": .instant(bid.recorded),
            "documents": .array(documents.map(\.json)),
        ]
        if !contents.isEmpty {
            fields["contents"] = .array(
                contents.map { .object(["part": .string($0.part), "sha256": .digest($0.contents)]) })
        }
        fields["bidCode"] = bidCode.map(JSON.string)
        return .object(fields)
    }
}
