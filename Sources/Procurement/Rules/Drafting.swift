public import Canonical

/// How many drafts one depositor may have open in one consultation.
extension Standing {
    public static let mostDrafts = 100
}

extension Consultation {
    /// A draft, decided in the transaction that records it.
    ///
    /// - Parameter open: how many drafts this depositor has here already.
    public func opening(
        draft bid: Identifier, by principal: Principal, bidCode: Digest, started: Instant, awaited: Int64?, intent: Intent,
        sealedBy: SealedBy, open: Int
    ) throws(Refusal) -> DraftOpened {
        try checkDeposit(by: principal)
        guard let keys else { throw Refusal(.notFound) }
        guard open < Standing.mostDrafts else {
            throw Refusal(.busy, "There may be \(Standing.mostDrafts) drafts of one depositor; submit or drop one.")
        }
        if let awaited, !(1...limits.documents).contains(awaited) {
            throw Refusal(.tooLarge, "A bid may have \(limits.documents) documents.")
        }
        guard awaited == nil || sealedBy == .platform else {
            throw Refusal(.invalid, "submitAfter: a bid that its bidder seals is submitted with its seal.")
        }
        return DraftOpened(
            bid: bid, consultation: id, account: principal.account, user: principal.user, keys: keys.original,
            bidCode: bidCode, started: started, awaited: awaited, intent: intent, sealedBy: sealedBy)
    }

    /// A draft is its depositor's: for every other account it does not exist. Its documents and its submission want the bid code
    /// besides, which a stolen session does not have.
    ///
    /// - Parameter code: digest of the code that came; nil where none did.
    public func check(_ draft: DraftEntry, for principal: Principal, code: Digest?) throws(Refusal) {
        try Permission.check(principal, may: .deposit)
        guard draft.depositor == principal.account, draft.consultation == id else { throw Refusal(.notFound) }
        guard let code, code == draft.bidCode else { throw Refusal(.forbidden, "The bid code is needed.") }
    }

    /// The same where the draft is to change.
    public func checkChange(of draft: DraftEntry, by principal: Principal, code: Digest?) throws(Refusal) {
        try check(draft, for: principal, code: code)
        guard draft.state == .open else { throw Refusal(.gone, "This draft was \(draft.state.rawValue).") }
        try checkDeposit(by: principal)
        // It is finished under the keys that it began with, whatever was added since.
        guard keySet(original: draft.keys) != nil else {
            throw Refusal(.keys, "The key set was replaced since this draft was opened; open another.")
        }
    }
}
