import Canonical
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

/// A re-share at the daemon, and what it refuses of one, each by name and before anything changes.
@Suite("Re-sharing, on a clock that the test turns")
final class ReshareTests {
    let house: House
    let id: Identifier
    let old: Committee
    let diane = Members.Holder("Diane")
    var holders: [Members.Holder] { [Members.all[0], Members.all[1], diane] }

    init() throws {
        house = try House()
        (id, old) = try house.published()
    }

    func proposal(_ holders: [Members.Holder], k: Int = 2) -> ProposedCommittee {
        ProposedCommittee(
            k: k, members: holders.enumerated().map { CommitteeMember(name: "New \($0.offset + 1)", certificate: $0.element.certificate) })
    }

    /// One that is under way, as its announcer's tool holds it.
    final class Renewal {
        let session: OpeningSession
        let proposed: ProposedCommittee
        let signed: Signed
        let opening: Opening

        init(_ committee: Committee, to proposed: ProposedCommittee, by holder: Members.Holder, original: Digest?, deadline: String) throws {
            session = try OpeningSession(now: Dial.instant("11:00:00.000"))
            self.proposed = proposed
            signed = try holder.member().announceReshare(
                committee, to: proposed, fingerprint: committee.fingerprint, original: original, log: "training",
                deadline: Dial.instant(deadline), session: session.certificate)
            opening = try signed.verified(as: Opening.self)
        }

        func deal(_ committee: Committee, _ approvals: [Vault.ReleasedApproval]) throws -> Committee {
            try Reshare.deal(
                committee, to: proposed, opening: opening,
                lent: approvals.map { approval in
                    Reshare.Lent(number: approval.number, shares: approval.shares.map { PartShare(part: $0.part, share: $0.share) })
                }, session: session
            ).renewed
        }
    }

    func renewal(
        of committee: Committee? = nil, to holders: [Members.Holder]? = nil, by holder: Members.Holder = Members.all[0],
        deadline: String = "12:00:00.000"
    ) throws -> Renewal {
        try Renewal(
            committee ?? old, to: proposal(holders ?? self.holders), by: holder, original: old.fingerprint, deadline: deadline)
    }

    func announce(_ renewal: Renewal, committee: [UInt8]? = nil, by user: House.User? = nil) throws {
        _ = try house.vault.announce(
            id, by: (user ?? house.opener).principal, signed: renewal.signed.canonicalBytes,
            committee: committee ?? renewal.proposed.canonicalBytes)
    }

    func approve(_ renewal: Renewal, _ holder: Members.Holder, of committee: Committee? = nil) throws {
        let committee = committee ?? old
        let (signed, shares) = try holder.member().approveReshare(
            renewal.signed, committee: committee, fingerprint: committee.fingerprint, original: old.fingerprint,
            proposed: renewal.proposed, now: house.dial.clock.now)
        _ = try house.vault.approve(
            id, opening: renewal.opening.opening, by: house.otherOpener.principal, signed: signed.canonicalBytes,
            shares: shares.map { ($0.part, $0.share) })
    }

    func release(_ renewal: Renewal, by user: House.User? = nil) throws -> [Vault.ReleasedApproval] {
        let (approvals, parts) = try house.vault.release(id, opening: renewal.opening.opening, by: (user ?? house.opener).principal)
        #expect(parts.isEmpty, "something of the platform's half went out")
        return approvals
    }

    func put(_ renewal: Renewal, _ renewed: Committee, by user: House.User? = nil) throws -> Digest {
        try house.vault.reshare(
            id, opening: renewal.opening.opening, by: (user ?? house.opener).principal, keySet: renewed.keySet.canonicalBytes,
            capsules: renewed.capsules.map(\.canonicalBytes))
    }

    func accept(_ renewed: Committee, _ holder: Members.Holder) throws -> (accepted: [Int], needed: Int) {
        try house.vault.accept(
            id, by: house.opener.principal,
            signed: holder.member().accept(renewed, fingerprint: renewed.fingerprint).canonicalBytes)
    }

    /// Announced, approved by two, dealt.
    func dealt(_ renewal: Renewal, of committee: Committee? = nil, by holders: [Members.Holder]? = nil) throws -> Committee {
        try announce(renewal)
        for holder in holders ?? [Members.all[0], Members.all[1]] { try approve(renewal, holder, of: committee) }
        return try renewal.deal(committee ?? old, release(renewal))
    }

    func state() throws -> Consultation { try house.vault.consultation(id, for: house.buyer.principal).consultation }

    // MARK: The whole way

    @Test func aCommitteeIsReplacedBeforeTheDeadline() throws {
        let before = try Upload.whole(house, id, by: house.bidder, Array("avant".utf8))
        let renewal = try renewal()
        let renewed = try dealt(renewal)
        #expect(try put(renewal, renewed) == renewed.fingerprint)
        // Sent again after a lost answer it is the same; and nothing is in force yet.
        #expect(try put(renewal, renewed) == renewed.fingerprint)
        #expect(try house.facts(KeysReshared.self).count == 1 && house.facts(SharesReleased.self).map(\.approvals) == [[1, 2]])
        #expect(try house.facts(OpeningReleased.self).isEmpty)
        #expect(try state().phase == .published && state().keys?.fingerprint == old.fingerprint)
        #expect(try accept(renewed, Members.all[0]).accepted == [1])
        #expect(try accept(renewed, diane).accepted == [1, 3])
        #expect(refusal { _ = try accept(renewed, diane) } == .alreadyDone)
        #expect(try state().keys?.fingerprint == old.fingerprint && house.facts(KeysReplaced.self).isEmpty)
        #expect(try accept(renewed, Members.all[1]).accepted == [1, 2, 3])
        #expect(try state().keys?.fingerprint == renewed.fingerprint && state().pending == nil)
        #expect(try house.facts(KeysReplaced.self).map(\.accepted) == [[1, 2, 3]])

        // What bidders see and get names the first, whenever they came.
        let after = try Upload.whole(house, id, by: house.otherBidder, Array("après".utf8))
        #expect(before.bid.keys == old.fingerprint && after.bid.keys == old.fingerprint)
        let view = try house.vault.consultation(id, for: nil)
        #expect(try KeySet(canonical: #require(view.keySet)).fingerprint == old.fingerprint && view.acceptances.count == 3)
        #expect(view.consultation.keys?.original == old.fingerprint)

        let succession = try self.succession()
        #expect(succession.fingerprints == [old.fingerprint, renewed.fingerprint])

        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).map(\.keys) == [old.fingerprint])
        try expectOpens(renewed, diane, Members.all[1])
    }

    /// What a tool rebuilds of the daemon's answer, and checks.
    func succession() throws -> Succession {
        let view = try house.vault.succession(of: id, for: house.buyer.principal)
        func committee(_ keys: KeysView) throws -> Committee {
            try Committee(KeySet(canonical: keys.keySet), keys.capsules.map { try Capsule(canonical: $0) })
        }
        func link(_ link: SuccessionView.Link) throws -> Succession.Link {
            Succession.Link(
                announcement: try Signed(canonical: link.announcement), proposed: try ProposedCommittee(canonical: link.committee),
                approvals: try link.approvals.map { try Signed(canonical: $0) }, renewed: try committee(link.renewed),
                acceptances: try link.renewed.acceptances.map { try Signed(canonical: $0.signed) })
        }
        let succession = Succession(
            first: try committee(view.first), links: try view.links.map(link), pending: try view.pending.map(link))
        try succession.verify(log: "training")
        return succession
    }

    /// Two of the new committee rebuild the key.
    func expectOpens(_ committee: Committee, _ announcer: Members.Holder, _ other: Members.Holder) throws {
        let session = try OpeningSession(now: house.dial.clock.now)
        let closing = try house.vault.statement(of: id, for: house.opener.principal).digest
        let signed = try announcer.member().announce(
            committee, fingerprint: committee.fingerprint, log: "training", deadline: Dial.instant("12:00:00.000"),
            closing: closing, session: session.certificate, original: old.fingerprint)
        let opening = try house.vault.announce(id, by: house.opener.principal, signed: signed.canonicalBytes).opening
        for holder in [announcer, other] {
            let (approval, shares) = try holder.member().approve(
                signed, committee: committee, fingerprint: committee.fingerprint, original: old.fingerprint,
                latestDeadline: Dial.instant("12:00:00.000"), now: house.dial.clock.now)
            _ = try house.vault.approve(
                id, opening: opening, by: house.opener.principal, signed: approval.canonicalBytes,
                shares: shares.map { ($0.part, $0.share) })
        }
        let (approvals, parts) = try house.vault.release(id, opening: opening, by: house.opener.principal)
        let capsule = try #require(committee.capsule("offer"))
        let key = try session.partKey(
            capsule, shares: approvals.map { .init(number: $0.number, share: $0.shares[0].share) }, secret: try #require(parts.first).secret)
        #expect(key.wrongShares.isEmpty && key.certificate == old.capsules[0].certificate)
    }

    /// Whatever the step at which the daemon ends, it starts again with the old keys or the new ones, whole, and goes on.
    @Test func theDaemonStopsBetweenAnyTwoSteps() throws {
        func restart() throws {
            try house.restart {}
            let keys = try #require(try state().keys)
            #expect([old.fingerprint, try state().pending?.keys.fingerprint ?? keys.fingerprint].contains(keys.fingerprint))
            _ = try succession()
        }
        let renewal = try renewal()
        try announce(renewal)
        try restart()
        try approve(renewal, Members.all[0])
        try restart()
        try approve(renewal, Members.all[1])
        try restart()
        _ = try release(renewal)
        try restart()
        // The session lives in the announcer's tool, which asks again.
        let renewed = try renewal.deal(old, release(renewal))
        _ = try put(renewal, renewed)
        try restart()
        for holder in holders {
            #expect(try state().keys?.fingerprint == old.fingerprint)
            _ = try accept(renewed, holder)
            try restart()
        }
        #expect(try state().keys?.fingerprint == renewed.fingerprint && state().keys?.accepted == [1, 2, 3])
        try house.vault.closings.load(from: house.vault.register)
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        try expectOpens(renewed, Members.all[0], diane)
    }

    // MARK: What is refused

    @Test func anAnnouncementThatIsNoMembers() throws {
        let stranger = Members.Holder("Mallory")
        let renewal = try renewal()
        let forged = try Signed.make(renewal.opening, key: stranger.key(), certificate: stranger.certificate)
        let proposed = renewal.proposed.canonicalBytes
        #expect(
            refusal { _ = try house.vault.announce(id, by: house.opener.principal, signed: forged.canonicalBytes, committee: proposed) }
                == .signature)
        #expect(refusal { try announce(renewal, by: house.buyer) } == .forbidden)
        #expect(refusal { try announce(renewal, by: house.bidder) } == .forbidden)
        // Another committee than the one signed, none, or one with an opening.
        #expect(refusal { try announce(renewal, committee: proposal([Members.all[0], stranger]).canonicalBytes) } == .invalid)
        #expect(refusal { try announce(renewal, committee: [0x7b, 0x7d]) } == .malformed)
        #expect(refusal { _ = try house.vault.announce(id, by: house.opener.principal, signed: renewal.signed.canonicalBytes) } != nil)
        let twice = proposal([Members.all[0], Members.all[0]])
        #expect(refusal { try announce(renewal, committee: twice.canonicalBytes) } == .keys)
        #expect(try house.facts(OpeningAnnounced.self).isEmpty)
        try announce(renewal)
        #expect(refusal { try announce(renewal) } == .alreadyDone)
        // After the archive nothing is dealt; before, an opening with a committee is none.
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        let session = try OpeningSession(now: house.dial.clock.now)
        let opening = try Members.all[0].member().announce(
            old, fingerprint: old.fingerprint, log: "training", deadline: Dial.instant("12:00:00.000"),
            closing: house.vault.statement(of: id, for: house.opener.principal).digest, session: session.certificate)
        #expect(
            refusal { _ = try house.vault.announce(id, by: house.opener.principal, signed: opening.canonicalBytes, committee: proposed) }
                == .invalid)
    }

    @Test func oneLessThanTheQuorum() throws {
        let renewal = try renewal()
        try announce(renewal)
        #expect(refusal { _ = try release(renewal) } == .quorum)
        try approve(renewal, Members.all[0])
        #expect(refusal { _ = try release(renewal) } == .quorum)
        #expect(refusal { try approve(renewal, Members.all[0]) } == .alreadyDone)
        // Whoever makes keys up without a release has dealt nothing.
        let (keySet, capsules) = try Members.ceremony(id)
        #expect(refusal { _ = try put(renewal, try Committee(keySet, capsules)) } == .keys)
        try approve(renewal, Members.all[2])
        #expect(refusal { _ = try release(renewal, by: house.otherOpener) } == .forbidden)
        let renewed = try renewal.deal(old, release(renewal))
        #expect(refusal { _ = try put(renewal, renewed, by: house.otherOpener) } == .forbidden)
        #expect(refusal { _ = try put(renewal, renewed, by: house.buyer) } == .forbidden)
        #expect(try house.facts(KeysReshared.self).isEmpty)
    }

    @Test func approvalsOfAnotherOpeningOrAnOldSplit() throws {
        let (one, two) = (try renewal(), try renewal())
        try announce(one)
        try announce(two)
        let (signed, shares) = try Members.all[1].member().approveReshare(
            one.signed, committee: old, fingerprint: old.fingerprint, proposed: one.proposed, now: house.dial.clock.now)
        let parts = shares.map { ($0.part, $0.share) }
        #expect(
            refusal {
                _ = try house.vault.approve(
                    id, opening: two.opening.opening, by: house.opener.principal, signed: signed.canonicalBytes, shares: parts)
            } == .signature)
        // Sent as the approval of an opening, once there is one.
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        let session = try OpeningSession(now: house.dial.clock.now)
        let announced = try Members.all[0].member().announce(
            old, fingerprint: old.fingerprint, log: "training", deadline: Dial.instant("12:00:00.000"),
            closing: house.vault.statement(of: id, for: house.opener.principal).digest, session: session.certificate)
        let opening = try house.vault.announce(id, by: house.opener.principal, signed: announced.canonicalBytes).opening
        #expect(
            refusal {
                _ = try house.vault.approve(id, opening: opening, by: house.opener.principal, signed: signed.canonicalBytes, shares: parts)
            } == .signature)
        let (given, lent) = try Members.all[1].member().approve(
            announced, committee: old, fingerprint: old.fingerprint, latestDeadline: Dial.instant("12:00:00.000"),
            now: house.dial.clock.now)
        #expect(
            refusal {
                _ = try house.vault.approve(
                    id, opening: one.opening.opening, by: house.opener.principal, signed: given.canonicalBytes,
                    shares: lent.map { ($0.part, $0.share) })
            } == .signature)
        // What a re-share released opens nothing: neither its bids nor its minutes exist, and it keeps no order of parts.
        try approve(one, Members.all[0])
        try approve(one, Members.all[1])
        let renewed = try one.deal(old, release(one))
        #expect(refusal { _ = try house.vault.bids(of: id, opening: one.opening.opening, by: house.opener.principal) } == .notFound)
        // In force: openings and re-shares of the set before get nothing any more, and its members approve nothing.
        _ = try put(one, renewed)
        for holder in holders { _ = try accept(renewed, holder) }
        #expect(refusal { try approve(two, Members.all[0]) } == .fingerprint)
        #expect(
            refusal {
                _ = try house.vault.approve(
                    id, opening: opening, by: house.opener.principal, signed: given.canonicalBytes, shares: lent.map { ($0.part, $0.share) })
            } == .fingerprint)
        #expect(refusal { _ = try house.vault.release(id, opening: opening, by: house.opener.principal) } == .fingerprint)
        #expect(refusal { try announce(try renewal()) } == .signature)
        // Chloé, who left, announces under the new fingerprint.
        let left = try Renewal(renewed, to: one.proposed, by: diane, original: old.fingerprint, deadline: "12:00:00.000")
        let forged = try Signed.make(left.opening, key: Members.all[2].key(), certificate: Members.all[2].certificate)
        #expect(
            refusal {
                _ = try house.vault.announce(
                    id, by: house.opener.principal, signed: forged.canonicalBytes, committee: one.proposed.canonicalBytes)
            } == .signature)
        try expectOpens(renewed, diane, Members.all[0])
    }

    @Test func otherKeysThanThoseInForce() throws {
        let renewal = try renewal()
        let renewed = try dealt(renewal)
        let other = try Members.ceremony(id).1[0]
        func refused(_ change: (Capsule) -> Capsule) throws -> Refusal.Kind? {
            let capsules = renewed.capsules.map(change)
            let keySet = KeySet(
                consultation: id, parts: capsules.map { .init(part: $0.part, certificate: Digest($0.certificate), capsule: $0.digest) })
            return refusal {
                _ = try house.vault.reshare(
                    id, opening: renewal.opening.opening, by: house.opener.principal, keySet: keySet.canonicalBytes,
                    capsules: capsules.map(\.canonicalBytes))
            }
        }
        func with(_ capsule: Capsule, notBefore: Instant? = nil, certificate: Certificate? = nil, sealedKey: [UInt8]? = nil,
            committee: Digest? = nil, platform: Digest? = nil, timeLock: Capsule.SealedPlatformSecret? = nil,
            members: [Capsule.Member]? = nil
        ) -> Capsule {
            Capsule(
                consultation: capsule.consultation, part: capsule.part, notBefore: notBefore ?? capsule.notBefore, k: capsule.k,
                certificate: certificate ?? capsule.certificate, sealedKey: sealedKey ?? capsule.sealedKey,
                committeeDigest: committee ?? capsule.committeeDigest, platformDigest: platform ?? capsule.platformDigest,
                members: members ?? capsule.members, timeLock: timeLock ?? capsule.timeLock, recovery: capsule.recovery)
        }
        #expect(try refused { with($0, notBefore: Dial.instant("11:00:00.000")) } == .keys)
        #expect(try refused { with($0, certificate: other.certificate) } == .keys)
        #expect(try refused { with($0, sealedKey: other.sealedKey) } == .keys)
        #expect(try refused { with($0, committee: other.committeeDigest) } == .keys)
        #expect(try refused { with($0, platform: other.platformDigest) } == .keys)
        #expect(try refused { with($0, timeLock: other.timeLock) } == .keys)
        // Dealt to another committee: as it was, without one, in another order.
        #expect(try refused { with($0, members: old.capsules[0].members) } == .keys)
        #expect(try refused { with($0, members: Array($0.members.dropLast())) } == .keys)
        #expect(try put(renewal, renewed) == renewed.fingerprint)
        // What was dealt once is dealt.
        let approvals = try house.vault.register.read { [self] register in
            let state = try #require(try register.opening(renewal.opening.opening))
            return try house.vault.approvals(of: state, in: register)
        }
        let again = try renewal.deal(old, approvals)
        #expect(refusal { _ = try put(renewal, again) } == .phase)
    }
}
