internal import Canonical
internal import OpenSSL

/// The same part keys under new shares: the committee's half C is rebuilt, never the key, for no T′ is there, and dealt anew.
///
/// Runs on the announcer's machine, which holds the whole quorum for that moment. C is gone when it returns.
public enum Reshare {
    /// What an approval lent.
    public struct Lent: Sendable {
        public let number: Int
        public let shares: [PartShare]

        public init(number: Int, shares: [PartShare]) {
            self.number = number
            self.shares = shares
        }
    }

    /// Deals to the committee whose digest the opening names, in capsules that differ from the old ones in members, k and shares
    /// only. Before it returns, C was rebuilt from every new share.
    ///
    /// - Returns: with the shares that were not what was dealt, by member: named, and not used.
    /// - Throws: `.quorum` or `.share` where good shares are missing still: one more approval helps.
    public static func deal(
        _ old: Committee, to proposed: ProposedCommittee, opening: Opening, lent: [Lent], session: borrowing OpeningSession
    ) throws(SealingError) -> (renewed: Committee, wrong: [WrongShare]) {
        guard opening.purpose == .reshare, opening.fingerprint == old.fingerprint else {
            throw SealingError(.statement, "the opening is no re-share of these keys")
        }
        guard opening.closing == proposed.digest else {
            throw SealingError(.statement, "the committee is not the one that the opening names")
        }
        try proposed.check()
        var wrong: [WrongShare] = []
        var capsules: [Capsule] = []
        for capsule in old.capsules {
            let shares = lent.compactMap { lent in
                lent.shares.first { $0.part == capsule.part }
                    .map { OpeningSession.ReceivedShare(number: lent.number, share: $0.share) }
            }
            var found: [WrongShare] = []
            let c = try session.committeeSecret(capsule, shares: shares, &found)
            for share in found where !wrong.contains(share) { wrong.append(share) }
            capsules.append(try renew(capsule, c, to: proposed))
        }
        let keySet = KeySet(
            consultation: old.keySet.consultation,
            parts: capsules.map { .init(part: $0.part, certificate: Digest($0.certificate), capsule: $0.digest) })
        let renewed = try Committee(keySet, capsules)
        try check(renewed, replaces: old, for: proposed)
        return (renewed, wrong)
    }

    private static func renew(
        _ capsule: Capsule, _ c: borrowing Secret, to proposed: ProposedCommittee
    ) throws(SealingError) -> Capsule {
        let (holders, dealt) = try naming(.keys, "part \(capsule.part)") {
            try Ceremony.deal(
                c, k: proposed.k, to: proposed.members, consultation: capsule.consultation, part: capsule.part,
                certificate: capsule.certificate, notBefore: capsule.notBefore)
        }
        let numbers = dealt.numbers
        for first in numbers.indices {
            let rebuilt = dealt.combine((0..<proposed.k).map { numbers[(first + $0) % numbers.count] })
            guard rebuilt.digest == capsule.committeeDigest else {
                throw SealingError(.keys, "part \(capsule.part): the dealt shares do not combine: nothing was kept")
            }
        }
        return Capsule(
            consultation: capsule.consultation, part: capsule.part, notBefore: capsule.notBefore, k: proposed.k,
            certificate: capsule.certificate, sealedKey: capsule.sealedKey, committeeDigest: capsule.committeeDigest,
            platformDigest: capsule.platformDigest, members: holders, timeLock: capsule.timeLock, recovery: capsule.recovery)
    }

    /// Refuses a set that is not the old one under the shares of this committee: every field that is no member's must be byte for
    /// byte the old one, and no share that of the old split. What stands here is asked by the daemon, by every tool and by every
    /// auditor alike.
    public static func check(
        _ renewed: Committee, replaces old: Committee, for proposed: ProposedCommittee
    ) throws(SealingError) {
        guard renewed.keySet.consultation == old.keySet.consultation else {
            throw SealingError(.keys, "the new keys are of another consultation")
        }
        guard renewed.capsules.map(\.part) == old.capsules.map(\.part) else {
            throw SealingError(.keys, "the new keys are of other parts")
        }
        guard renewed.k == proposed.k,
            renewed.members.elementsEqual(proposed.members, by: { member, named in
                member.name.utf8.elementsEqual(named.name.utf8) && member.certificate == named.certificate
                    && member.signing == named.signing
            })
        else { throw SealingError(.keys, "the new keys are dealt to another committee than the one that was signed") }
        for (new, old) in zip(renewed.capsules, old.capsules) {
            func same(_ holds: Bool, _ field: String) throws(SealingError) {
                guard holds else { throw SealingError(.keys, "part \(old.part): `\(field)` is not the old one") }
            }
            try same(new.notBefore == old.notBefore, "notBefore")
            try same(new.certificate == old.certificate, "certificate")
            try same(new.sealedKey == old.sealedKey, "sealedKey")
            try same(new.committeeDigest == old.committeeDigest, "committeeDigest")
            try same(new.platformDigest == old.platformDigest, "platformDigest")
            try same(new.timeLock == old.timeLock, "timeLock")
            try same(new.recovery == old.recovery, "recovery")
            // With a quorum of one every share is C itself.
            guard new.k > 1 || old.k > 1 else { continue }
            let before = Set(old.members.map(\.shareDigest))
            if let member = new.members.first(where: { before.contains($0.shareDigest) }) {
                throw SealingError(
                    .share, "part \(old.part): the share of member \(member.number) is one of the old split: nothing was dealt anew")
            }
        }
    }
}
