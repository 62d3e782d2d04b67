import Canonical
import Procurement
import Testing

@Suite("Keys added once bids may have come")
struct AddingKeysTests {
    private static let added = Scene.digest(0xf2)

    private static func set(
        _ fingerprint: Digest = added, original: Digest? = nil, k: Int = 2, n: Int = 3, first: UInt8 = 0x40, accepted: [Int] = [1, 2, 3]
    ) -> Consultation.Keys {
        Consultation.Keys(
            fingerprint: fingerprint, original: original, k: k, n: n, notBefore: Scene.deadline,
            parts: [
                KeysSet.Part(
                    part: "offer", certificate: Scene.digest(first), capsule: Scene.digest(first + 1), secret: Scene.digest(first + 2))
            ], accepted: accepted)
    }

    /// Published, with a set that waits.
    private static func proposing(_ keys: Consultation.Keys? = set()) -> Consultation {
        var consultation = Scene.consultation(.published)
        consultation.proposed = keys
        return consultation
    }

    /// The scene's keys are the earlier ones.
    private static func holding(_ phase: Phase = .closed) -> Consultation {
        var consultation = Scene.consultation(phase)
        consultation.earlier = consultation.keys.map { [.init($0)] } ?? []
        consultation.keys = set()
        return consultation
    }

    private func add(
        to consultation: Consultation = proposing(), _ fingerprint: Digest = added, grounds: String = "Une clé a été volée.",
        by principal: Principal = Scene.buyer, now: Instant = Scene.before
    ) throws(Refusal) -> KeysAdded? {
        try consultation.addingKeys(by: principal, fingerprint: fingerprint, grounds: grounds, now: now)
    }

    private func kind<Value>(_ body: () throws(Refusal) -> Value) -> Refusal.Kind? { refusal { () throws(Refusal) in _ = try body() }?.kind }

    // MARK: Proposing

    private func propose(
        _ fingerprint: Digest = added, first: UInt8 = 0x40, to consultation: Consultation = Scene.consultation(.published), secret: UInt8? = nil
    ) throws(Refusal) -> KeysSet? {
        var parts = Self.set(first: first).parts
        if let secret {
            parts = parts.map {
                KeysSet.Part(part: $0.part, certificate: $0.certificate, capsule: $0.capsule, secret: Scene.digest(secret))
            }
        }
        return try consultation.settingKeys(
            by: Scene.buyer, fingerprint: fingerprint, k: 2, n: 3, notBefore: Scene.deadline, parts: parts, now: Scene.before)
    }

    @Test func aPublishedConsultationTakesAnotherSetOfItsOwnKeys() throws {
        #expect(try propose()?.fingerprint == Self.added)
        // The scene's part has the certificate 0x10 and the secret 0x30.
        #expect(kind { () throws(Refusal) in try propose(first: 0x10) } == .keys)
        #expect(kind { () throws(Refusal) in try propose(secret: 0x30) } == .keys)
        // An earlier one's, too.
        var held = Self.holding(.published)
        held.keys = Self.set(Scene.digest(0xf3), first: 0x50)
        #expect(kind { () throws(Refusal) in try propose(first: 0x10, to: held) } == .keys)
        #expect(kind { () throws(Refusal) in try propose(to: held) } == nil)
        // Sent again, whichever it is.
        #expect(try propose(to: Self.proposing()) == nil && propose(Scene.fingerprint, to: Self.holding(.published)) == nil)
        #expect(try propose(Scene.digest(0xf9), to: Self.proposing())?.fingerprint == Scene.digest(0xf9), "in place of the one that waits")
        for phase in [Phase.closed, .opening, .opened, .archived] {
            #expect(kind { () throws(Refusal) in try propose(to: Scene.consultation(phase)) } == .phase)
        }
        var full = Self.holding(.published)
        full.earlier = (1..<Consultation.mostKeySets).map { .init(Self.set(Scene.digest(UInt8($0)), first: 0x60 + UInt8($0))) }
        #expect(kind { () throws(Refusal) in try propose(Scene.digest(0xf8), first: 0x80, to: full) } == .keys)
    }

    @Test func itIsAcceptedWhileItWaits() throws {
        let waiting = Self.proposing(Self.set(accepted: [1]))
        func accept(_ member: Int, _ fingerprint: Digest = Self.added) throws(Refusal) -> KeyAccepted {
            try waiting.accepting(by: Scene.opener, fingerprint: fingerprint, member: member, acceptance: Scene.digest(0xac))
        }
        #expect(try accept(2).fingerprint == Self.added)
        #expect(kind { () throws(Refusal) in try accept(1) } == .alreadyDone)
        #expect(kind { () throws(Refusal) in try accept(4) } == .notAMember)
        #expect(try waiting.replacing(after: accept(2)) == nil, "it is the buyer who puts it in force")
        // Of those that others took over from: who has not accepted may still be needed.
        var held = Self.holding()
        held.earlier[0].keys.accepted = [1, 2]
        let fact = try held.accepting(by: Scene.opener, fingerprint: Scene.fingerprint, member: 3, acceptance: Scene.digest(0xac))
        #expect(fact.fingerprint == Scene.fingerprint)
    }

    // MARK: In force

    @Test func theBuyerPutsItInForceOnceEnoughHaveAccepted() throws {
        let fact = try #require(try add())
        #expect(fact.fingerprint == Self.added && fact.replaces == Scene.fingerprint && fact.user == Scene.buyer.user)
        #expect(kind { () throws(Refusal) in try add(to: Self.proposing(Self.set(accepted: [1, 2]))) } == .quorum)
        #expect(kind { () throws(Refusal) in try add(to: Self.proposing(Self.set(k: 3, accepted: [1, 2]))) } == .quorum)
        #expect(kind { () throws(Refusal) in try add(to: Self.proposing(nil)) } == .fingerprint)
        #expect(kind { () throws(Refusal) in try add(Scene.fingerprint) } == .fingerprint)
        #expect(kind { () throws(Refusal) in try add(grounds: " ") } == .invalid)
        #expect(kind { () throws(Refusal) in try add(now: Scene.deadline) } == .tooLate)
        #expect(kind { () throws(Refusal) in try add(by: Scene.opener) } == .forbidden)
        for phase in Phase.allCases where phase != .published {
            var other = Scene.consultation(phase)
            other.proposed = Self.set()
            #expect(kind { () throws(Refusal) in try add(to: other) } == .phase, "\(phase)")
        }
        // A re-share of the set before goes on beside it; the fingerprint first made is what it takes over from.
        var renewed = Self.proposing()
        renewed.keys = Self.set(Scene.digest(0xf5), original: Scene.fingerprint, first: 0x10)
        #expect(try add(to: renewed)?.replaces == Scene.fingerprint)
        #expect(try add(to: Self.holding(.published)) == nil, "sent again after a lost answer")
    }

    private func add(_ fingerprint: Digest) throws(Refusal) -> KeysAdded? { try add(to: Self.proposing(), fingerprint) }

    @Test func noBidIsDroppedForIt() throws {
        func receive(_ keys: Digest, in consultation: Consultation) throws(Refusal) -> BidReceived {
            try consultation.receiving(
                Scene.submission(keys: keys), by: Scene.bidder, previous: nil, instance: Scene.instance, clock: .sound, recorded: Scene.before)
        }
        let held = Self.holding(.published)
        #expect(try receive(Self.added, in: held).keys == Self.added && receive(Scene.fingerprint, in: held).keys == Scene.fingerprint)
        #expect(kind { () throws(Refusal) in try receive(Self.added, in: Self.proposing()) } == .keys, "what waits is sealed to by nobody")
        #expect(kind { () throws(Refusal) in try receive(Scene.digest(9), in: held) } == .keys)
        // New drafts are under the new keys.
        let draft = try held.opening(
            draft: Scene.identifier(0xd1), by: Scene.bidder, bidCode: Scene.digest(0xbc), started: Scene.before, awaited: nil,
            intent: .unstated, sealedBy: .platform, open: 0)
        #expect(draft.keys == Self.added)
    }

    // MARK: Closing and opening

    @Test func theStatementNamesEachSet() throws {
        let statement = try Self.holding(.published).closing(
            bids: [], drafts: 0, attempts: 0, deadlines: [Deadline(Scene.deadline, version: 1)], outages: [], size: 9, root: Scene.digest(9),
            now: Scene.closes)
        #expect(statement.keys == Self.added && statement.earlier == [.init(keys: Scene.fingerprint, k: 2, n: 3)])
        #expect(statement.keySets.map(\.keys) == [Scene.fingerprint, Self.added])
    }

    private func announce(_ fingerprint: Digest, parts: [String] = ["offer"], in consultation: Consultation, among openings: [OpeningState] = [])
        throws(Refusal) -> OpeningAnnounced
    {
        let announcement = Scene.announcement(fingerprint: fingerprint, closing: consultation.closed ?? Scene.digest(0xcd), parts: parts)
        return try consultation.announcing(announcement, among: openings, isTaken: false, by: Scene.opener, now: Scene.after)
    }

    @Test func eachSetIsOpenedByItsOwnCommittee() throws {
        let held = Self.holding()
        #expect(try announce(Scene.fingerprint, in: held).keys == Scene.fingerprint && announce(Self.added, in: held).keys == Self.added)
        #expect(try announce(Scene.fingerprint, in: Scene.consultation(.closed)).keys == nil, "where there is but one nothing is said")
        #expect(kind { () throws(Refusal) in try announce(Scene.digest(9), in: held) } == .fingerprint)
        var uneven = Self.holding(.opening)
        uneven.keys = Self.set(k: 3)
        func release(_ keys: Digest) throws(Refusal) -> OpeningReleased? {
            try uneven.releasing(Scene.opening(keys: keys, approvals: [1, 2]), by: Scene.opener, now: Scene.after)
        }
        #expect(try release(Scene.fingerprint)?.approvals == [1, 2])
        #expect(kind { () throws(Refusal) in try release(Self.added) } == .quorum, "the quorum of the one does not do for the other")
        #expect(kind { () throws(Refusal) in try release(Scene.digest(9)) } == .fingerprint)
        func approve(_ keys: Digest) throws(Refusal) -> OpeningApproved {
            var consultation = uneven
            consultation.keys?.accepted = [1, 2]
            return try consultation.approving(
                Scene.opening(keys: keys), member: 3, memberInstant: Scene.after, approval: Scene.digest(0xaa),
                shares: [.init(part: "offer", share: Scene.digest(0x54))], by: Scene.opener, now: Scene.after)
        }
        #expect(try approve(Scene.fingerprint).member == 3)
        #expect(kind { () throws(Refusal) in try approve(Self.added) } == .notAMember)
    }

    /// A set that nobody can open any more must not keep the other's bids shut.
    @Test func partsAreInOrderWithinASet() throws {
        var held = Self.holding()
        let parts = ["application", "offer"]
        held = Consultation(
            id: held.id, log: held.log, account: held.account, buyer: held.buyer, reference: held.reference, title: held.title, object: nil,
            timeZone: held.timeZone, parts: parts, limits: held.limits, deadline: held.deadline, keys: held.keys, published: true,
            closed: Scene.digest(0xcd))
        held.earlier = [.init(Scene.keys(parts: parts))]
        let released = Scene.opening(parts: ["application"], keys: Self.added, released: true)
        #expect(try announce(Self.added, parts: ["offer"], in: held, among: [released]).parts == ["offer"])
        #expect(kind { () throws(Refusal) in try announce(Scene.fingerprint, parts: ["offer"], in: held, among: [released]) } == .invalid)
    }

    @Test func anOpeningGivesOutTheBidsOfItsOwnKeys() throws {
        let consultation = Self.holding(.opening)
        let own = Scene.entry(0xd1)
        let other = Scene.entry(0xd2, keys: Self.added)
        let opening = Scene.opening(released: true)
        // Its committee was replaced: what bids name is the set first made.
        let renewed = Scene.opening(keys: Scene.digest(0xf5), original: Self.added, released: true)
        #expect(!own.isWithheld(in: opening) && other.isWithheld(in: opening))
        #expect(own.isWithheld(in: renewed) && !other.isWithheld(in: renewed))
        #expect(kind { () throws(Refusal) in try consultation.checkRead(other, in: opening, by: Scene.opener) } == .withheld)
        #expect(kind { () throws(Refusal) in try consultation.checkRead(own, in: opening, by: Scene.opener) } == nil)
        func conclude(_ opened: [UInt8]) -> Refusal.Kind? {
            kind { () throws(Refusal) in
                try consultation.concluding(
                    opening, minutes: Scene.digest(1), announcer: 1, opened: opened.map(Scene.identifier), failed: [], bids: [own, other],
                    by: Scene.opener)
            }
        }
        #expect(conclude([0xd1]) == nil && conclude([0xd1, 0xd2]) == .invalid && conclude([0xd2]) == .invalid)
    }

    @Test func theCommitteeOfEitherIsReplaced() throws {
        let dealt = Scene.digest(0xf7)
        func reshare(_ keys: Consultation.Keys, in consultation: Consultation) throws(Refusal) -> KeysReshared? {
            let opening = Scene.opening(keys: keys.fingerprint, original: keys.original, committee: Scene.digest(0xc0), released: true)
            return try consultation.resharing(
                opening, fingerprint: dealt, replaces: keys.fingerprint, k: 2, n: 3,
                parts: keys.parts.map { KeysSet.Part(part: $0.part, certificate: $0.certificate, capsule: Scene.digest(0x99), secret: $0.secret) },
                among: [opening], by: Scene.opener)
        }
        var held = Self.holding()
        let (earlier, current) = (held.earlier[0].keys, try #require(held.keys))
        #expect(try reshare(earlier, in: held)?.original == Scene.fingerprint && reshare(current, in: held)?.original == Self.added)
        // Pending beside the other, and in force by its own members' acceptances.
        let pending = Consultation.Keys(
            fingerprint: dealt, original: Scene.fingerprint, k: 2, n: 3, notBefore: Scene.deadline, parts: earlier.parts, accepted: [1, 2])
        held.earlier[0].pending = Consultation.PendingKeys(pending, dealtBy: Scene.identifier(0xe1))
        let accepted = try held.accepting(by: Scene.opener, fingerprint: dealt, member: 3, acceptance: Scene.digest(0xac))
        let replaced = try #require(held.replacing(after: accepted))
        #expect(replaced.replaces == Scene.fingerprint && replaced.original == Scene.fingerprint && replaced.fingerprint == dealt)
    }
}
