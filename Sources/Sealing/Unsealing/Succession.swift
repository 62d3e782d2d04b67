public import Canonical

/// How the keys that are in force came from those that were first made: what a tool that pinned the old fingerprint asks for,
/// and an auditor, so that neither takes a platform's word for a new one. Everything in it is checked offline.
public struct Succession: Sendable {
    /// One re-share.
    public struct Link: Sendable {
        /// By a member of the set before.
        public let announcement: Signed
        public let proposed: ProposedCommittee
        /// By members of the set before.
        public let approvals: [Signed]
        public let renewed: Committee
        /// By members of the new set.
        public let acceptances: [Signed]

        public init(
            announcement: Signed, proposed: ProposedCommittee, approvals: [Signed], renewed: Committee, acceptances: [Signed]
        ) {
            self.announcement = announcement
            self.proposed = proposed
            self.approvals = approvals
            self.renewed = renewed
            self.acceptances = acceptances
        }
    }

    /// The set first made.
    public let first: Committee
    /// In order; each was accepted by as many as it takes.
    public let links: [Link]
    /// Dealt, and not in force yet.
    public let pending: Link?

    public init(first: Committee, links: [Link], pending: Link? = nil) {
        self.first = first
        self.links = links
        self.pending = pending
    }

    /// The set in force.
    public var current: Committee { links.last?.renewed ?? first }
    /// Of each set that was ever in force, in order.
    public var fingerprints: [Digest] { [first.fingerprint] + links.map(\.renewed.fingerprint) }

    /// Checks every link: who announced it, that k members of the set before approved it, that the new capsules are the old ones
    /// under the shares of the committee that they approved, and that enough of that committee accepted.
    ///
    /// - Parameter log: `real` or `training`.
    public func verify(log: String) throws(SealingError) {
        var old = first
        for (index, link) in links.enumerated() {
            try verify(link, number: index + 1, after: old, log: log)
            let accepted = try accepted(link, number: index + 1)
            guard accepted >= link.renewed.needed else {
                throw SealingError(
                    .quorum, "re-share \(index + 1): \(accepted) of its members have accepted, and it takes \(link.renewed.needed)")
            }
            old = link.renewed
        }
        if let pending { try verify(pending, number: links.count + 1, after: old, log: log) }
    }

    private func verify(_ link: Link, number: Int, after old: Committee, log: String) throws(SealingError) {
        func wrong(_ code: SealingError.Code, _ reason: String) -> SealingError {
            SealingError(code, "re-share \(number): \(reason)")
        }
        let opening: Opening
        do {
            opening = try old.opening(link.announcement, fingerprint: old.fingerprint, original: first.fingerprint)
        } catch { throw wrong(error.code, "its announcement: \(error.text)") }
        guard opening.purpose == .reshare else { throw wrong(.statement, "what was announced is an opening") }
        guard opening.log == log else { throw wrong(.statement, "it is of another log") }
        guard opening.closing == link.proposed.digest else {
            throw wrong(.statement, "the committee is not the one that its announcement names")
        }
        var approved: Set<Int> = []
        for signed in link.approvals {
            do {
                approved.insert(try old.approval(signed, opening: opening, digest: opening.digest).number)
            } catch { throw wrong(error.code, "an approval: \(error.text)") }
        }
        guard approved.count >= old.k else {
            throw wrong(.quorum, "\(approved.count) members of the set before have approved, and it takes \(old.k)")
        }
        do { try Reshare.check(link.renewed, replaces: old, for: link.proposed) } catch {
            throw wrong(error.code, error.text)
        }
    }

    private func accepted(_ link: Link, number: Int) throws(SealingError) -> Int {
        var accepted: Set<Int> = []
        for signed in link.acceptances {
            do {
                accepted.insert(try link.renewed.acceptance(signed, fingerprint: link.renewed.fingerprint).number)
            } catch { throw SealingError(error.code, "re-share \(number): an acceptance: \(error.text)") }
        }
        return accepted.count
    }
}
