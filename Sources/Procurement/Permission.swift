/// What can be asked of a consultation over the API. The words stand in `refused` events.
public enum Action: String, Sendable, CaseIterable {
    case create, view, platform, timestamp
    case readKeys = "read-keys"
    case setKeys = "set-keys"
    /// Another key set, for bids to come.
    case addKeys = "add-keys"
    case accept, publish, extend, deposit
    case readReceipt = "read-receipt"
    case readClosing = "read-closing"
    case announce
    /// The same keys under a new committee's shares.
    case reshare
    case readOpenings = "read-openings"
    case approve, release
    case readBids = "read-bids"
    case conclude
    /// Reading the log's entries.
    case audit
    case readClock = "read-clock"
    case readLine = "read-line"
    case reopen, waive, disclose
    /// A bid that came late is read, by a decision.
    case admitLate = "admit-late"
    case readAttempt = "read-attempt"
    case attestHealth = "attest-health"
    case unfreeze, archive
    /// The host's keys: their time, and what needs them.
    case readHostKeys = "read-host-keys"
    case withdraw
    case stateIntent = "state-intent"
    case readNotices = "read-notices"
    case registerCopy = "register-copy"
    case decideCopy = "decide-copy"
    /// A receipt, after a loss.
    case present
    case readPresented = "read-presented"
    case rehearse
    /// Where a key holds shares.
    case readShares = "read-shares"
    case readReminders = "read-reminders"
    case setCommittee = "set-committee"
    case readCommittees = "read-committees"
}

/// The product of role × phase × action, as a table that the code reads and that a test walks in full.
///
/// A role that stands in no row gets 403 whether or not the thing exists; a phase in which the role has no row gets 409,
/// after the role was checked.
public struct Permission: Sendable {
    let roles: Set<Role>
    /// nil where no consultation is concerned.
    let phases: Set<Phase>?

    static func rows(of action: Action) -> [Permission] {
        switch action {
        case .create: [Permission([.buyer], nil)]
        // Of the vault's own account alone: the log is of all buyers together.
        case .audit: [Permission([.auditor], nil)]
        case .platform, .timestamp: [Permission(Set(Role.allCases), nil)]
        case .readClock, .readHostKeys: [Permission([.operator, .admin], nil)]
        // A draft is the business of those who prepare it and answer for it; the host's operator sees no procedure.
        case .view:
            [
                Permission(Set(Role.allCases), [.published, .closed, .opening, .opened, .archived]),
                Permission([.buyer, .validator, .opener, .auditor], [.draft, .sealed]),
            ]
        case .readKeys: [Permission([.buyer, .opener], [.sealed, .published, .closed, .opening, .opened, .archived])]
        // Once published it proposes another set, for bids to come.
        case .setKeys: [Permission([.buyer], [.draft, .sealed, .published])]
        case .addKeys: [Permission([.buyer], [.published])]
        // After the deadline too: a member whose acceptance is missing does not count, and may still be needed.
        case .accept: [Permission([.opener], [.sealed, .published, .closed, .opening, .opened])]
        case .publish: [Permission([.buyer], [.sealed])]
        case .extend: [Permission([.buyer], [.published])]
        // A bid after the deadline is received, sealed and marked late, until the consultation is archived.
        case .deposit: [Permission([.bidder], [.published, .closed, .opening, .opened])]
        // Its depositor's alone, which the rules ask besides; kept as long as the register is.
        case .readReceipt: [Permission([.bidder], [.published, .closed, .opening, .opened, .archived])]
        // A bidder once it is disclosed.
        case .readClosing: [Permission([.buyer, .opener, .bidder], [.closed, .opening, .opened, .archived])]
        // After a reopening the line of the statement before it stays readable.
        case .readLine: [Permission([.bidder], [.published, .closed, .opening, .opened, .archived])]
        case .disclose: [Permission([.buyer], [.closed, .opening, .opened, .archived])]
        // A fault of the platform, as long as nothing was released.
        case .reopen, .waive: [Permission([.buyer], [.closed, .opening])]
        // Lateness holds until the consultation is archived; a court may order later than the first opening.
        case .admitLate: [Permission([.buyer], [.closed, .opening, .opened])]
        // Openings run side by side, so that no single member can block.
        case .announce: [Permission([.opener], [.closed, .opening, .opened])]
        // Before the deadline too, and before publication: it opens nothing.
        case .reshare: [Permission([.opener], [.sealed, .published, .closed, .opening, .opened])]
        // Before the deadline there are none, and the list says so.
        case .readOpenings: [Permission([.buyer, .opener], Set(Phase.allCases))]
        case .approve, .release, .readBids, .conclude: [Permission([.opener], [.opening, .opened])]
        case .unfreeze: [Permission([.buyer], [.published, .closed, .opening, .opened])]
        // One that closed and never opened may be given up, with a reason.
        case .archive: [Permission([.buyer], [.closed, .opening, .opened])]
        // After the deadline nothing of a bid changes.
        case .withdraw, .stateIntent: [Permission([.bidder], [.published])]
        // It may come as long as bids may; what it is for is known once they are opened.
        case .registerCopy: [Permission([.buyer], [.published, .closed, .opening, .opened, .archived])]
        case .decideCopy: [Permission([.buyer], [.closed, .opening, .opened, .archived])]
        case .readNotices: [Permission([.bidder], nil)]
        // In any phase, and of a consultation that is lost itself.
        case .present: [Permission([.buyer, .bidder], nil)]
        // They tell who deposited: not before the list of bids is closed.
        case .readPresented: [Permission([.buyer, .opener, .auditor], [.closed, .opening, .opened, .archived])]
        // Of its own account alone: that is asked of the attempt.
        case .readAttempt: [Permission([.bidder], nil)]
        case .attestHealth: [Permission([.admin], nil)]
        // As long as the share may be needed.
        case .rehearse: [Permission([.opener], [.sealed, .published, .closed, .opening, .opened])]
        // Of its own account alone, all of these.
        case .readShares: [Permission([.opener], nil)]
        case .readReminders: [Permission([.admin, .buyer, .opener], nil)]
        // An admin manages the keys of the account; a buyer seals to them, a member sees where it stands.
        case .setCommittee: [Permission([.admin], nil)]
        case .readCommittees: [Permission([.admin, .buyer, .opener], nil)]
        }
    }

    private init(_ roles: Set<Role>, _ phases: Set<Phase>?) {
        self.roles = roles
        self.phases = phases
    }

    /// Whether one of `roles` may do `action` in `phase`; nil asks for none.
    public static func allows(_ action: Action, to roles: Set<Role>, in phase: Phase?) -> Bool {
        rows(of: action).contains { row in
            !row.roles.isDisjoint(with: roles) && (row.phases.map { phases in phase.map(phases.contains) ?? false } ?? true)
        }
    }

    /// Refuses a principal none of whose roles may ever do `action`; asked before anything is looked up.
    public static func check(_ principal: Principal, may action: Action) throws(Refusal) {
        guard rows(of: action).contains(where: { !$0.roles.isDisjoint(with: principal.roles) }) else {
            throw Refusal(.forbidden)
        }
    }

    /// Refuses what the phase does not allow to this principal.
    static func check(_ principal: Principal, may action: Action, in phase: Phase) throws(Refusal) {
        guard allows(action, to: principal.roles, in: phase) else {
            throw Refusal(.phase, "The consultation is \(phase.rawValue): \(action.rawValue) is not possible.")
        }
    }
}
