public import Canonical

extension Consultation {
    /// Before the first byte of a bid is read. Lateness refuses nothing: it is a verdict, given at the end.
    public func checkDeposit(by principal: Principal) throws(Refusal) {
        try check(principal, may: .deposit)
        guard keys != nil else { throw Refusal(.notFound) }
    }

    /// The verdict on a bid whose last byte was read at `received`, against the deadline in the register now.
    public func verdict(received: Instant) -> Verdict {
        // Once the list is closed nothing can be on time: the closing had waited for all that was.
        closed == nil ? deadline.verdict(received: received) : .late
    }

    /// The end of the reception: what is listed is what the barrier let in.
    public func closing(bids: [BidEntry], attempts: Int64, now: Instant) throws(Refusal) -> Closed {
        guard published, closed == nil, let keys else { throw Refusal(.phase, "Nothing to close.") }
        guard now >= deadline.closesAt else {
            throw Refusal(.notYet, "The deadline has not passed.", possibleAt: deadline.closesAt)
        }
        return Closed(
            consultation: id, deadline: deadline.instant, deadlineVersion: deadline.version, keys: keys.fingerprint,
            k: keys.k, n: keys.n,
            bids: bids.map { Closed.Entry(position: $0.position, leaf: $0.leaf, bid: $0.bid, verdict: $0.verdict) },
            attempts: attempts)
    }
}
