import Procurement

extension Samples {
    /// What members do with their shares, and the committees they sit in.
    static let members = [
        event(
            "key-accepted.paper",
            KeyAccepted(
                consultation: Scene.id, user: Scene.opener.user, fingerprint: Scene.fingerprint, member: 255,
                acceptance: Scene.digest(0xac), isPaper: true)),
        event(
            "share-rehearsed",
            ShareRehearsed(
                consultation: Scene.id, user: Scene.opener.user, fingerprint: Scene.fingerprint, member: 2,
                memberInstant: Scene.before, rehearsal: Scene.digest(0x4e), isPaper: true)),
        event(
            "share-rehearsed.least",
            ShareRehearsed(
                consultation: Scene.id, user: Scene.opener.user, fingerprint: Scene.fingerprint, member: 2,
                memberInstant: Scene.before, rehearsal: Scene.digest(0x4e))),
        event("rehearsal-due", RehearsalDue(consultation: Scene.id, fingerprint: Scene.fingerprint, member: 3, since: Scene.before)),
        event(
            "committee-set",
            CommitteeSet(account: Scene.commune, user: Scene.buyer.user, name: "cao", committee: Scene.digest(0x5c))),
        event(
            "opening-approved.paper",
            OpeningApproved(
                consultation: Scene.id, opening: Scene.identifier(0xe1), user: Scene.otherOpener.user, member: 2,
                memberInstant: Scene.closes, approval: Scene.digest(0xaa),
                shares: [.init(part: "offer", share: Scene.digest(0x54))], isPaper: true)),
    ]
}
