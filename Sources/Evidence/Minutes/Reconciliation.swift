public import Canonical
public import Procurement
internal import Sealing

/// What an opener was served, held against the closing statement; and the minutes, held against both. Each difference is named.
public struct Reconciliation: Sendable {
    /// A bid as the daemon serves it to an opening.
    public struct Served: Sendable {
        public let position: Int64
        public let bid: Identifier
        /// The `bid-received` event's bytes.
        public let event: [UInt8]
        /// Of a bid whose own verdict was `pending`: the `verdict-given` event's.
        public let given: [UInt8]?
        /// What was said of it later: `intent-stated`, `bid-withdrawn` and `late-bid-admitted` events.
        public let changes: [[UInt8]]

        public init(position: Int64, bid: Identifier, event: [UInt8], given: [UInt8]?, changes: [[UInt8]] = []) {
            self.position = position
            self.bid = bid
            self.event = event
            self.given = given
            self.changes = changes
        }
    }

    public struct Bid: Sendable {
        public let position: Int64
        public let event: BidReceived
        /// Its place in the statement; `late` for one that came after it.
        public let verdict: ClosingVerdict
        /// A late one that the buyer decided to have read.
        public let isAdmitted: Bool
        /// The key set of the statement that it is sealed to, where that is another than the opening's: its own committee opens it.
        public let otherKeys: Digest?

        /// Whether this opening gives it out.
        public var isToOpen: Bool { otherKeys == nil && ([.onTime, .replaced, .complementing].contains(verdict) || isAdmitted) }
    }

    /// In log order.
    public let bids: [Bid]
    /// In words, what was compared.
    public let checks: [String]
    private let statement: ClosingStated

    static let checks = [
        "each bid of the closing statement was served, and no other in time",
        "each served event is the leaf, at the position, that the closing statement names",
        "each verdict follows from the bid's own instant and the last deadline",
        "each place beside the depositor's other bids follows from their events",
    ]

    /// What an opener's tool says that was given the log's keys.
    public static let inLog = "the closing statement is in the log, by the signature of its key"

    /// - Parameter keys: fingerprint, as first made, of the key set that is opened; the statement's, where it has one alone.
    public init(
        _ statement: ClosingStated, consultation: Identifier, keys: Digest? = nil, served: [Served]
    ) throws(EvidenceError) {
        let places = statement.verdicts
        let others = Set(statement.keySets.map(\.keys)).subtracting([keys ?? statement.keys])
        var leaves: [Identifier: ClosingStated.Entry] = [:]
        for entries in statement.bids.values { for entry in entries { leaves[entry.bid] = entry } }
        var bids: [Bid] = []
        var entries: [BidEntry] = []
        var seen: Set<Identifier> = []
        for item in served {
            guard seen.insert(item.bid).inserted else {
                throw EvidenceError("bid \(item.bid) stands there twice")
            }
            let received = try Reconciliation.event(of: item, consultation)
            let otherKeys = others.contains(received.keys) ? received.keys : nil
            let verdict = try Reconciliation.verdict(on: received, item, under: statement.deadline)
            let (intent, isWithdrawn, isAdmitted) = try Reconciliation.changes(of: received, item.changes)
            guard !isAdmitted || (verdict == .late && !isWithdrawn) else {
                throw EvidenceError("bid \(item.bid) is shown as a late one that was admitted, and is not late")
            }
            if let entry = leaves[item.bid], let place = places[item.bid] {
                guard entry.leaf == Digest(of: [0] + item.event), entry.position == item.position else {
                    throw EvidenceError("bid \(item.bid) differs from its entry in the closing statement")
                }
                entries.append(
                    BidEntry(
                        position: item.position, leaf: entry.leaf, bid: item.bid, consultation: consultation,
                        depositor: received.depositor, verdict: verdict, intent: intent, seal: received.seal, keys: received.keys,
                        documents: received.documents, isWithdrawn: isWithdrawn))
                bids.append(Bid(position: item.position, event: received, verdict: place, isAdmitted: isAdmitted, otherKeys: otherKeys))
            } else {
                guard verdict == .late else {
                    throw EvidenceError("bid \(item.bid) is not in the closing statement, and not late")
                }
                bids.append(Bid(position: item.position, event: received, verdict: .late, isAdmitted: isAdmitted, otherKeys: otherKeys))
            }
        }
        for entry in leaves.values where !seen.contains(entry.bid) {
            throw EvidenceError("bid \(entry.bid) is missing")
        }
        entries.sort { $0.position < $1.position }
        let judged = Consultation.places(entries)
        for (bid, place) in places where judged[bid] != place {
            throw EvidenceError("bid \(bid) is \(judged[bid]?.rawValue ?? "nowhere") by its event, \(place.rawValue) in the closing statement")
        }
        self.bids = bids.sorted { $0.position < $1.position }
        self.statement = statement
        checks = Reconciliation.checks
    }

    /// Holds minutes against the statement and what was served: each bid once, in log order, none opened that is not to be, none left
    /// out.
    public func check(_ minutes: OpeningMinutes, statement digest: Digest) throws(EvidenceError) {
        guard minutes.statement == StatementSummary(statement, digest: digest, position: minutes.statement.position) else {
            throw EvidenceError("the minutes speak of another closing statement")
        }
        guard minutes.bids.map(\.bid) == bids.map(\.event.bid) else {
            throw EvidenceError("the minutes do not list the bids that were served, in their order")
        }
        for (written, bid) in zip(minutes.bids, bids) {
            guard written.position == bid.position, written.verdict == bid.verdict,
                written.depositor == bid.event.depositor, written.name == bid.event.by.name,
                written.started == bid.event.started, written.received == bid.event.received,
                written.recorded == bid.event.recorded, written.previous == bid.event.previous,
                written.clock == bid.event.clock, written.intent == bid.event.intent, written.keys == bid.otherKeys
            else { throw EvidenceError("bid \(written.bid) is told otherwise in the minutes than in its event") }
            guard bid.isToOpen == (written.result != .withheld) else {
                throw EvidenceError("bid \(written.bid) is \(bid.verdict.rawValue), and \(written.result.rawValue) in the minutes")
            }
        }
    }

    /// Those that are given out in openings.
    public var toOpen: Set<Identifier> { Set(bids.filter(\.isToOpen).map(\.event.bid)) }

    private static func event(of item: Served, _ consultation: Identifier) throws(EvidenceError) -> BidReceived {
        let event: Event
        do { event = try Event(canonical: item.event) } catch {
            throw EvidenceError("the event of bid \(item.bid) is malformed: \(error.reason)")
        }
        guard let received = event.fact as? BidReceived, received.bid == item.bid, received.consultation == consultation
        else { throw EvidenceError("the event of bid \(item.bid) is not its own") }
        return received
    }

    /// What was said after a bid: its bidder's last word on the intent, whether it took the bid back, and whether the buyer admitted a
    /// late one.
    private static func changes(
        of bid: BidReceived, _ changes: [[UInt8]]
    ) throws(EvidenceError) -> (intent: Intent, isWithdrawn: Bool, isAdmitted: Bool) {
        var (intent, isWithdrawn, isAdmitted) = (bid.intent, false, false)
        for bytes in changes {
            switch try? Event(canonical: bytes).fact {
            case let fact as IntentStated
            where fact.bid == bid.bid && fact.account == bid.depositor && intent == .unstated && !isWithdrawn:
                intent = fact.intent
            case let fact as BidWithdrawn where fact.bid == bid.bid && fact.account == bid.depositor && !isWithdrawn:
                isWithdrawn = true
            case let fact as LateBidAdmitted where fact.bid == bid.bid && fact.consultation == bid.consultation && !isAdmitted:
                isAdmitted = true
            default: throw EvidenceError("what is shown of bid \(bid.bid) beside its event is not its own")
            }
        }
        return (intent, isWithdrawn, isAdmitted)
    }

    /// By the deadline that passed last: a bid that was late under one that a reopening replaced is judged anew.
    private static func verdict(
        on bid: BidReceived, _ item: Served, under deadline: Deadline
    ) throws(EvidenceError) -> Verdict {
        guard bid.verdict == .pending else {
            guard bid.clock != .unsound else { throw EvidenceError("bid \(bid.bid) has a verdict on a clock not believed") }
            return deadline.verdict(received: bid.received)
        }
        guard let bytes = item.given, let given = try? Event(canonical: bytes).fact as? VerdictGiven, given.bid == bid.bid
        else { throw EvidenceError("bid \(bid.bid) waits for a verdict, or is shown another's") }
        switch given.rule {
        case .elapsed: return given.received.map(deadline.verdict) ?? .late
        case .span, .doubt: return given.since >= deadline.closesAt ? .late : .onTime
        // Late for who was listed then; in time where a reopening has moved the deadline past it.
        case .closed: return given.until < deadline.closesAt ? .onTime : .late
        }
    }
}
