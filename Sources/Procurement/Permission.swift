/// What can be asked of a consultation over the API.
public enum Action: String, Sendable, CaseIterable {
    case create, view, platform
    case readKeys = "read-keys"
    case setKeys = "set-keys"
    case accept, publish, extend, deposit
    case readClosing = "read-closing"
    case announce, approve, release
    case readBids = "read-bids"
    case conclude
}

/// The product of role × phase × action, as a table that the code reads and that a test walks in full.
///
/// `phases` is nil where no consultation is concerned. A role that is not named gets 403 whether or not the thing
/// exists; a phase that is not named gets 409, after the role was checked.
public struct Permission: Sendable {
    public let roles: Set<Role>
    public let phases: Set<Phase>?

    public static func of(_ action: Action) -> Permission {
        switch action {
        case .create: Permission([.buyer], nil)
        case .platform: Permission(Set(Role.allCases), nil)
        case .view: Permission(Set(Role.allCases), Set(Phase.allCases))
        case .readKeys: Permission([.buyer, .opener], [.sealed, .published, .closed, .opening, .opened, .archived])
        case .setKeys: Permission([.buyer], [.draft, .sealed])
        case .accept: Permission([.opener], [.sealed, .published])
        case .publish: Permission([.buyer], [.sealed])
        case .extend: Permission([.buyer], [.published])
        // A bid after the deadline is received, sealed and marked late, until the consultation is archived.
        case .deposit: Permission([.bidder], [.published, .closed, .opening, .opened])
        case .readClosing: Permission([.buyer, .opener], [.closed, .opening, .opened, .archived])
        // Openings run side by side, so that no single member can block.
        case .announce: Permission([.opener], [.closed, .opening, .opened])
        case .approve: Permission([.opener], [.opening, .opened])
        case .release: Permission([.opener], [.opening, .opened])
        case .readBids: Permission([.opener], [.opening, .opened])
        case .conclude: Permission([.opener], [.opening, .opened])
        }
    }

    private init(_ roles: Set<Role>, _ phases: Set<Phase>?) {
        self.roles = roles
        self.phases = phases
    }

    /// Refuses a principal none of whose roles may do `action`; asked before anything is looked up.
    public static func check(_ principal: Principal, may action: Action) throws(Refusal) {
        guard !principal.roles.isDisjoint(with: of(action).roles) else { throw Refusal(.forbidden) }
    }

    /// Refuses what the phase does not allow.
    public static func check(_ phase: Phase, allows action: Action) throws(Refusal) {
        guard let phases = of(action).phases, !phases.contains(phase) else { return }
        throw Refusal(.phase, "The consultation is \(phase.rawValue): \(action.rawValue) is not possible.")
    }
}
