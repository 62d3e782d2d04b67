public import Canonical
public import OpenSSL

extension Member {
    /// Announces a re-share, of every part: to whom it will deal stands in what is signed.
    ///
    /// - Parameters:
    ///   - original: fingerprint of the set first made, where another re-share came before.
    ///   - deadline: the present one. It says which version of the consultation is meant; nothing waits for it.
    ///   - session: of the ``OpeningSession`` that will deal.
    public func announceReshare(
        _ committee: Committee, to proposed: ProposedCommittee, fingerprint: Digest, original: Digest? = nil, log: String,
        deadline: Instant, session: Certificate
    ) throws(SealingError) -> Signed {
        try proposed.check()
        return try announce(
            .reshare, committee, fingerprint: fingerprint, log: log, deadline: deadline, closing: proposed.digest,
            session: session, parts: nil, original: original)
    }

    /// Approves a re-share: checks who announced it, for which keys, and that it deals to the committee that this member's person
    /// has seen by name and certificate, and confirmed; then re-seals each share to the session. No clock is asked: without
    /// T′ the shares open nothing.
    public func approveReshare(
        _ announcement: Signed, committee: Committee, fingerprint: Digest, original: Digest? = nil,
        proposed: ProposedCommittee, now: Instant
    ) throws(SealingError) -> (signed: Signed, shares: [PartShare]) {
        let opening = try committee.opening(announcement, fingerprint: fingerprint, original: original)
        guard opening.purpose == .reshare else {
            throw SealingError(.statement, "what was announced is an opening, not a re-share")
        }
        guard opening.closing == proposed.digest else {
            throw SealingError(.statement, "the re-share deals to another committee than the one confirmed")
        }
        try proposed.check()
        return try lend(opening, committee, now: now)
    }
}
