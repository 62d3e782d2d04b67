public import Canonical

/// Somebody brought a receipt of this vault that holds, of a bid that the register has not: after a loss, a proof of what
/// was lost. Specified in `Events.md`.
public struct ReceiptPresented: Fact {
    public static let type = "receipt-presented"
    static let mostChecks = 64

    /// What the register has where the receipt's leaf stood.
    public enum Standing: String, Sendable, CaseIterable {
        /// Nothing: it is among what was not recovered.
        case lost
        /// Something else, or nothing although no loss was declared: the log has two pasts.
        case contradicting
    }

    /// One that was made, and did not fail.
    public struct Check: Sendable, Equatable {
        public enum Outcome: String, Sendable, CaseIterable {
            case holds
            case operatorsWord = "operators-word"
        }

        /// The verifier's word for it.
        public let name: String
        public let outcome: Outcome

        public init(name: String, outcome: Outcome) {
            self.name = name
            self.outcome = outcome
        }

        public var json: JSON { .object(["check": .string(name), "outcome": .string(outcome.rawValue)]) }
    }

    /// The leaf's own words.
    public let consultation: Identifier
    public let bid: Identifier
    public let depositor: Identifier
    public let deadline: Instant
    /// RFC 6962 leaf hash.
    public let leaf: Digest
    /// Who brought it.
    public let account: Identifier
    public let user: Identifier
    /// Where the log held it. The generation's own count: a later one may have given the position anew.
    public let generation: Int64
    public let position: Int64
    /// The checkpoint that the proof leads to.
    public let size: Int64
    public let root: Digest
    public let standing: Standing
    public let checks: [Check]
    /// The receipt as an object, without lists of documents.
    public let container: Digest

    public init(
        of leaf: Digest, _ bid: BidReceived, by principal: Principal, generation: Int64, position: Int64, size: Int64,
        root: Digest, standing: Standing, checks: [Check], container: Digest
    ) {
        consultation = bid.consultation
        self.bid = bid.bid
        depositor = bid.depositor
        deadline = bid.deadline
        self.leaf = leaf
        account = principal.account
        user = principal.user
        self.generation = generation
        self.position = position
        self.size = size
        self.root = root
        self.standing = standing
        self.checks = checks
        self.container = container
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "depositor": .identifier(depositor),
            "deadline": .instant(deadline), "leaf": .digest(leaf), "account": .identifier(account),
            "user": .identifier(user), "generation": .integer(generation), "position": .integer(position),
            "checkpoint": .object(["size": .integer(size), "root": .digest(root)]),
            "standing": .string(standing.rawValue), "checks": .array(checks.map(\.json)), "container": .digest(container),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        depositor = try reader.identifier("depositor")
        deadline = try reader.instant("deadline")
        leaf = try reader.digest("leaf")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        generation = try reader.integer("generation", in: 1...JSON.largestInteger)
        position = try reader.integer("position", in: 0...(1 << 52))
        var checkpoint = try reader.object("checkpoint")
        size = try checkpoint.integer("size", in: 1...(1 << 52))
        root = try checkpoint.digest("root")
        try checkpoint.finish()
        standing = try reader.word("standing", of: Standing.self)
        var checks: [Check] = []
        for value in try reader.array("checks", max: Self.mostChecks) {
            var fields = try FieldReader(value)
            let check = Check(name: try fields.word("check"), outcome: try fields.word("outcome", of: Check.Outcome.self))
            try fields.finish()
            guard !checks.contains(where: { $0.name == check.name }) else {
                throw CanonicalError(reason: "`checks` repeats one")
            }
            checks.append(check)
        }
        self.checks = checks
        container = try reader.digest("container")
    }
}
