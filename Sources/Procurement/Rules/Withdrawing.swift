public import Canonical

extension Consultation {
    /// A withdrawal, decided in the transaction that records it. It needs the bid code, which a stolen session does not have.
    ///
    /// - Parameters:
    ///   - code: digest of the code that came.
    ///   - kept: digest of the bid's own.
    ///   - clock: at `received`: nothing is decided on one that is not believed.
    public func withdrawing(
        _ bid: BidEntry, by principal: Principal, code: Digest?, kept: Digest, received: Instant, clock: ClockState
    ) throws(Refusal) -> BidWithdrawn {
        try checkOwn(bid, by: principal, may: .withdraw, code: code, kept: kept)
        try checkInTime(received, clock)
        guard !bid.isWithdrawn else { throw Refusal(.alreadyDone, "It was withdrawn before.") }
        return BidWithdrawn(
            bid: bid.bid, consultation: id, account: principal.account, user: principal.user, received: received,
            deadline: deadline.instant, deadlineVersion: deadline.version)
    }

    /// What an unstated bid is beside the one before it: said once, before the deadline.
    public func stating(
        _ intent: Intent, of bid: BidEntry, by principal: Principal, code: Digest?, kept: Digest, received: Instant,
        clock: ClockState
    ) throws(Refusal) -> IntentStated {
        try checkOwn(bid, by: principal, may: .stateIntent, code: code, kept: kept)
        try checkInTime(received, clock)
        guard intent != .unstated else { throw Refusal(.invalid, "intent: replaces or complements.") }
        guard bid.intent == .unstated, !bid.isWithdrawn else {
            throw Refusal(.alreadyDone, bid.isWithdrawn ? "It was withdrawn." : "It is stated: \(bid.intent.rawValue).")
        }
        return IntentStated(
            bid: bid.bid, consultation: id, account: principal.account, user: principal.user, intent: intent, received: received)
    }

    private func checkOwn(
        _ bid: BidEntry, by principal: Principal, may action: Action, code: Digest?, kept: Digest
    ) throws(Refusal) {
        try Permission.check(principal, may: action)
        guard bid.depositor == principal.account, bid.consultation == id else { throw Refusal(.notFound) }
        guard let code, code == kept else { throw Refusal(.forbidden, "The bid code is needed.") }
        guard closed == nil else { throw Refusal(.tooLate, "The deadline has passed.") }
        try check(principal, may: action)
    }

    private func checkInTime(_ received: Instant, _ clock: ClockState) throws(Refusal) {
        guard clock != .unsound else { throw Refusal(.clock, "The clock is not believed now; try again.") }
        guard deadline.verdict(received: received) == .onTime else { throw Refusal(.tooLate, "The deadline has passed.") }
    }
}
