import Canonical
import Procurement
import Testing

@Suite("The unsealing protocol")
struct OpeningTests {
    private let closed = Scene.consultation(.closed)
    private let opening = Scene.consultation(.opening)

    // MARK: 1 announce

    private func announce(
        _ announcement: Consultation.Announcement = Scene.announcement(), _ consultation: Consultation? = nil,
        among openings: [OpeningState] = [], isTaken: Bool = false, by principal: Principal = Scene.opener,
        now: Instant = Scene.closes
    ) throws(Refusal) -> OpeningAnnounced {
        try (consultation ?? closed).announcing(announcement, among: openings, isTaken: isTaken, by: principal, now: now)
    }

    @Test func aMemberAnnouncesAfterTheClosing() throws {
        let announced = try announce()
        #expect(announced.opening == Scene.identifier(0xe1) && announced.announcer == 1 && announced.user == Scene.opener.user)
        for phase in [Phase.opening, .opened] {
            #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(), Scene.consultation(phase)) } == nil)
        }
    }

    @Test func inTheDeadlinesOwnSecondItIsTooEarly() {
        for time in ["11:59:59.999", "12:00:00.000", "12:00:00.999"] {
            for phase in [Phase.published, .closed] {
                let early = refusal { () throws(Refusal) in
                    try announce(Scene.announcement(), Scene.consultation(phase), now: Scene.time(time))
                }
                #expect(early?.kind == .notYet && early?.possibleAt == Scene.closes, "\(time)")
            }
        }
        // Past it, and the list not yet written.
        let unlisted = refusal { () throws(Refusal) in try announce(Scene.announcement(), Scene.consultation(.published)) }
        #expect(unlisted?.kind == .notYet)
    }

    @Test func onlyAnOpenerOfTheAccountAnnounces() {
        #expect(refusal { () throws(Refusal) in try announce(by: Scene.strangeOpener) }?.kind == .forbidden)
        for role in Role.allCases where role != .opener {
            #expect(refusal { () throws(Refusal) in try announce(by: Scene.principal(role)) }?.kind == .forbidden)
        }
        for phase in [Phase.draft, .sealed] {
            let draft = Scene.consultation(phase)
            #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(), draft, by: Scene.strangeOpener) }?.kind == .notFound)
            #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(), draft) }?.kind == .phase)
        }
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(), Scene.consultation(.archived)) }?.kind == .phase)
    }

    @Test func anAnnouncementIsOfThisConsultationAsItStands() {
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(fingerprint: Scene.digest(9))) }?.kind == .fingerprint)
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(log: .training)) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(deadline: Scene.before)) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(closing: Scene.digest(9))) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(announcer: 0)) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try announce(Scene.announcement(announcer: 4)) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try announce(isTaken: true) }?.kind == .alreadyDone)
    }

    @Test func partsAreOpenedInTheirOrder() {
        let three = ["application", "offer", "price"]
        let consultation = Scene.consultation(.opening, parts: three)
        func answer(_ parts: [String], after openings: [OpeningState] = []) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try announce(Scene.announcement(parts: parts), consultation, among: openings) }?.kind
        }
        #expect(answer(["application"]) == nil)
        #expect(answer(["application", "offer"]) == nil)
        #expect(answer(three) == nil)
        for parts in [[], ["offer"], ["offer", "application"], ["application", "price"], ["application", "application"], ["other"]] {
            #expect(answer(parts) == .invalid, "\(parts)")
        }
        let first = Scene.opening(parts: ["application"], approvals: [1, 2], released: true)
        #expect(answer(["offer"], after: [first]) == nil)
        #expect(answer(["application"], after: [first]) == nil)
        #expect(answer(["price"], after: [first]) == .invalid)
        #expect(answer(["offer"], after: [Scene.opening(parts: ["application"], approvals: [1, 2])]) == .invalid)
        let elsewhere = Scene.opening(of: Scene.identifier(0xc1), parts: ["application"], released: true)
        #expect(answer(["offer"], after: [elsewhere]) == .invalid)
    }

    @Test func noMemberFloodsTheOpenings() {
        let most = Consultation.mostOpenings
        let others = (0..<most).map { Scene.opening(UInt8($0), announcer: 2) }
        #expect(refusal { () throws(Refusal) in try announce(among: others) } == nil)
        let own = (0..<most).map { Scene.opening(UInt8($0), announcer: 1) }
        #expect(refusal { () throws(Refusal) in try announce(among: own) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try announce(among: Array(own.dropLast())) } == nil)
    }

    // MARK: 2 approve

    private func approve(
        _ state: OpeningState = Scene.opening(), _ consultation: Consultation? = nil, member: Int = 2,
        memberInstant: Instant = Scene.closes, parts: [String] = ["offer"], by principal: Principal = Scene.otherOpener,
        now: Instant = Scene.closes
    ) throws(Refusal) -> OpeningApproved {
        try (consultation ?? opening).approving(
            state, member: member, memberInstant: memberInstant, approval: Scene.digest(0xaa),
            shares: parts.map { .init(part: $0, share: Scene.digest(0x54)) }, by: principal, now: now)
    }

    @Test func aMemberApprovesOnce() throws {
        let approved = try approve()
        #expect(approved.member == 2 && approved.memberInstant == Scene.closes && approved.user == Scene.otherOpener.user)
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(approvals: [2])) }?.kind == .alreadyDone)
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(approvals: [1])) } == nil)
        // After the release too: one more may replace a wrong share.
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(approvals: [1, 3], released: true)) } == nil)
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(released: true, concluded: true)) }?.kind == .phase)
    }

    @Test func onlyAMemberWhoAcceptedCounts() {
        #expect(refusal { () throws(Refusal) in try approve(member: 0) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try approve(member: 4) }?.kind == .notAMember)
        let without = Scene.consultation(.opening, keys: Scene.keys(accepted: [1, 3]))
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(), without) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try approve(Scene.opening(), without, member: 3) } == nil)
    }

    @Test func theMembersOwnClockHasPassedTheDeadline() {
        let early = refusal { () throws(Refusal) in try approve(memberInstant: Scene.time("12:00:00.999"), now: Scene.after) }
        #expect(early?.kind == .notYet && early?.possibleAt == Scene.closes)
        let extended = Scene.consultation(.opening, deadline: Scene.after, version: 2)
        let old = refusal { () throws(Refusal) in
            try approve(Scene.opening(), extended, memberInstant: Scene.time("13:00:00.999"), now: Scene.time("14:00:00.000"))
        }
        #expect(old?.kind == .notYet && old?.possibleAt == Scene.time("13:00:01.000"))
        // The daemon's own, again.
        #expect(refusal { () throws(Refusal) in try approve(now: Scene.time("12:00:00.999")) }?.kind == .notYet)
    }

    @Test func oneShareForEachPartInOrder() {
        let state = Scene.opening(parts: ["application", "offer"])
        let consultation = Scene.consultation(.opening, parts: ["application", "offer"])
        #expect(refusal { () throws(Refusal) in try approve(state, consultation, parts: ["application", "offer"]) } == nil)
        for parts in [[], ["application"], ["offer", "application"], ["application", "offer", "offer"]] {
            #expect(refusal { () throws(Refusal) in try approve(state, consultation, parts: parts) }?.kind == .share)
        }
    }

    @Test func anOpeningOfAnotherConsultationDoesNotExistHere() {
        let elsewhere = Scene.opening(of: Scene.identifier(0xc1), approvals: [1, 2], released: true)
        #expect(refusal { () throws(Refusal) in try approve(elsewhere, member: 3) }?.kind == .notFound)
        #expect(refusal { () throws(Refusal) in try release(elsewhere) }?.kind == .notFound)
        #expect(refusal { () throws(Refusal) in try opening.checkReading(elsewhere, by: Scene.opener) }?.kind == .notFound)
        #expect(refusal { () throws(Refusal) in try conclude(elsewhere) }?.kind == .notFound)
    }

    @Test func anotherAccountsOpenerDoesNothing() {
        let state = Scene.opening(approvals: [1, 2], released: true)
        let stranger = Scene.strangeOpener
        #expect(refusal { () throws(Refusal) in try approve(by: stranger) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try release(state, by: stranger) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try opening.checkRead(Scene.entry(1), in: state, by: stranger) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try conclude(state, by: stranger) }?.kind == .forbidden)
    }

    // MARK: 3 release

    private func release(
        _ state: OpeningState, by principal: Principal = Scene.opener, now: Instant = Scene.closes
    ) throws(Refusal) -> OpeningReleased? {
        try opening.releasing(state, by: principal, now: now)
    }

    @Test func aQuorumReleases() throws {
        let released = try #require(try release(Scene.opening(approvals: [3, 1])))
        #expect(released.approvals == [3, 1])
        #expect(try release(Scene.opening(approvals: [1, 2, 3])) != nil)
        for approvals in [[], [2]] {
            #expect(refusal { () throws(Refusal) in try release(Scene.opening(approvals: approvals)) }?.kind == .quorum)
        }
    }

    @Test func aReleaseIsRepeatedWithoutAnEvent() throws {
        #expect(try release(Scene.opening(approvals: [1, 2], released: true)) == nil)
    }

    @Test func onlyTheAnnouncerIsReleasedToAndNeverEarly() {
        let state = Scene.opening(approvals: [1, 2])
        #expect(refusal { () throws(Refusal) in try release(state, by: Scene.otherOpener) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try release(state, now: Scene.time("12:00:00.999")) }?.kind == .notYet)
        // Also where it was released before: a clock that went back is no reason to answer.
        let released = Scene.opening(approvals: [1, 2], released: true)
        #expect(refusal { () throws(Refusal) in try release(released, now: Scene.before) }?.kind == .notYet)
        let concluded = Scene.opening(approvals: [1, 2], released: true, concluded: true)
        #expect(refusal { () throws(Refusal) in try release(concluded) }?.kind == .phase)
    }

    // MARK: 4 read

    @Test func aBidOnTimeIsReadByTheAnnouncerAfterTheRelease() {
        let state = Scene.opening(approvals: [1, 2], released: true)
        func answer(_ bid: BidEntry, _ state: OpeningState, _ principal: Principal = Scene.opener) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try opening.checkRead(bid, in: state, by: principal) }?.kind
        }
        #expect(answer(Scene.entry(1), state) == nil)
        #expect(answer(Scene.entry(1, .late), state) == .withheld)
        #expect(answer(Scene.entry(1, of: Scene.identifier(0xc1)), state) == .notFound)
        #expect(answer(Scene.entry(1), state, Scene.otherOpener) == .forbidden)
        #expect(answer(Scene.entry(1), Scene.opening(approvals: [1, 2])) == .quorum)
        #expect(answer(Scene.entry(1), Scene.opening(approvals: [1, 2], released: true, concluded: true)) == .phase)
    }

    // MARK: 5 conclude

    private func conclude(
        _ state: OpeningState, announcer: Int = 1, opened: [UInt8] = [1, 3], failed: [UInt8] = [2],
        by principal: Principal = Scene.opener
    ) throws(Refusal) -> OpeningConcluded {
        try opening.concluding(
            state, minutes: Scene.digest(0x3e), announcer: announcer, opened: opened.map(Scene.identifier),
            failed: failed.map(Scene.identifier),
            bids: [Scene.entry(1), Scene.entry(2), Scene.entry(3), Scene.entry(4, .late)], by: principal)
    }

    @Test func theMinutesAccountForEachBidOnce() throws {
        let state = Scene.opening(approvals: [1, 2], released: true)
        // In log order, whatever the order of the minutes.
        let concluded = try conclude(state, opened: [3, 1])
        #expect(concluded.opened == [Scene.identifier(1), Scene.identifier(3)] && concluded.failed == [Scene.identifier(2)])
        for (opened, failed) in [
            ([1, 3], []), ([1], [2]), ([1, 2, 3], [2]), ([1, 1, 3], [2]), ([1, 2, 3], [4]), ([1, 2, 3, 4], []),
            ([1, 2, 3, 9], []), ([], []), ([1, 1, 2], []),
        ] as [([UInt8], [UInt8])] {
            #expect(refusal { () throws(Refusal) in try conclude(state, opened: opened, failed: failed) }?.kind == .invalid, "\(opened) \(failed)")
        }
        #expect(refusal { () throws(Refusal) in try conclude(state, opened: [], failed: [1, 2, 3]) } == nil)
    }

    @Test func anOpeningIsConcludedOnceByItsAnnouncer() {
        let released = Scene.opening(approvals: [1, 2], released: true)
        #expect(refusal { () throws(Refusal) in try conclude(Scene.opening(approvals: [1, 2])) }?.kind == .quorum)
        #expect(refusal { () throws(Refusal) in try conclude(released, by: Scene.otherOpener) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try conclude(released, announcer: 2) }?.kind == .forbidden)
        let concluded = Scene.opening(approvals: [1, 2], released: true, concluded: true)
        #expect(refusal { () throws(Refusal) in try conclude(concluded) }?.kind == .alreadyDone)
    }

    @Test func withoutBidsAnOpeningConcludesEmpty() throws {
        let concluded = try opening.concluding(
            Scene.opening(approvals: [1, 2], released: true), minutes: Scene.digest(0x3e), announcer: 1, opened: [],
            failed: [], bids: [Scene.entry(4, .late)], by: Scene.opener)
        #expect(concluded.opened.isEmpty && concluded.failed.isEmpty)
    }
}
