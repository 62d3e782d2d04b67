public import Canonical

/// A consultation closed: what had been received, by position and leaf, once all that was received by the deadline was
/// committed or had failed. Its SHA-256 is what an opening names, so that the committee opens this list and no other.
public struct Closed: Fact {
    public static let type = "closed"

    public struct Entry: Sendable, Equatable {
        /// Position in the log, from 0.
        public let position: Int64
        /// RFC 6962 leaf hash of the bid's event.
        public let leaf: Digest
        public let bid: Identifier
        public let verdict: Verdict

        public init(position: Int64, leaf: Digest, bid: Identifier, verdict: Verdict) {
            self.position = position
            self.leaf = leaf
            self.bid = bid
            self.verdict = verdict
        }
    }

    public let consultation: Identifier
    public let deadline: Instant
    public let deadlineVersion: Int
    /// Fingerprint, quorum and size of the committee.
    public let keys: Digest
    public let k: Int
    public let n: Int
    /// In log order.
    public let bids: [Entry]
    /// Deposits that began and failed.
    public let attempts: Int64

    public init(
        consultation: Identifier, deadline: Instant, deadlineVersion: Int, keys: Digest, k: Int, n: Int, bids: [Entry],
        attempts: Int64
    ) {
        self.consultation = consultation
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
        self.keys = keys
        self.k = k
        self.n = n
        self.bids = bids
        self.attempts = attempts
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "deadline": .instant(deadline),
            "deadlineVersion": .integer(Int64(deadlineVersion)), "keys": .digest(keys), "k": .integer(Int64(k)),
            "n": .integer(Int64(n)), "attempts": .integer(attempts),
            "bids": .array(
                bids.map {
                    .object([
                        "position": .integer($0.position), "leaf": .digest($0.leaf), "bid": .identifier($0.bid),
                        "verdict": .string($0.verdict.rawValue),
                    ])
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        deadline = try reader.instant("deadline")
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
        keys = try reader.digest("keys")
        (k, n) = try reader.quorum()
        attempts = try reader.integer("attempts", in: 0...(1 << 52))
        var bids: [Entry] = []
        for value in try reader.array("bids", max: 1_000_000) {
            var entry = try FieldReader(value)
            let position = try entry.integer("position", in: 0...(1 << 52))
            let leaf = try entry.digest("leaf")
            let bid = try entry.identifier("bid")
            let verdict = try entry.word("verdict", of: Verdict.self)
            try entry.finish()
            guard bids.last.map({ $0.position < position }) ?? true else {
                throw CanonicalError(reason: "`bids` is not in log order")
            }
            bids.append(Entry(position: position, leaf: leaf, bid: bid, verdict: verdict))
        }
        self.bids = bids
    }
}
