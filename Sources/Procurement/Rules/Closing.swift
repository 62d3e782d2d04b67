public import Canonical

extension Consultation {
    /// The end of the reception: what is listed is what the barrier let in.
    ///
    /// - Parameters:
    ///   - bids: all of the consultation's, in log order, none of them without a verdict.
    ///   - deadlines: every version of the deadline.
    ///   - outages: those that ended in the 24 hours before the closing, or later.
    ///   - size: of the log before; `root`: its head.
    public func closing(
        bids: [BidEntry], drafts: Int64, attempts: Int64, deadlines: [Deadline], outages: [Outage], size: Int64, root: Digest, now: Instant
    ) throws(Refusal) -> ClosingStated {
        guard published, !archived, closed == nil, let keys else { throw Refusal(.phase, "Nothing to close.") }
        guard now >= deadline.closesAt else {
            throw Refusal(.notYet, "The deadline has not passed.", possibleAt: deadline.closesAt)
        }
        guard !bids.contains(where: { $0.verdict == .pending }) else {
            throw Refusal(.clock, "A bid has no verdict yet.")
        }
        let places = Consultation.places(bids)
        var listed: [ClosingVerdict: [ClosingStated.Entry]] = [:]
        for bid in bids {
            listed[places[bid.bid] ?? .pending, default: []].append(
                ClosingStated.Entry(position: bid.position, leaf: bid.leaf, bid: bid.bid))
        }
        return ClosingStated(
            consultation: id, deadlines: deadlines, keys: keys.original, k: keys.k, n: keys.n,
            earlier: earlier.map { ClosingStated.KeySet(keys: $0.keys.original, k: $0.keys.k, n: $0.keys.n) }, bids: listed, drafts: drafts,
            attempts: attempts, outages: outages, size: size, root: root)
    }

    /// What becomes of each bid beside the others of its depositor. An `unstated` one replaces those before it: the last is the
    /// one to open (R2151-6).
    public static func places(_ bids: [BidEntry]) -> [Identifier: ClosingVerdict] {
        var places: [Identifier: ClosingVerdict] = [:]
        /// Of each depositor, the bid that stands and what completes it.
        var standing: [Identifier: [Identifier]] = [:]
        for bid in bids {
            switch bid.verdict {
            // It replaces nothing, and nothing goes with it: what its depositor has there is the rest.
            case _ where bid.isWithdrawn: places[bid.bid] = .withdrawn
            case .late: places[bid.bid] = .late
            case .pending: places[bid.bid] = .pending
            case .onTime where bid.intent == .complements && standing[bid.depositor] != nil:
                places[bid.bid] = .complementing
                standing[bid.depositor]?.append(bid.bid)
            case .onTime:
                for earlier in standing[bid.depositor] ?? [] { places[earlier] = .replaced }
                places[bid.bid] = .onTime
                standing[bid.depositor] = [bid.bid]
            }
        }
        return places
    }

    // MARK: The buyer's decisions after it

    /// - Parameter openings: all of the consultation's.
    public func reopening(
        by principal: Principal, until instant: Instant, grounds: String, among openings: [OpeningState], now: Instant
    ) throws(Refusal) -> Reopened {
        try check(principal, may: .reopen)
        guard closed != nil else { throw Refusal(.phase, "It is not closed.") }
        let ours = openings.filter { $0.consultation == id && !$0.voided && !$0.isReshare }
        guard !ours.contains(where: \.released) else {
            throw Refusal(.phase, "The platform's half was released: what may have been read is not reopened.")
        }
        guard instant.second > max(now.second, deadline.instant.second) else {
            throw Refusal(.invalid, "deadline: it must be to come.")
        }
        try Consultation.checkDeadline(instant, after: deadline)
        try Grounds.check(grounds)
        return Reopened(
            consultation: id, user: principal.user, deadline: instant, deadlineVersion: deadline.version + 1,
            grounds: grounds, voids: ours.filter { !$0.concluded }.map(\.opening))
    }

    public func waiving(by principal: Principal, grounds: String) throws(Refusal) -> HoldWaived {
        try check(principal, may: .waive)
        guard let closed, isHeld else { throw Refusal(.alreadyDone, "Nothing is held.") }
        try Grounds.check(grounds)
        return HoldWaived(consultation: id, user: principal.user, statement: closed, grounds: grounds)
    }

    public func disclosing(
        by principal: Principal, on occasion: StatementDisclosed.Occasion
    ) throws(Refusal) -> StatementDisclosed {
        try check(principal, may: .disclose)
        guard let closed else { throw Refusal(.phase, "There is no statement.") }
        guard !isDisclosed else { throw Refusal(.alreadyDone, "The statement was disclosed before.") }
        return StatementDisclosed(consultation: id, user: principal.user, statement: closed, occasion: occasion)
    }

    // MARK: Who reads what

    /// The whole statement: committee and buyer from the closing on; who has a bid in it once it is disclosed. Any other company
    /// learns nothing, not even that it is not disclosed.
    ///
    /// - Parameter own: bids of this principal's account here.
    public func checkReadingStatement(_ principal: Principal, own: Int) throws(Refusal) {
        try check(principal, may: .readClosing)
        guard principal.kind == .company else { return }
        guard isDisclosed, own > 0 else { throw Refusal(.forbidden, "The buyer has not disclosed it.") }
    }

    /// A depositor's own line. Another's bid does not exist.
    public func checkReadingLine(_ principal: Principal, of bid: BidEntry) throws(Refusal) {
        try Permission.check(principal, may: .readLine)
        guard bid.depositor == principal.account, bid.consultation == id else { throw Refusal(.notFound) }
        try check(principal, may: .readLine)
    }
}
