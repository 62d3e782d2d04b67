public import Canonical

extension Consultation {
    /// Before the first byte of a bid is read. Lateness refuses nothing: it is a verdict, given at the end.
    public func checkDeposit(by principal: Principal) throws(Refusal) {
        try check(principal, may: .deposit)
    }

    /// Also before the first byte, never after the last: what was received is recorded.
    public func checkRoom(_ standing: Standing) throws(Refusal) {
        guard standing.own < Standing.mostOwn, standing.bids < Standing.mostBids else {
            throw Refusal(.tooLarge, "There are as many bids here as there may be.")
        }
    }

    /// The verdict on a bid whose last byte was read at `received`, against the deadline in the register now.
    public func verdict(received: Instant) -> Verdict {
        // Once the list is closed nothing can be on time: the closing had waited for all that was.
        closed == nil ? deadline.verdict(received: received) : .late
    }

    /// A bid, decided where nothing can change any more: in the transaction that records it.
    ///
    /// - Parameters:
    ///   - previous: the last bid of this depositor here.
    ///   - clock: what was known of it at *received*. Where that is not believed no verdict is given yet.
    ///   - recorded: the transaction's instant.
    public func receiving(
        _ submission: Submission, by principal: Principal, previous: Identifier?, instance: Identifier,
        clock: ClockState, recorded: Instant
    ) throws(Refusal) -> BidReceived {
        try checkDeposit(by: principal)
        // One that another set took over from while the bid arrived is good: no upload is dropped for it.
        guard keySet(original: submission.keys) != nil else {
            throw Refusal(.keys, "The key set was replaced while the bid arrived; send it again.")
        }
        guard submission.documents >= 1, Int64(submission.documents) <= limits.documents else {
            throw Refusal(.tooLarge, "A bid may have \(limits.documents) documents.")
        }
        return BidReceived(
            instance: instance,
            subject: BidReceived.Subject(
                consultation: id, buyer: buyer, reference: reference, title: title, object: object,
                timeZone: timeZone, deadline: deadline.instant, deadlineVersion: deadline.version, limits: limits),
            by: BidReceived.Depositor(
                account: principal.account, name: principal.accountName, registration: principal.registration,
                user: principal.user, person: principal.person),
            submission: submission, verdict: clock == .unsound ? .pending : verdict(received: submission.received),
            recorded: recorded, clock: clock,
            previous: previous)
    }

    /// The receipt of a bid is its depositor's: for every other account it does not exist, nor does the bid.
    public func checkReceipt(of bid: BidEntry, for principal: Principal) throws(Refusal) {
        try check(principal, may: .readReceipt)
        guard bid.depositor == principal.account, bid.consultation == id else { throw Refusal(.notFound) }
    }
}
