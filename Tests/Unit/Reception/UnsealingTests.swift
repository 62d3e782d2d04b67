import Canonical
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Reception

@Suite("Unsealing, on a clock that the test turns")
final class UnsealingTests {
    private let house: House
    private let id: Identifier
    private let committee: Committee
    private let inTime, late: Receipt
    private let session: OpeningSession

    /// Two bids, one of them late; the consultation is closed.
    init() throws {
        house = try House()
        (id, committee) = try house.published()
        house.dial.turn(to: "12:00:00.999")
        inTime = try Upload.whole(house, id, by: house.bidder, Array("offre".utf8))
        house.dial.turn(to: "12:00:01.000")
        late = try Upload.whole(house, id, by: house.otherBidder, Array("trop tard".utf8))
        house.vault.tend()
        session = try OpeningSession(now: Dial.instant("12:00:01.000"))
    }

    private func closing() throws -> Digest { try house.vault.statement(of: id, for: house.opener.principal).digest }

    private func announcement(by member: Int = 1, closing: Digest? = nil, deadline: String = "12:00:00.000") throws -> [UInt8] {
        try Members.all[member - 1].member().announce(
            committee, fingerprint: committee.fingerprint, log: "training", deadline: Dial.instant(deadline),
            closing: closing ?? self.closing(), session: session.certificate
        ).canonicalBytes
    }

    private func announce(_ signed: [UInt8]? = nil) throws -> (opening: Identifier, signed: [UInt8]) {
        let signed = try signed ?? announcement()
        return (try house.vault.announce(id, by: house.opener.principal, signed: signed).opening, signed)
    }

    @discardableResult
    private func approve(
        _ opening: (opening: Identifier, signed: [UInt8]), by member: Int, at time: String = "12:00:01.000",
        change: ([UInt8], [(part: String, share: [UInt8])]) throws -> ([UInt8], [(part: String, share: [UInt8])]) = { ($0, $1) }
    ) throws -> [Int] {
        let (signed, shares) = try Members.all[member - 1].member().approve(
            Signed(canonical: opening.signed), committee: committee, fingerprint: committee.fingerprint,
            latestDeadline: Dial.instant("12:00:00.000"), now: Dial.instant(time))
        let (sent, parts) = try change(signed.canonicalBytes, shares.map { ($0.part, $0.share) })
        return try house.vault.approve(
            id, opening: opening.opening, by: house.otherOpener.principal, signed: sent, shares: parts
        ).approvals
    }

    private func release(_ opening: Identifier, by user: House.User? = nil) throws -> [Vault.ReleasedApproval] {
        try house.vault.release(id, opening: opening, by: (user ?? house.opener).principal).approvals
    }

    private func minutes(
        _ opening: (opening: Identifier, signed: [UInt8]), _ bids: [(Receipt, Minutes.Result)], by member: Int = 1
    ) throws -> [UInt8] {
        let object = try Signed(canonical: opening.signed).verified(as: Opening.self)
        let minutes = Minutes(
            opening: Digest(SHA256.hash(object.canonicalBytes)), consultation: id, fingerprint: committee.fingerprint,
            closing: try closing(), released: house.dial.clock.now, concluded: house.dial.clock.now,
            approvals: [.init(number: 1, at: house.dial.clock.now), .init(number: 2, at: house.dial.clock.now)],
            bids: bids.map { receipt, result in
                Minutes.Bid(
                    position: receipt.position, bid: receipt.bid.bid, depositor: receipt.bid.depositor, result: result,
                    cause: result == .opened ? nil : "late", documents: [])
            })
        return try Members.all[member - 1].member().sign(minutes: minutes).canonicalBytes
    }

    // MARK: The five steps

    @Test func aQuorumOpens() throws {
        let opening = try announce()
        #expect(try approve(opening, by: 1) == [1])
        #expect(refusal { try release(opening.opening) } == .quorum)
        #expect(try approve(opening, by: 3) == [1, 3])
        let (approvals, parts) = try house.vault.release(id, opening: opening.opening, by: house.opener.principal)
        #expect(approvals.map(\.number) == [1, 3] && parts.map(\.part) == ["offer"])
        // What was released rebuilds the key that was sealed, with the shares that came.
        let capsule = try #require(committee.capsule("offer"))
        let key = try session.partKey(
            capsule, shares: approvals.map { .init(number: $0.number, share: $0.shares[0].share) }, secret: parts[0].secret)
        #expect(key.wrongShares.isEmpty)

        let bids = try house.vault.bids(of: id, opening: opening.opening, by: house.opener.principal)
        #expect(bids.map(\.entry.bid) == [inTime.bid.bid, late.bid.bid] && bids.map(\.isWithheld) == [false, true])
        let seal = try house.vault.seal(of: inTime.bid.bid, id, opening: opening.opening, by: house.opener.principal)
        #expect(seal.length > 0)
        let document = try house.vault.document(1, of: inTime.bid.bid, id, opening: opening.opening, by: house.opener.principal)
        #expect(document.length == 5)
        #expect(try house.facts(BidRead.self).map(\.bid) == [inTime.bid.bid], "the first reading is an event, once")

        try house.vault.conclude(
            id, opening: opening.opening, by: house.opener.principal,
            signed: minutes(opening, [(inTime, .opened), (late, .withheld)]), extract: nil)
        let concluded = try #require(try house.facts(OpeningConcluded.self).first)
        #expect(concluded.opened == [inTime.bid.bid] && concluded.failed.isEmpty)
    }

    @Test func aLateBidIsReadInOpeningsAnnouncedAfterTheDecision() throws {
        func read(_ opening: Identifier) throws -> Int64 {
            try house.vault.document(1, of: late.bid.bid, id, opening: opening, by: house.opener.principal).length
        }
        let before = try announce()
        for member in [1, 2] { try approve(before, by: member) }
        _ = try release(before.opening)
        #expect(refusal { try read(before.opening) } == .withheld)
        house.dial.turn(to: "12:00:02.000")
        #expect(
            refusal {
                try house.vault.admit(late: inTime.bid.bid, of: id, on: .courtOrder, grounds: "x", by: house.buyer.principal)
            } == .invalid)
        let act = try house.vault.admit(late: late.bid.bid, of: id, on: .courtOrder, grounds: "TA 2607123", by: house.buyer.principal)
        #expect(try Event(canonical: act.event).fact is LateBidAdmitted)
        #expect(try house.facts(NoticeDue.self).map(\.kind) == [.lateAdmitted])
        #expect(
            refusal {
                try house.vault.admit(late: late.bid.bid, of: id, on: .courtOrder, grounds: "x", by: house.buyer.principal)
            } == .alreadyDone)
        // Not in the one whose members did not know of it.
        #expect(refusal { try read(before.opening) } == .withheld)
        #expect(try house.vault.bids(of: id, opening: before.opening, by: house.opener.principal).map(\.changes) == [[], []])

        house.dial.turn(to: "12:00:03.000")
        let after = try announce()
        for member in [1, 3] { try approve(after, by: member) }
        _ = try release(after.opening)
        let bids = try house.vault.bids(of: id, opening: after.opening, by: house.opener.principal)
        #expect(bids.map(\.isWithheld) == [false, false] && bids.map(\.changes) == [[], [act.event]])
        #expect(try read(after.opening) == 9)
        #expect(
            refusal {
                try house.vault.conclude(
                    id, opening: after.opening, by: house.opener.principal,
                    signed: minutes(after, [(inTime, .opened), (late, .withheld)]), extract: nil)
            } == .invalid)
        try house.vault.conclude(
            id, opening: after.opening, by: house.opener.principal,
            signed: minutes(after, [(inTime, .opened), (late, .opened)]), extract: nil)
        #expect(try house.facts(OpeningConcluded.self).last?.opened == [inTime.bid.bid, late.bid.bid])
    }

    /// A member announces, takes others' approvals and does nothing: nobody waits for it.
    @Test func whoNeverConcludesBlocksNobody() throws {
        let blocker = try announce()
        for member in [1, 2] { try approve(blocker, by: member) }
        _ = try release(blocker.opening)
        let signed = try announcement(by: 2)
        let other = (opening: try house.vault.announce(id, by: house.otherOpener.principal, signed: signed).opening, signed: signed)
        for member in [2, 3] { try approve(other, by: member) }
        #expect(try release(other.opening, by: house.otherOpener).count == 2)
        _ = try house.vault.seal(of: inTime.bid.bid, id, opening: other.opening, by: house.otherOpener.principal)
        #expect(refusal { _ = try release(blocker.opening, by: house.otherOpener) } == .forbidden)
        let states = try house.vault.openings(of: id, for: house.opener.principal).openings.map(\.state)
        #expect(states.map(\.released) == [true, true] && states.map(\.concluded) == [false, false])
    }

    @Test func aReleaseIsRepeatedAndBringsLaterApprovals() throws {
        let opening = try announce()
        try approve(opening, by: 1)
        try approve(opening, by: 2)
        #expect(try release(opening.opening).map(\.number) == [1, 2])
        try approve(opening, by: 3)
        #expect(try release(opening.opening).map(\.number) == [1, 2, 3])
        #expect(try house.facts(OpeningReleased.self).map(\.approvals) == [[1, 2]])
    }

    // MARK: 1 announce

    @Test func nothingIsAnnouncedBeforeTheDeadlinesSecondIsOver() throws {
        let house = try House()
        let (id, committee) = try house.published()
        let signed = try Members.all[0].member().announce(
            committee, fingerprint: committee.fingerprint, log: "training", deadline: Dial.instant("12:00:00.000"),
            closing: digest(0xcd), session: session.certificate
        ).canonicalBytes
        for time in ["11:00:00.000", "12:00:00.000", "12:00:00.999"] {
            house.dial.turn(to: time)
            house.vault.tend()
            do {
                _ = try house.vault.announce(id, by: house.opener.principal, signed: signed)
                Issue.record("announced at \(time)")
            } catch let error as Refusal {
                #expect(error.kind == .notYet && error.possibleAt == Dial.instant("12:00:01.000"))
            }
            #expect(refusal { try house.vault.statement(of: id, for: house.opener.principal) } == .notYet)
        }
    }

    @Test func anAnnouncementIsSignedByAMemberForThisClosing() throws {
        let outsider = Members.Holder("Mallory")
        let ours = try Signed(canonical: announcement())
        func answer(_ signed: [UInt8]) -> Refusal.Kind? { refusal { try announce(signed) } }
        #expect(answer(try announcement(closing: digest(9))) == .invalid)
        #expect(answer(try announcement(deadline: "12:00:30.000")) == .invalid)
        // Signed by nobody of the committee, or by another than it names.
        let opening = try ours.verified(as: Opening.self)
        #expect(answer(try Signed.make(opening, key: outsider.key(), certificate: outsider.certificate).canonicalBytes) == .signature)
        #expect(answer(try Signed.make(opening, key: Members.all[1].key(), certificate: Members.all[1].certificate).canonicalBytes) == .signature)
        var signature = ours.signature
        signature[signature.count - 1] ^= 1
        #expect(answer(Signed(object: ours.object, certificate: ours.certificate, signature: signature).canonicalBytes) == .signature)
        #expect(answer(Array("{}".utf8)) == .malformed)
        #expect(answer([]) == .malformed)
        #expect(answer(ours.canonicalBytes) == nil)
        #expect(answer(ours.canonicalBytes) == .alreadyDone)
    }

    @Test func anAnnouncementForAnotherConsultationIsRefused() throws {
        house.dial.turn(to: "11:00:00.000")
        let other = try house.published()
        house.dial.turn(to: "12:00:01.000")
        let signed = try Members.all[0].member().announce(
            other.committee, fingerprint: other.committee.fingerprint, log: "training",
            deadline: Dial.instant("12:00:00.000"), closing: closing(), session: session.certificate
        ).canonicalBytes
        #expect(refusal { try announce(signed) } == .signature)
    }

    // MARK: 2 approve

    @Test func anApprovalIsAMembersOnceWithItsOwnShare() throws {
        let opening = try announce()
        try approve(opening, by: 2)
        #expect(refusal { try approve(opening, by: 2) } == .alreadyDone)
        #expect(refusal { try approve(opening, by: 3) { signed, _ in (signed, []) } } == .signature)
        #expect(refusal { try approve(opening, by: 3) { signed, shares in (signed, shares + shares) } } == .signature)
        #expect(refusal {
            try approve(opening, by: 3) { signed, shares in (signed, [(shares[0].part, shares[0].share + [0])]) }
        } == .signature)
        #expect(try house.facts(OpeningApproved.self).map(\.member) == [2])
    }

    @Test func anApprovalOfAnotherOpeningIsRefused() throws {
        let first = try announce()
        let second = try announce()
        #expect(refusal { try approve((first.opening, second.signed), by: 2) } == .signature)
        #expect(refusal { try approve((identifier(9), first.signed), by: 2) } == .notFound)
    }

    // MARK: 3 to 5

    @Test func onlyTheAnnouncerReads() throws {
        let opening = try announce()
        try approve(opening, by: 1)
        try approve(opening, by: 2)
        #expect(refusal { try house.vault.bids(of: id, opening: opening.opening, by: house.opener.principal) } == .quorum)
        #expect(refusal { try release(opening.opening, by: house.otherOpener) } == .forbidden)
        #expect(refusal { try release(opening.opening, by: house.buyer) } == .forbidden)
        _ = try release(opening.opening)
        let other = house.otherOpener.principal
        #expect(refusal { try house.vault.bids(of: id, opening: opening.opening, by: other) } == .forbidden)
        #expect(refusal { try house.vault.seal(of: inTime.bid.bid, id, opening: opening.opening, by: other) } == .forbidden)
        let own = house.opener.principal
        #expect(refusal { try house.vault.seal(of: late.bid.bid, id, opening: opening.opening, by: own) } == .withheld)
        #expect(refusal { try house.vault.document(1, of: late.bid.bid, id, opening: opening.opening, by: own) } == .withheld)
        #expect(refusal { try house.vault.document(2, of: inTime.bid.bid, id, opening: opening.opening, by: own) } == .notFound)
        #expect(refusal { try house.vault.seal(of: identifier(9), id, opening: opening.opening, by: own) } == .notFound)
    }

    @Test func aBidOfAnotherConsultationIsNotReadHere() throws {
        house.dial.turn(to: "11:00:00.000")
        let other = try house.published().id
        let bid = try Upload.whole(house, other, by: house.bidder, [1])
        house.dial.turn(to: "12:00:01.000")
        let opening = try announce()
        try approve(opening, by: 1)
        try approve(opening, by: 2)
        _ = try release(opening.opening)
        #expect(refusal { try house.vault.seal(of: bid.bid.bid, id, opening: opening.opening, by: house.opener.principal) } == .notFound)
        #expect(refusal { try house.vault.seal(of: bid.bid.bid, other, opening: opening.opening, by: house.opener.principal) } == .notFound)
    }

    @Test func theMinutesAccountForTheClosing() throws {
        let opening = try announce()
        try approve(opening, by: 1)
        try approve(opening, by: 2)
        let early = try minutes(opening, [(inTime, .opened)])
        func conclude(_ signed: [UInt8]) -> Refusal.Kind? {
            refusal { try house.vault.conclude(id, opening: opening.opening, by: house.opener.principal, signed: signed, extract: nil) }
        }
        #expect(conclude(early) == .quorum)
        _ = try release(opening.opening)
        #expect(conclude(try minutes(opening, [])) == .invalid)
        #expect(conclude(try minutes(opening, [(inTime, .withheld)])) == .invalid)
        #expect(conclude(try minutes(opening, [(inTime, .opened), (late, .opened)])) == .invalid)
        #expect(conclude(try minutes(opening, [(inTime, .opened)], by: 2)) == .signature)
        #expect(conclude(try minutes(announce(), [(inTime, .opened)])) == .invalid, "of another opening")
        #expect(conclude(try minutes(opening, [(inTime, .failed)])) == nil)
        #expect(conclude(early) == .alreadyDone)
        #expect(refusal { try release(opening.opening) } == .phase)
    }
}
