import Canonical
import OpenSSL

@testable import Sealing

/// A re-share of a story's keys: who announced it, who approved, what was dealt, who accepted.
struct Reshared {
    static let newcomers = [Story.Holder("Diane"), Story.Holder("Émile")]
    /// Chloé leaves, Diane comes; before the deadline.
    static let before = Story.deadline.advanced(bySeconds: -3600)

    let old: Committee
    let original: Digest
    let holders: [Story.Holder]
    let proposed: ProposedCommittee
    let announcement: Signed
    let opening: Opening
    let approvals: [(signed: Signed, shares: [PartShare])]
    let renewed: Committee
    let wrong: [WrongShare]

    static func propose(_ holders: [Story.Holder], k: Int) -> ProposedCommittee {
        ProposedCommittee(
            k: k, members: holders.map { CommitteeMember(name: $0.certificate.commonName!, certificate: $0.certificate) })
    }

    /// - Parameters:
    ///   - holders: of the set before, by number.
    ///   - approvers: their numbers; the first announces.
    init(
        _ old: Committee, original: Digest? = nil, of before: [Story.Holder] = Story.members,
        to holders: [Story.Holder] = [Story.members[0], Story.members[1], newcomers[0]], k: Int = 2, approvedBy approvers: [Int] = [2, 1]
    ) throws {
        self.old = old
        self.original = original ?? old.fingerprint
        self.holders = holders
        proposed = Self.propose(holders, k: k)
        let session = try OpeningSession(now: Self.before)
        announcement = try before[approvers[0] - 1].member.announceReshare(
            old, to: proposed, fingerprint: old.fingerprint, original: self.original, log: "real", deadline: Story.deadline,
            session: session.certificate)
        opening = try announcement.verified(as: Opening.self)
        var approvals: [(signed: Signed, shares: [PartShare])] = []
        for number in approvers {
            approvals.append(
                try before[number - 1].member.approveReshare(
                    announcement, committee: old, fingerprint: old.fingerprint, original: self.original, proposed: proposed,
                    now: Self.before))
        }
        self.approvals = approvals
        let lent = zip(approvers, approvals).map { Reshare.Lent(number: $0, shares: $1.shares) }
        (renewed, wrong) = try Reshare.deal(old, to: proposed, opening: opening, lent: lent, session: session)
    }

    func acceptances(_ numbers: [Int]) throws -> [Signed] {
        try numbers.map { try holders[$0 - 1].member.accept(renewed, fingerprint: renewed.fingerprint) }
    }

    func link(
        announcement: Signed? = nil, proposed: ProposedCommittee? = nil, approvals: [Signed]? = nil, renewed: Committee? = nil,
        acceptances: [Signed]? = nil
    ) throws -> Succession.Link {
        Succession.Link(
            announcement: announcement ?? self.announcement, proposed: proposed ?? self.proposed,
            approvals: approvals ?? self.approvals.map(\.signed), renewed: renewed ?? self.renewed,
            acceptances: try acceptances ?? self.acceptances(Array(1...self.renewed.needed)))
    }

    /// The renewed set with one field of one capsule as a liar would have it.
    func renewed(_ change: (Capsule) throws -> Capsule) throws -> Committee {
        let capsules = try renewed.capsules.map(change)
        return try Committee(
            KeySet(
                consultation: capsules[0].consultation,
                parts: capsules.map { .init(part: $0.part, certificate: Digest($0.certificate), capsule: $0.digest) }), capsules)
    }
}

extension Capsule {
    /// The same but for what is given.
    func with(
        consultation: Identifier? = nil, notBefore: Instant? = nil, k: Int? = nil, certificate: Certificate? = nil,
        sealedKey: [UInt8]? = nil, committeeDigest: Digest? = nil, platformDigest: Digest? = nil, members: [Member]? = nil,
        timeLock: SealedPlatformSecret? = nil, recovery: SealedPlatformSecret?? = nil
    ) -> Capsule {
        Capsule(
            consultation: consultation ?? self.consultation, part: part, notBefore: notBefore ?? self.notBefore, k: k ?? self.k,
            certificate: certificate ?? self.certificate, sealedKey: sealedKey ?? self.sealedKey,
            committeeDigest: committeeDigest ?? self.committeeDigest, platformDigest: platformDigest ?? self.platformDigest,
            members: members ?? self.members, timeLock: timeLock ?? self.timeLock, recovery: recovery ?? self.recovery)
    }
}
