import Canonical
import Records

@testable import Procurement

/// Openings and re-shares of the story.
extension Story {
    func announced() -> [any Fact] {
        [announcement(opening), approved(3), approved(1)]
    }

    func announcement(_ opening: Identifier, committee: Digest? = nil) -> any Fact {
        OpeningAnnounced(
            consultation: consultation, opening: opening, user: openerUser, digest: digest(0x65),
            announcement: digestOf(Story.object.announcement), announcer: 3, session: digest(0x66),
            parts: ["application", "offer"], committee: committee)
    }

    /// One re-share that comes into force, and another that has dealt.
    func reshared() -> [any Fact] {
        [
            announcement(reshare, committee: digestOf(Story.object.committee)), approved(1, reshare), approved(3, reshare),
            SharesReleased(consultation: consultation, opening: reshare, user: openerUser, approvals: [1, 3]),
            dealt(newFingerprint, by: reshare, replaces: fingerprint),
        ]
    }

    func replaced() -> [any Fact] {
        [
            accepted(newFingerprint, 1), accepted(newFingerprint, 4), accepted(newFingerprint, 2),
            KeysReplaced(
                consultation: consultation, opening: reshare, fingerprint: newFingerprint, replaces: fingerprint,
                original: fingerprint, accepted: [1, 2, 4]),
            announcement(pendingReshare, committee: digestOf(Story.object.committee)),
            SharesReleased(consultation: consultation, opening: pendingReshare, user: openerUser, approvals: [1, 2]),
            dealt(pendingFingerprint, by: pendingReshare, replaces: newFingerprint), accepted(pendingFingerprint, 2),
        ]
    }

    /// Keys beside those, and others that wait.
    func added() -> [any Fact] {
        [
            keys(addedFingerprint, secret: digest(0x68)), accepted(addedFingerprint, 1), accepted(addedFingerprint, 2),
            KeysAdded(
                consultation: consultation, user: buyerUser, fingerprint: addedFingerprint, replaces: fingerprint, grounds: "Volée."),
            keys(proposedFingerprint, secret: digest(0x69)), accepted(proposedFingerprint, 3),
        ]
    }

    private func dealt(_ fingerprint: Digest, by opening: Identifier, replaces: Digest) -> any Fact {
        KeysReshared(
            consultation: consultation, opening: opening, user: openerUser, fingerprint: fingerprint, replaces: replaces,
            original: self.fingerprint, committee: digestOf(Story.object.committee), k: 2, n: 4, notBefore: deadline,
            parts: newParts)
    }

    var newParts: [KeysSet.Part] {
        ["application", "offer"].map {
            KeysSet.Part(
                part: $0, certificate: digest(0x62), capsule: digestOf(Story.object.newCapsule), secret: digest(0x61))
        }
    }

    private func approved(_ member: Int, _ opening: Identifier? = nil) -> any Fact {
        OpeningApproved(
            consultation: consultation, opening: opening ?? self.opening, user: openerUser, member: member, memberInstant: extended,
            approval: digestOf(Story.object.approval), shares: shares)
    }

    var shares: [OpeningApproved.Share] {
        ["application", "offer"].map { OpeningApproved.Share(part: $0, share: digestOf(Story.object.share)) }
    }

    func concluded() -> [any Fact] {
        [
            OpeningReleased(consultation: consultation, opening: opening, user: openerUser, approvals: [3, 1]),
            BidRead(consultation: consultation, opening: opening, bid: first, user: openerUser),
            BidRead(consultation: consultation, opening: opening, bid: first, user: openerUser),
            OpeningConcluded(
                consultation: consultation, opening: opening, user: openerUser, announcer: 3,
                minutes: digestOf(Story.object.minutes), opened: [first], failed: [again]),
            MinutesExtracted(
                consultation: consultation, opening: opening, minutes: digestOf(Story.object.minutes),
                extract: digestOf(Story.object.extract)),
        ]
    }
}
