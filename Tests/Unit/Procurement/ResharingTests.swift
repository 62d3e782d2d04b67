import Canonical
import Procurement
import Testing

@Suite("The same keys for another committee")
struct ResharingTests {
    private static let committee = Scene.digest(0xc0)
    private static let renewed = Scene.digest(0xf2)
    private let published = Scene.consultation(.published)

    private func announce(
        _ announcement: Consultation.Announcement = Scene.announcement(closing: committee), _ consultation: Consultation? = nil,
        to committee: Digest = committee, among openings: [OpeningState] = [], isTaken: Bool = false,
        by principal: Principal = Scene.opener
    ) throws(Refusal) -> OpeningAnnounced {
        try (consultation ?? published).announcingReshare(
            announcement, to: committee, among: openings, isTaken: isTaken, by: principal)
    }

    @Test func itWaitsForNothing() throws {
        for phase in [Phase.sealed, .published, .closed, .opening, .opened] {
            var consultation = Scene.consultation(phase)
            // Neither a loss nor an outage stops it: it opens nothing.
            consultation.frozen = true
            consultation.isHeld = true
            #expect(try announce(consultation: consultation).committee == Self.committee, "\(phase)")
        }
        for phase in [Phase.draft, .archived] {
            #expect(refusal { () throws(Refusal) in try announce(consultation: Scene.consultation(phase)) }?.kind == .phase)
        }
        #expect(refusal { () throws(Refusal) in try announce(by: Scene.strangeOpener) }?.kind == .forbidden)
        for role in Role.allCases where role != .opener {
            #expect(refusal { () throws(Refusal) in try announce(by: Scene.principal(role)) }?.kind == .forbidden)
        }
    }

    private func announce(consultation: Consultation) throws(Refusal) -> OpeningAnnounced {
        try announce(Scene.announcement(closing: Self.committee), consultation)
    }

    @Test func itIsOfThisConsultationAsItStands() {
        func kind(_ announcement: Consultation.Announcement, to committee: Digest = Self.committee) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try announce(announcement, to: committee) }?.kind
        }
        #expect(kind(Scene.announcement(fingerprint: Scene.digest(9), closing: Self.committee)) == .fingerprint)
        #expect(kind(Scene.announcement(log: .training, closing: Self.committee)) == .invalid)
        #expect(kind(Scene.announcement(deadline: Scene.before, closing: Self.committee)) == .invalid)
        #expect(kind(Scene.announcement(closing: Scene.digest(9))) == .invalid)
        #expect(kind(Scene.announcement(closing: Self.committee), to: Scene.digest(9)) == .invalid)
        #expect(kind(Scene.announcement(closing: Self.committee, parts: ["other"])) == .invalid)
        #expect(kind(Scene.announcement(closing: Self.committee, announcer: 4)) == .notAMember)
        #expect(refusal { () throws(Refusal) in try announce(isTaken: true) }?.kind == .alreadyDone)
        // Floods of one purpose do not hinder the other.
        let openings = (0..<Consultation.mostOpenings).map { Scene.opening(UInt8($0)) }
        #expect(refusal { () throws(Refusal) in try announce(among: openings) } == nil)
        let own = (0..<Consultation.mostOpenings).map { Scene.opening(UInt8($0), committee: Self.committee) }
        #expect(refusal { () throws(Refusal) in try announce(among: own) }?.kind == .forbidden)
        let before = own.map { _ in Scene.opening(keys: Scene.digest(0x0d), committee: Self.committee) }
        #expect(refusal { () throws(Refusal) in try announce(among: before) } == nil)
    }

    @Test func approvalsOfMembersWhoAcceptedAtAnyTime() throws {
        let state = Scene.opening(committee: Self.committee)
        func approve(_ state: OpeningState, _ consultation: Consultation, member: Int = 2) throws(Refusal) -> OpeningApproved {
            try consultation.approving(
                state, member: member, memberInstant: Scene.before, approval: Scene.digest(0xaa),
                shares: [.init(part: "offer", share: Scene.digest(0x54))], by: Scene.otherOpener, now: Scene.before)
        }
        #expect(try approve(state, published).member == 2)
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(), published) }?.kind != nil)
        let without = Scene.consultation(.published, keys: Scene.keys(accepted: [1, 3]))
        #expect(refusal { () throws(Refusal) in try approve(state, without) }?.kind == .notAMember)
        let replaced = Scene.opening(keys: Scene.digest(0x0d), committee: Self.committee)
        #expect(refusal { () throws(Refusal) in try approve(replaced, published) }?.kind == .fingerprint)
        #expect(
            refusal { () throws(Refusal) in try approve(Scene.opening(committee: Self.committee, approvals: [2]), published) }?.kind
                == .alreadyDone)
    }

    @Test func aQuorumReleasesItsSharesToTheAnnouncer() throws {
        let state = Scene.opening(committee: Self.committee, approvals: [3, 1])
        #expect(try published.releasingShares(state, by: Scene.opener)?.approvals == [3, 1])
        let released = Scene.opening(committee: Self.committee, approvals: [3, 1], released: true)
        #expect(try published.releasingShares(released, by: Scene.opener) == nil)
        let one = Scene.opening(committee: Self.committee, approvals: [3])
        #expect(refusal { () throws(Refusal) in try published.releasingShares(one, by: Scene.opener) }?.kind == .quorum)
        #expect(refusal { () throws(Refusal) in try published.releasingShares(state, by: Scene.otherOpener) }?.kind == .forbidden)
        // Neither is released as the other.
        #expect(refusal { () throws(Refusal) in try published.releasingShares(Scene.opening(approvals: [1, 2]), by: Scene.opener) }?.kind == .notFound)
        let opening = Scene.consultation(.opening)
        #expect(refusal { () throws(Refusal) in try opening.releasing(state, by: Scene.opener, now: Scene.after) }?.kind == .notFound)
        #expect(refusal { () throws(Refusal) in try opening.checkReading(released, by: Scene.opener) }?.kind == .notFound)
    }

    private func reshare(
        _ consultation: Consultation? = nil, _ state: OpeningState? = nil, fingerprint: Digest = renewed,
        replaces: Digest = Scene.fingerprint, parts: [KeysSet.Part] = newParts, k: Int = 2, n: Int = 4,
        among openings: [OpeningState] = [], by principal: Principal = Scene.opener
    ) throws(Refusal) -> KeysReshared? {
        let state = state ?? Scene.opening(committee: Self.committee, approvals: [1, 2], released: true)
        return try (consultation ?? published).resharing(
            state, fingerprint: fingerprint, replaces: replaces, k: k, n: n, parts: parts,
            among: openings.isEmpty ? [state] : openings, by: principal)
    }

    private static let newParts = Scene.keyParts(["offer"]).map {
        KeysSet.Part(part: $0.part, certificate: $0.certificate, capsule: Scene.digest(0x29), secret: $0.secret)
    }

    @Test func theNewSetIsTheOldOneInNewCapsules() throws {
        let fact = try #require(try reshare())
        #expect(fact.fingerprint == Self.renewed && fact.replaces == Scene.fingerprint && fact.original == Scene.fingerprint)
        #expect(fact.committee == Self.committee && fact.k == 2 && fact.n == 4 && fact.notBefore == Scene.deadline)
        func kind(_ body: () throws(Refusal) -> KeysReshared?) -> Refusal.Kind? { refusal(body)?.kind }
        let part = Self.newParts[0]
        for other in [
            KeysSet.Part(part: "other", certificate: part.certificate, capsule: part.capsule, secret: part.secret),
            KeysSet.Part(part: "offer", certificate: Scene.digest(1), capsule: part.capsule, secret: part.secret),
            KeysSet.Part(part: "offer", certificate: part.certificate, capsule: part.capsule, secret: Scene.digest(1)),
            KeysSet.Part(part: "offer", certificate: part.certificate, capsule: Scene.digest(0x20), secret: part.secret),
        ] {
            #expect(kind { () throws(Refusal) in try reshare(parts: [other]) } == .keys)
        }
        #expect(kind { () throws(Refusal) in try reshare(parts: []) } == .keys)
        #expect(kind { () throws(Refusal) in try reshare(k: 5) } == .keys)
        #expect(kind { () throws(Refusal) in try reshare(n: 256) } == .keys)
        #expect(kind { () throws(Refusal) in try reshare(fingerprint: Scene.fingerprint) } == .fingerprint)
        #expect(kind { () throws(Refusal) in try reshare(replaces: Scene.digest(9)) } == .fingerprint)
        #expect(kind { () throws(Refusal) in try reshare(by: Scene.otherOpener) } == .forbidden)
        let unreleased = Scene.opening(committee: Self.committee, approvals: [1, 2])
        #expect(kind { () throws(Refusal) in try reshare(nil, unreleased) } == .quorum)
        let ended = Scene.opening(committee: Self.committee, approvals: [1, 2], released: true, concluded: true)
        #expect(kind { () throws(Refusal) in try reshare(nil, ended) } == .phase)
        #expect(kind { () throws(Refusal) in try reshare(nil, Scene.opening(approvals: [1, 2], released: true)) } == .notFound)
    }

    private func pending(_ fingerprint: Digest = renewed, by opening: UInt8 = 0xe2, accepted: [Int] = []) -> Consultation {
        var consultation = published
        consultation.pending = Consultation.PendingKeys(
            Consultation.Keys(
                fingerprint: fingerprint, original: Scene.fingerprint, k: 2, n: 4, notBefore: Scene.deadline, parts: Self.newParts,
                accepted: accepted), dealtBy: Scene.identifier(opening))
        return consultation
    }

    @Test func whatWasAnnouncedLaterTakesThePlace() throws {
        let (one, two) = (
            Scene.opening(0xe2, committee: Self.committee, approvals: [1, 2], released: true, concluded: true),
            Scene.opening(0xe3, committee: Self.committee, approvals: [1, 2], released: true)
        )
        #expect(try reshare(pending(), two, fingerprint: Scene.digest(0xf3), among: [one, two])?.fingerprint == Scene.digest(0xf3))
        #expect(refusal { () throws(Refusal) in try reshare(pending(), two, fingerprint: Scene.digest(0xf3), among: [two, one]) }?.kind == .alreadyDone)
        // The same again is no event.
        #expect(try reshare(pending(), one, among: [one, two]) == nil)
        #expect(refusal { () throws(Refusal) in try reshare(pending(), one, among: [one, two], by: Scene.otherOpener) }?.kind == .forbidden)
    }

    @Test func theAcceptanceThatCompletesItPutsItInForce() throws {
        func accept(_ member: Int, _ consultation: Consultation) throws(Refusal) -> KeyAccepted {
            try consultation.accepting(by: Scene.opener, fingerprint: Self.renewed, member: member, acceptance: Scene.digest(0xac))
        }
        let (one, two) = (pending(accepted: [4]), pending(accepted: [1, 4]))
        #expect(one.replacing(after: try accept(2, one)) == nil)
        let replaced = try #require(two.replacing(after: try accept(2, two)))
        #expect(replaced.accepted == [1, 2, 4] && replaced.fingerprint == Self.renewed && replaced.replaces == Scene.fingerprint)
        #expect(replaced.original == Scene.fingerprint && replaced.opening == Scene.identifier(0xe2))
        #expect(refusal { () throws(Refusal) in try accept(4, two) }?.kind == .alreadyDone)
        #expect(refusal { () throws(Refusal) in try accept(5, two) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try accept(2, published) }?.kind == .fingerprint)
        // One of the set in force replaces nothing.
        var late = Scene.consultation(.published, keys: Scene.keys(accepted: [2, 3]))
        late.pending = two.pending
        let old = try late.accepting(by: Scene.opener, fingerprint: Scene.fingerprint, member: 1, acceptance: Scene.digest(0xac))
        #expect(late.replacing(after: old) == nil)
    }
}
