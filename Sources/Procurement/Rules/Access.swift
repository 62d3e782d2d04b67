public import Canonical

extension Consultation {
    /// Whether its existence is public knowledge.
    public var isPublic: Bool { published }

    /// Whether it exists for this principal, or for anybody (nil). A draft does for those of its account who work on it.
    public func isKnown(to principal: Principal?) -> Bool {
        if isPublic { return true }
        guard let principal, isOf(principal) else { return false }
        return Permission.allows(.view, to: principal.roles, in: phase)
    }

    /// Refuses what this principal may not do here: its role first, then whose consultation it is, then the phase.
    ///
    /// A consultation that is not yet published does not exist for anybody outside its account: 404, as an unknown one.
    public func check(_ principal: Principal, may action: Action) throws(Refusal) {
        try checkSide(principal, for: action)
        try Permission.check(principal, may: action, in: phase)
        try checkThaw(for: action)
    }

    /// The role, and whose consultation it is.
    func checkSide(_ principal: Principal, for action: Action) throws(Refusal) {
        try Permission.check(principal, may: action)
        guard isKnown(to: principal) else { throw Refusal(.notFound) }
        switch action {
        case .view: return
        // A company deposits; an account of public bodies has nothing to hand to itself.
        case .deposit, .readReceipt, .readLine, .withdraw, .stateIntent: guard principal.kind == .company else { throw Refusal(.forbidden) }
        // A company may once the buyer has disclosed it: asked by who knows of its bids.
        case .readClosing where principal.kind == .company: return
        case .readClosing:
            guard isOf(principal), !principal.roles.isDisjoint(with: [.buyer, .opener]) else { throw Refusal(.forbidden) }
        default: guard isOf(principal) else { throw Refusal(.forbidden) }
        }
    }

    private func isOf(_ principal: Principal) -> Bool {
        principal.account == account && principal.kind != .company
    }

    /// The first instant at which anything may be opened: the deadline's second is over, and what the ceremony sealed
    /// into the capsules is past too.
    public var opensAt: Instant {
        keys.map { max($0.notBefore, deadline.closesAt) } ?? deadline.closesAt
    }

    /// Refuses what the clock does not allow yet: everything that opens.
    public func checkPast(_ now: Instant) throws(Refusal) {
        guard now >= opensAt else { throw Refusal(.notYet, "The deadline has not passed.", possibleAt: opensAt) }
        guard closed != nil else {
            throw Refusal(
                .notYet, "The closing is being written; ask again in a moment.", possibleAt: now.advanced(bySeconds: 1))
        }
        guard !isHeld else {
            throw Refusal(.held, "The platform was not there over the deadline: the buyer reopens the consultation, or waives.")
        }
    }
}
