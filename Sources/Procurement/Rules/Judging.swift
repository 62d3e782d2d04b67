public import Canonical

extension Consultation {
    /// The verdict on a bid that was received while the clock was not believed, once it is again.
    ///
    /// - Parameters:
    ///   - received: when its last byte came, as a believed instant and the raw clock give it; nil where the daemon was started
    ///     again since, and nothing has measured how long ago that was.
    ///   - since: the last believed instant before that span; `until`: the first after it.
    public func judging(_ bid: BidEntry, received: Instant?, since: Instant, until: Instant) throws(Refusal) -> VerdictGiven {
        guard bid.consultation == id, bid.verdict == .pending else { throw Refusal(.alreadyDone) }
        func given(_ verdict: Verdict, _ rule: VerdictGiven.Rule) -> VerdictGiven {
            VerdictGiven(
                consultation: id, bid: bid.bid, verdict: verdict, rule: rule, since: since, until: until,
                received: rule == .elapsed ? received : nil)
        }
        guard closed == nil else { return given(.late, .closed) }
        if let received { return given(deadline.verdict(received: received), .elapsed) }
        if until < deadline.closesAt { return given(.onTime, .span) }
        if since >= deadline.closesAt { return given(.late, .span) }
        return given(.onTime, .doubt)
    }
}
