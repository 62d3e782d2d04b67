public import Canonical

/// What a closing statement, and the bidder's line drawn from it, say of a bid.
public enum ClosingVerdict: String, Sendable, CaseIterable {
    /// The one to open of its depositor, in time.
    case onTime = "on-time"
    /// In time, and followed by another of the same depositor, in time, that replaces it or says nothing (R2151-6).
    case replaced
    /// In time, and completes the depositor's bid before it.
    case complementing
    case late
    case withdrawn
    /// Without a verdict yet.
    case pending
}

/// The closing statement: what had been received, once all that was received by the deadline was committed or had failed;
/// exactly one for each version of the deadline. Its SHA-256 is what an opening names, so that the committee opens this list
/// and no other. Specified in `Closing.md`.
public struct ClosingStated: Fact {
    public static let type = "closing-stated"

    public struct Entry: Sendable, Equatable {
        /// Position in the log, from 0.
        public let position: Int64
        /// RFC 6962 leaf hash of the bid's event.
        public let leaf: Digest
        public let bid: Identifier

        public init(position: Int64, leaf: Digest, bid: Identifier) {
            self.position = position
            self.leaf = leaf
            self.bid = bid
        }
    }

    /// A key set to which bids are sealed: its fingerprint as first made, quorum and size of the committee in force.
    public struct KeySet: Sendable, Equatable {
        public let keys: Digest
        public let k: Int
        public let n: Int

        public init(keys: Digest, k: Int, n: Int) {
            self.keys = keys
            self.k = k
            self.n = n
        }
    }

    public let consultation: Identifier
    /// Every version, from 1 on: the last is the one that has passed.
    public let deadlines: [Deadline]
    /// Fingerprint, quorum and size of the committee; of the last key set, where others were in force before.
    public let keys: Digest
    public let k: Int
    public let n: Int
    /// Those that it took over from, in their order: bids of before are sealed to them.
    public let earlier: [KeySet]
    /// In log order, each.
    public let bids: [ClosingVerdict: [Entry]]
    /// Bids that were complete and never submitted.
    public let drafts: Int64
    /// Deposits that began and failed.
    public let attempts: Int64
    /// Of the 24 hours before the closing.
    public let outages: [Outage]
    /// The log's size and head before the commit that holds this.
    public let size: Int64
    public let root: Digest

    public init(
        consultation: Identifier, deadlines: [Deadline], keys: Digest, k: Int, n: Int, earlier: [KeySet] = [], bids: [ClosingVerdict: [Entry]],
        drafts: Int64, attempts: Int64, outages: [Outage], size: Int64, root: Digest
    ) {
        self.consultation = consultation
        self.deadlines = deadlines
        self.keys = keys
        self.k = k
        self.n = n
        self.earlier = earlier
        self.bids = bids
        self.drafts = drafts
        self.attempts = attempts
        self.outages = outages
        self.size = size
        self.root = root
    }

    public var deadline: Deadline { deadlines[deadlines.count - 1] }

    /// Every set to which bids are sealed, in the order in which they came into force.
    public var keySets: [KeySet] { earlier + [KeySet(keys: keys, k: k, n: n)] }

    public func entries(_ verdict: ClosingVerdict) -> [Entry] { bids[verdict] ?? [] }

    /// What openings give out: all that came in time, in log order.
    public var toOpen: [Entry] {
        (entries(.onTime) + entries(.replaced) + entries(.complementing)).sorted { $0.position < $1.position }
    }

    /// Each bid's own.
    public var verdicts: [Identifier: ClosingVerdict] {
        var verdicts: [Identifier: ClosingVerdict] = [:]
        for (verdict, entries) in bids { for entry in entries { verdicts[entry.bid] = verdict } }
        return verdicts
    }

    public var count: Int { bids.values.reduce(0) { $0 + $1.count } }

    /// Whether the platform was not there, or could not tell the time, at any instant of the deadline's own second. Nothing is opened
    /// then before the buyer has decided.
    public var isHeld: Bool {
        outages.contains { $0.overlaps(deadline.instant...deadline.closesAt) }
    }

    /// The verdicts' keys in the object.
    private static let keys: [(ClosingVerdict, String)] = [
        (.onTime, "onTime"), (.replaced, "replaced"), (.complementing, "complementing"), (.late, "late"),
        (.withdrawn, "withdrawn"), (.pending, "pending"),
    ]

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "keys": .digest(keys), "k": .integer(Int64(k)),
            "n": .integer(Int64(n)), "drafts": .integer(drafts), "attempts": .integer(attempts),
            "deadlines": .array(
                deadlines.map {
                    .object(["deadline": .instant($0.instant), "version": .integer(Int64($0.version))])
                }),
            "outages": .array(outages.map(\.json)),
            "checkpoint": .object(["size": .integer(size), "root": .digest(root)]),
        ]
        if !earlier.isEmpty {
            fields["earlierKeys"] = .array(
                earlier.map { .object(["keys": .digest($0.keys), "k": .integer(Int64($0.k)), "n": .integer(Int64($0.n))]) })
        }
        for (verdict, key) in ClosingStated.keys {
            fields[key] = .array(
                entries(verdict).map {
                    .object(["position": .integer($0.position), "leaf": .digest($0.leaf), "bid": .identifier($0.bid)])
                })
        }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        var deadlines: [Deadline] = []
        for value in try reader.array("deadlines", max: Int(Deadline.versions.upperBound)) {
            var entry = try FieldReader(value)
            let deadline = Deadline(
                try entry.instant("deadline"), version: try entry.count("version", in: Deadline.versions))
            try entry.finish()
            guard deadline.version == deadlines.count + 1 else {
                throw CanonicalError(reason: "`deadlines` are not all versions, in their order")
            }
            deadlines.append(deadline)
        }
        guard !deadlines.isEmpty else { throw CanonicalError(reason: "`deadlines` is empty") }
        self.deadlines = deadlines
        keys = try reader.digest("keys")
        (k, n) = try reader.quorum()
        var earlier: [KeySet] = []
        for value in try reader.optionalArray("earlierKeys", max: Consultation.mostKeySets) ?? [] {
            var set = try FieldReader(value)
            let digest = try set.digest("keys")
            let (k, n) = try set.quorum()
            earlier.append(KeySet(keys: digest, k: k, n: n))
            try set.finish()
        }
        guard Set(earlier.map(\.keys) + [keys]).count == earlier.count + 1 else {
            throw CanonicalError(reason: "`earlierKeys` names a key set twice")
        }
        self.earlier = earlier
        drafts = try reader.integer("drafts", in: 0...(1 << 52))
        attempts = try reader.integer("attempts", in: 0...(1 << 52))
        var bids: [ClosingVerdict: [Entry]] = [:]
        var seen: Set<Identifier> = []
        for (verdict, key) in ClosingStated.keys {
            var entries: [Entry] = []
            for value in try reader.array(key, max: 1_000_000) {
                var fields = try FieldReader(value)
                let entry = Entry(
                    position: try fields.integer("position", in: 0...(1 << 52)), leaf: try fields.digest("leaf"),
                    bid: try fields.identifier("bid"))
                try fields.finish()
                guard entries.last.map({ $0.position < entry.position }) ?? true else {
                    throw CanonicalError(reason: "`\(key)` is not in log order")
                }
                guard seen.insert(entry.bid).inserted else { throw CanonicalError(reason: "a bid is listed twice") }
                entries.append(entry)
            }
            bids[verdict] = entries
        }
        self.bids = bids
        var outages: [Outage] = []
        for value in try reader.array("outages", max: 1000) { outages.append(try Outage(json: value)) }
        self.outages = outages
        var checkpoint = try reader.object("checkpoint")
        size = try checkpoint.integer("size", in: 0...(1 << 52))
        root = try checkpoint.digest("root")
        try checkpoint.finish()
    }
}

/// A bidder's line of the closing statement: what became of its bid, and of which statement that is said. It tells nothing of any
/// other bid, not even whether there is one.
public struct BidJudged: Fact {
    public static let type = "bid-judged"
    public let consultation: Identifier
    public let bid: Identifier
    public let verdict: ClosingVerdict
    public let deadlineVersion: Int
    /// SHA-256 of the `closing-stated` event's bytes.
    public let statement: Digest

    public init(
        consultation: Identifier, bid: Identifier, verdict: ClosingVerdict, deadlineVersion: Int, statement: Digest
    ) {
        self.consultation = consultation
        self.bid = bid
        self.verdict = verdict
        self.deadlineVersion = deadlineVersion
        self.statement = statement
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "verdict": .string(verdict.rawValue),
            "deadlineVersion": .integer(Int64(deadlineVersion)), "statement": .digest(statement),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        verdict = try reader.word("verdict", of: ClosingVerdict.self)
        deadlineVersion = try reader.count("deadlineVersion", in: Deadline.versions)
        statement = try reader.digest("statement")
    }
}
