public import Canonical

extension Fact {
    /// The objects that this event names, and that the register must hold. Persons are not among them: they may be
    /// erased.
    public var objects: [Digest] {
        switch self {
        case let fact as KeysSet: [fact.fingerprint] + fact.parts.map(\.capsule)
        case let fact as KeyAccepted: [fact.acceptance]
        case let fact as ShareRehearsed: [fact.rehearsal]
        case let fact as CommitteeSet: [fact.committee]
        case let fact as BidReceived: fact.outcome.map { [$0.answer] } ?? []
        case let fact as ReceiptKept: [fact.manifests] + (fact.tokenManifests.map { [$0] } ?? [])
        case let fact as OpeningAnnounced: [fact.announcement] + (fact.committee.map { [$0] } ?? [])
        case let fact as KeysReshared: [fact.fingerprint, fact.committee] + fact.parts.map(\.capsule)
        case let fact as OpeningApproved: [fact.approval] + fact.shares.map(\.share)
        case let fact as OpeningConcluded: [fact.minutes]
        case let fact as Timestamped: [fact.token]
        case let fact as MinutesExtracted: [fact.minutes, fact.extract]
        case let fact as Health: [fact.samples]
        case let fact as Attested: [fact.statement]
        case let fact as ReceiptPresented: [fact.container]
        case let fact as PlatformSecretRestored: [fact.sealed]
        default: []
        }
    }
}
