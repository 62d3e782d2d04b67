/// What a user may be asked to do. A user holds one or more; the checks are in ``Permission``.
public enum Role: String, Sendable, CaseIterable {
    case `operator`, admin, buyer, validator, opener, auditor, bidder
}

/// What an account is: the agglomeration that runs the vault, a commune it serves, or a company that deposits.
public enum AccountKind: String, Sendable {
    case holder, member, company
}
