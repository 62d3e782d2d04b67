/// After a loss: what waits, and who says that it goes on.
extension Consultation {
    /// What a frozen consultation forbids: everything that opens; a re-share opens nothing. Bids are still received, extended deadlines still count, and
    /// what was opened before stays readable.
    static let forbiddenWhileFrozen: Set<Action> = [.announce, .approve, .release]

    func checkThaw(for action: Action) throws(Refusal) {
        guard frozen, Consultation.forbiddenWhileFrozen.contains(action) else { return }
        throw Refusal(.frozen, "Bids may have been lost here: the buyer decides when the consultation goes on.")
    }

    /// The buyer's recorded decision.
    public func unfreezing(by principal: Principal, ground: String) throws(Refusal) -> ConsultationUnfrozen {
        try check(principal, may: .unfreeze)
        guard frozen else { throw Refusal(.alreadyDone, "The consultation is not frozen.") }
        try PlainText.check(ground, "ground", max: ConsultationUnfrozen.longestGround)
        return ConsultationUnfrozen(consultation: id, user: principal.user, ground: ground)
    }
}
