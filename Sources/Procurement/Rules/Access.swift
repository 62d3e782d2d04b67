public import Canonical

extension Consultation {
    /// Whether its existence is public knowledge.
    public var isPublic: Bool { published }

    /// Refuses what this principal may not do here: its role first, then whose consultation it is, then the phase.
    ///
    /// A consultation that is not yet published does not exist for anybody outside its account: 404, as an unknown one.
    public func check(_ principal: Principal, may action: Action) throws(Refusal) {
        try Permission.check(principal, may: action)
        let isOurs = principal.account == account && principal.kind != .company
        guard isPublic || isOurs else { throw Refusal(.notFound) }
        if action != .deposit && action != .view {
            guard isOurs else { throw Refusal(.forbidden) }
        }
        try Permission.check(phase, allows: action)
    }

    /// Refuses what the clock does not allow yet: everything that opens, until the second of the deadline is over.
    public func checkPast(_ now: Instant) throws(Refusal) {
        let earliest = keys.map { max($0.notBefore, deadline.closesAt) } ?? deadline.closesAt
        guard now >= earliest else {
            throw Refusal(.notYet, "The deadline has not passed.", possibleAt: earliest)
        }
        guard closed != nil else {
            throw Refusal(.notYet, "The closing is being written; ask again in a moment.", possibleAt: earliest)
        }
    }
}
