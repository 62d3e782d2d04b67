import Canonical
import Procurement
import Sealing

/// The consultations of a log, folded from its events as they are read: what a closing statement must say, by the rules that the
/// daemon makes one with, held against what it says.
struct LoggedConsultations {
    private struct State {
        var deadlines: [Deadline]
        /// In the order in which they came into force: fingerprints first made, quorums of the committees in force.
        var sets: [ClosingStated.KeySet] = []
        var isPublished = false
        /// Made since the publication, and not in force.
        var proposed: KeysSet?
        /// In log order, each with the verdict and intent that it has by now.
        var bids: [BidEntry] = []
        /// Drafts that were neither submitted nor dropped.
        var drafts: Set<Identifier> = []
        var attempts: Int64 = 0
        /// Version of the deadline that the last statement was about.
        var closed = 0
    }

    /// A head of the log that a statement quotes.
    struct Quoted {
        let size: Int64
        let root: Digest
        let place: String
    }

    private var consultations: [Identifier: State] = [:]
    /// Quorum and size of the committees that re-shares dealt to, by fingerprint.
    private var dealt: [Digest: (k: Int, n: Int)] = [:]
    /// Numbers of the members who accepted, by fingerprint.
    private var accepted: [Digest: Set<Int>] = [:]
    /// How each consultation's keys were dealt anew.
    var successions = LoggedSuccessions()
    private var statements: [Digest: (fact: ClosingStated, verdicts: [Identifier: ClosingVerdict])] = [:]
    private var lines = 0
    /// Of the generation that is being read.
    var quoted: [Quoted] = []
    private(set) var report = Report()

    /// - Parameters:
    ///   - leaf: hash of the event's bytes, as the tree has it.
    ///   - place: names the event.
    mutating func take(_ event: Event, _ bytes: [UInt8], leaf: Digest, position: Int64, place: String) {
        successions.take(event, place: place)
        switch event.fact {
        case let fact as ConsultationCreated:
            consultations[fact.consultation] = State(deadlines: [Deadline(fact.deadline, version: 1)])
        case let fact as DeadlineExtended:
            consultations[fact.consultation]?.deadlines.append(Deadline(fact.deadline, version: fact.deadlineVersion))
        case let fact as Reopened:
            consultations[fact.consultation]?.deadlines.append(Deadline(fact.deadline, version: fact.deadlineVersion))
        case let fact as KeysSet:
            if consultations[fact.consultation]?.isPublished == true {
                consultations[fact.consultation]?.proposed = fact
            } else {
                consultations[fact.consultation]?.sets = [ClosingStated.KeySet(keys: fact.fingerprint, k: fact.k, n: fact.n)]
            }
        case let fact as Published: consultations[fact.consultation]?.isPublished = true
        case let fact as KeyAccepted: accepted[fact.fingerprint, default: []].insert(fact.member)
        case let fact as KeysAdded: add(fact, place)
        case let fact as KeysReshared: dealt[fact.fingerprint] = (fact.k, fact.n)
        case let fact as KeysReplaced:
            guard let quorum = dealt[fact.fingerprint],
                let index = consultations[fact.consultation]?.sets.firstIndex(where: { $0.keys == fact.original })
            else { break }
            consultations[fact.consultation]?.sets[index] = ClosingStated.KeySet(keys: fact.original, k: quorum.k, n: quorum.n)
        case let fact as AttemptFailed: consultations[fact.consultation]?.attempts += 1
        case let fact as BidReceived:
            consultations[fact.consultation]?.drafts.remove(fact.bid)
            consultations[fact.consultation]?.bids.append(
                BidEntry(
                    position: position, leaf: leaf, bid: fact.bid, consultation: fact.consultation, depositor: fact.depositor,
                    verdict: fact.verdict, intent: fact.intent, seal: fact.seal, keys: fact.keys,
                    documents: fact.documents))
        case let fact as VerdictGiven:
            change(fact.bid, of: fact.consultation) { $0.verdict == .pending ? $0.with(verdict: fact.verdict) : $0 }
        case let fact as IntentStated:
            change(fact.bid, of: fact.consultation) { $0.intent == .unstated ? $0.with(intent: fact.intent) : $0 }
        case let fact as BidWithdrawn: change(fact.bid, of: fact.consultation) { $0.with(isWithdrawn: true) }
        case let fact as DraftOpened: consultations[fact.consultation]?.drafts.insert(fact.bid)
        case let fact as DraftDropped: consultations[fact.consultation]?.drafts.remove(fact.bid)
        case let fact as ClosingStated: hold(fact, Digest(of: bytes), event, place)
        case let fact as BidJudged: hold(fact, place)
        default: break
        }
    }

    /// Only what was proposed, and accepted by enough of its members, is put in force, in place of the last.
    private mutating func add(_ fact: KeysAdded, _ place: String) {
        guard let state = consultations[fact.consultation], let proposed = state.proposed, proposed.fingerprint == fact.fingerprint,
            state.sets.last?.keys == fact.replaces
        else { return report.fails("keys", place, "it puts keys in force that were not proposed, or in place of others than the last") }
        if accepted[fact.fingerprint, default: []].count < min(proposed.k + 1, proposed.n) {
            report.fails("keys", place, "it puts keys in force that too few of their members had accepted")
        }
        consultations[fact.consultation]?.sets.append(ClosingStated.KeySet(keys: fact.fingerprint, k: proposed.k, n: proposed.n))
        consultations[fact.consultation]?.proposed = nil
    }

    private mutating func change(_ bid: Identifier, of consultation: Identifier, _ change: (BidEntry) -> BidEntry) {
        guard let index = consultations[consultation]?.bids.firstIndex(where: { $0.bid == bid }),
            let entry = consultations[consultation]?.bids[index]
        else { return }
        consultations[consultation]?.bids[index] = change(entry)
    }

    // MARK: What is held against it

    private mutating func hold(_ fact: ClosingStated, _ digest: Digest, _ event: Event, _ place: String) {
        quoted.append(Quoted(size: fact.size, root: fact.root, place: place))
        statements[digest] = (fact, fact.verdicts)
        guard let state = consultations[fact.consultation] else {
            return report.fails("closing", place, "it is of a consultation that the log does not have")
        }
        consultations[fact.consultation]?.closed = fact.deadline.version
        let expected = Consultation.places(state.bids)
        var listed: [ClosingVerdict: [ClosingStated.Entry]] = [:]
        for bid in state.bids {
            listed[expected[bid.bid] ?? .pending, default: []].append(
                ClosingStated.Entry(position: bid.position, leaf: bid.leaf, bid: bid.bid))
        }
        let wrong =
            if fact.deadlines != state.deadlines {
                "its deadlines are not those that the events set"
            } else if fact.deadline.version <= state.closed {
                "this version of the deadline had its statement before"
            } else if event.at < fact.deadline.closesAt {
                "it was made before the deadline's second was over"
            } else if fact.keySets != state.sets {
                "its key sets or quorums are not those that the events set"
            } else if let bid = state.bids.first(where: { bid in !state.sets.contains { $0.keys == bid.keys } }) {
                "bid \(bid.bid) is sealed to keys that were never in force"
            } else if let verdict = ClosingVerdict.allCases.first(where: { fact.entries($0) != listed[$0] ?? [] }) {
                "its \(verdict.rawValue) bids are not those of the events"
            } else if fact.drafts != Int64(state.drafts.count) {
                "it counts \(fact.drafts) drafts, the events \(state.drafts.count)"
            } else if fact.attempts != state.attempts {
                "it counts \(fact.attempts) failed attempts, the events \(state.attempts)"
            } else {
                String?.none
            }
        if let wrong { report.fails("closing", place, wrong) }
    }

    private mutating func hold(_ fact: BidJudged, _ place: String) {
        lines += 1
        guard let (statement, verdicts) = statements[fact.statement], statement.consultation == fact.consultation else {
            return report.fails("closing", place, "a bidder's line of a statement that the log does not have")
        }
        guard verdicts[fact.bid] == fact.verdict, statement.deadline.version == fact.deadlineVersion else {
            return report.fails("closing", place, "a bidder's line says \(fact.verdict.rawValue), the statement \(verdicts[fact.bid]?.rawValue ?? "nothing")")
        }
    }

    mutating func fail(_ quoted: Quoted) {
        report.fails("closing", quoted.place, "the head that it quotes, of \(quoted.size) entries, is none that the log had before it")
    }

    /// - Returns: what was found, with a line that holds where nothing fails.
    func finished(_ log: Log) -> Report {
        var report = report
        if report.checks.isEmpty, !statements.isEmpty {
            report.holds(
                "closing", "log/\(log.rawValue)", "\(statements.count) closing statements and \(lines) bidders' lines say what the events say")
        }
        return report
    }
}

extension BidEntry {
    /// The same, as a later event left it.
    fileprivate func with(verdict: Verdict? = nil, intent: Intent? = nil, isWithdrawn: Bool? = nil) -> BidEntry {
        BidEntry(
            position: position, leaf: leaf, bid: bid, consultation: consultation, depositor: depositor, verdict: verdict ?? self.verdict,
            intent: intent ?? self.intent, seal: seal, keys: keys, documents: documents, isWithdrawn: isWithdrawn ?? self.isWithdrawn)
    }
}
