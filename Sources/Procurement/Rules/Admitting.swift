extension Consultation {
    /// A bid that came late, to be read all the same.
    ///
    /// Of the buyer alone, and only once the list is closed: before it nobody but its bidder knows that there is one.
    public func admitting(
        late bid: BidEntry, on ground: LateBidAdmitted.Ground, grounds: String, by principal: Principal
    ) throws(Refusal) -> LateBidAdmitted {
        try check(principal, may: .admitLate)
        guard bid.consultation == id else { throw Refusal(.notFound) }
        guard bid.verdict == .late else { throw Refusal(.invalid, "This bid did not come late.") }
        guard !bid.isWithdrawn else { throw Refusal(.invalid, "Its bidder withdrew this bid.") }
        guard bid.admitted == nil else { throw Refusal(.alreadyDone, "This bid is admitted already.") }
        try Grounds.check(grounds)
        return LateBidAdmitted(consultation: id, bid: bid.bid, user: principal.user, ground: ground, grounds: grounds)
    }
}

extension BidEntry {
    /// Whether an opening is refused its files: a bid that was withdrawn, or came late, stays sealed, and one under other keys is opened by
    /// their own committee.
    ///
    /// What the buyer admits is given out in openings announced after it alone: their members knew of it when they approved.
    public func isWithheld(in opening: OpeningState) -> Bool {
        guard keys == opening.original else { return true }
        guard verdict == .late, !isWithdrawn else { return verdict != .onTime || isWithdrawn }
        return admitted.map { $0 >= opening.announcedAt } ?? true
    }
}
