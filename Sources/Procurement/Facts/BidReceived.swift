public import Canonical

/// A bid is here: sealed, durable, on time or late. Its leaf is what its bidder's receipt rests on.
///
/// The names and digests of its documents stand in its sealed manifest only.
public struct BidReceived: Fact {
    public static let type = "bid-received"
    public let bid: Identifier
    public let consultation: Identifier
    /// The company's account.
    public let depositor: Identifier
    public let user: Identifier
    /// SHA-256 of `seal.json`.
    public let seal: Digest
    /// Fingerprint of the key set.
    public let keys: Digest
    public let sealedBy: SealedBy
    public let intent: Intent
    public let verdict: Verdict
    public let deadline: Instant
    public let deadlineVersion: Int
    /// Head of its first request; first byte; last byte of the submission; read before the transaction.
    public let started: Instant
    public let firstByte: Instant
    public let received: Instant
    public let recorded: Instant
    /// SHA-256 of the bid code.
    public let bidCode: Digest
    /// How many documents the envelope holds.
    public let documents: Int
    /// Where the request bore an `Idempotency-Key`: its SHA-256, and the stored answer, an object of the register
    /// sealed under the bearer token that made it.
    public let outcome: Outcome?

    public struct Outcome: Sendable, Equatable {
        public let key: Digest
        public let answer: Digest

        public init(key: Digest, answer: Digest) {
            self.key = key
            self.answer = answer
        }
    }

    public init(
        bid: Identifier, consultation: Identifier, depositor: Identifier, user: Identifier, seal: Digest, keys: Digest,
        sealedBy: SealedBy, intent: Intent, verdict: Verdict, deadline: Instant, deadlineVersion: Int,
        started: Instant, firstByte: Instant, received: Instant, recorded: Instant, bidCode: Digest, documents: Int,
        outcome: Outcome?
    ) {
        self.bid = bid
        self.consultation = consultation
        self.depositor = depositor
        self.user = user
        self.seal = seal
        self.keys = keys
        self.sealedBy = sealedBy
        self.intent = intent
        self.verdict = verdict
        self.deadline = deadline
        self.deadlineVersion = deadlineVersion
        self.started = started
        self.firstByte = firstByte
        self.received = received
        self.recorded = recorded
        self.bidCode = bidCode
        self.documents = documents
        self.outcome = outcome
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "bid": .identifier(bid), "consultation": .identifier(consultation), "depositor": .identifier(depositor),
            "user": .identifier(user), "seal": .digest(seal), "keys": .digest(keys),
            "sealedBy": .string(sealedBy.rawValue), "intent": .string(intent.rawValue),
            "verdict": .string(verdict.rawValue), "deadline": .instant(deadline),
            "deadlineVersion": .integer(Int64(deadlineVersion)), "started": .instant(started),
            "firstByte": .instant(firstByte), "received": .instant(received), "recorded": .instant(recorded),
            "bidCodeHash": .digest(bidCode), "documents": .integer(Int64(documents)),
        ]
        if let outcome {
            fields["outcome"] = .object(["key": .digest(outcome.key), "answer": .digest(outcome.answer)])
        }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        consultation = try reader.identifier("consultation")
        depositor = try reader.identifier("depositor")
        user = try reader.identifier("user")
        seal = try reader.digest("seal")
        keys = try reader.digest("keys")
        guard let sealedBy = SealedBy(rawValue: try reader.string("sealedBy")),
            let intent = Intent(rawValue: try reader.string("intent")),
            let verdict = Verdict(rawValue: try reader.string("verdict"))
        else { throw CanonicalError(reason: "sealedBy, intent or verdict: not a known word") }
        self.sealedBy = sealedBy
        self.intent = intent
        self.verdict = verdict
        deadline = try reader.instant("deadline")
        deadlineVersion = Int(try reader.integer("deadlineVersion", in: 1...100_000))
        started = try reader.instant("started")
        firstByte = try reader.instant("firstByte")
        received = try reader.instant("received")
        recorded = try reader.instant("recorded")
        bidCode = try reader.digest("bidCodeHash")
        documents = Int(try reader.integer("documents", in: 1...1_000_000))
        if var outcome = try reader.optionalObject("outcome") {
            self.outcome = Outcome(key: try outcome.digest("key"), answer: try outcome.digest("answer"))
            try outcome.finish()
        } else {
            outcome = nil
        }
    }
}

/// Who turned plaintext into ciphertext: the platform on arrival, or the bidder before sending.
public enum SealedBy: String, Sendable {
    case platform, bidder
}

/// What a bidder says of an earlier bid of its own (R2151-6).
public enum Intent: String, Sendable {
    /// Nothing said: the last bid on time is the one opened.
    case unstated
    case replaces, complements
}
