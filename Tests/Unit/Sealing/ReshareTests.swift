import Canonical
import OpenSSL
import Testing

@testable import Sealing

/// The same keys under another committee's shares, and what stops who would slip in others.
@Suite struct ReshareTests {
    private func expect(
        _ code: SealingError.Code, _ word: String, _ line: SourceLocation = #_sourceLocation, _ step: () throws -> Void
    ) {
        let error = refusal(step)
        #expect(error?.code == code, "\(error?.text ?? "not refused")", sourceLocation: line)
        #expect(error?.text.contains(word) == true, "\(error?.text ?? "not refused")", sourceLocation: line)
    }

    /// What the old and the new committee open of one bid, sealed before.
    @Test func theNewCommitteeOpensWhatWasSealedBefore() throws {
        let story = Story(parts: ["application", "offer"])
        let bid = try SealedBid([("offer", "prix", Array("1 234,56".utf8))], of: story)
        let reshared = try Reshared(story.committee)
        #expect(reshared.renewed.fingerprint != story.committee.fingerprint && reshared.wrong.isEmpty)
        let key = try key(of: "offer", reshared.renewed, reshared.holders, original: reshared.original, by: [3, 1], story.timeLock)
        #expect(try bid.read(key) == [Array("1 234,56".utf8)])
        // Again, to others; with an RSA member who comes back, and a larger quorum.
        let again = try Reshared(
            reshared.renewed, original: reshared.original, of: reshared.holders,
            to: [Reshared.newcomers[1], Story.members[2], Reshared.newcomers[0]], k: 3, approvedBy: [3, 2])
        let third = try self.key(of: "offer", again.renewed, again.holders, original: again.original, by: [1, 2, 3], story.timeLock)
        #expect(try bid.read(third) == [Array("1 234,56".utf8)])
    }

    private func key(
        of part: String, _ committee: Committee, _ holders: [Story.Holder], original: Digest, by numbers: [Int],
        _ timeLock: borrowing TimeLock
    ) throws -> PartKey {
        let session = try OpeningSession(now: Story.after)
        let announcement = try holders[numbers[0] - 1].member.announce(
            committee, fingerprint: committee.fingerprint, log: "real", deadline: Story.deadline, closing: Story.closing,
            session: session.certificate, original: original)
        let capsule = try #require(committee.capsule(part))
        var shares: [OpeningSession.ReceivedShare] = []
        for number in numbers {
            let approved = try holders[number - 1].member.approve(
                announcement, committee: committee, fingerprint: committee.fingerprint, original: original,
                latestDeadline: Story.deadline, now: Story.after)
            shares.append(.init(number: number, share: try #require(approved.shares.first { $0.part == part }).share))
        }
        return try session.partKey(capsule, shares: shares, secret: timeLock.release(capsule, to: session.certificate))
    }

    @Test func nothingOfTheKeysChanges() throws {
        let reshared = try Reshared(Story.shared.committee)
        for (new, old) in zip(reshared.renewed.capsules, Story.shared.capsules) {
            #expect(new.with(k: old.k, members: old.members).canonicalBytes == old.canonicalBytes)
            #expect(Set(new.members.map(\.shareDigest)).isDisjoint(with: old.members.map(\.shareDigest)))
        }
        try Story.shared.timeLock.check(
            reshared.renewed.keySet, reshared.renewed.capsules, consultation: Story.consultation, deadline: Story.deadline,
            parts: ["offer"])
    }

    /// Of each field that is no member's: another value is refused by name.
    @Test func aSetOfOtherKeysIsRefused() throws {
        let story = Story.shared
        let reshared = try Reshared(story.committee)
        let other = Story().capsules[0]
        func check(_ word: String, _ line: SourceLocation = #_sourceLocation, _ change: (Capsule) throws -> Capsule) throws {
            let renewed = try reshared.renewed(change)
            expect(.keys, word, line) { try Reshare.check(renewed, replaces: story.committee, for: reshared.proposed) }
        }
        // What is sealed into the shares with it would be another's; the shape of the shares is the same.
        try check("`certificate`") { $0.with(certificate: other.certificate) }
        try check("`sealedKey`") { $0.with(sealedKey: other.sealedKey) }
        try check("`notBefore`") { $0.with(notBefore: Story.deadline.advanced(bySeconds: -86_400)) }
        try check("`committeeDigest`") { $0.with(committeeDigest: other.committeeDigest) }
        try check("`platformDigest`") { $0.with(platformDigest: other.platformDigest) }
        try check("`timeLock`") { $0.with(timeLock: other.timeLock) }
        try check("`recovery`") { $0.with(recovery: .some(other.recovery)) }
        try check("`recovery`") { $0.with(recovery: .some(nil)) }
        try check("another committee") { $0.with(k: 1) }
        try check("another consultation") { $0.with(consultation: try Identifier("ff112233445566778899aabbccddeeff")) }
        // The same, bit for bit but for one: T re-sealed to the same certificate.
        let sealed = try SealedObject.seal(Secret(copying: [UInt8](repeating: 7, count: 32)), to: Story.platform.certificate)
        try check("`timeLock`") { $0.with(timeLock: .init(certificate: $0.timeLock.certificate, secret: sealed)) }
    }

    @Test func aCommitteeThatWasNotSignedIsRefused() throws {
        let story = Story.shared
        let reshared = try Reshared(story.committee)
        for proposed in [
            Reshared.propose([Story.members[0], Story.members[1], Reshared.newcomers[1]], k: 2),
            Reshared.propose([Story.members[1], Story.members[0], Reshared.newcomers[0]], k: 2),
            Reshared.propose(reshared.holders, k: 3), Reshared.propose(Array(reshared.holders.dropLast()), k: 2),
            ProposedCommittee(
                k: 2, members: reshared.proposed.members.map { CommitteeMember(name: $0.name + "e", certificate: $0.certificate) }),
        ] {
            expect(.keys, "another committee") {
                try Reshare.check(reshared.renewed, replaces: story.committee, for: proposed)
            }
            expect(.statement, "committee") {
                _ = try Story.members[0].member.approveReshare(
                    reshared.announcement, committee: story.committee, fingerprint: story.committee.fingerprint,
                    proposed: proposed, now: Reshared.before)
            }
            let session = try OpeningSession(now: Story.after)
            expect(.statement, "committee") {
                _ = try Reshare.deal(story.committee, to: proposed, opening: reshared.opening, lent: [], session: session)
            }
        }
    }

    /// A dealer who hands out the old split again has replaced nobody.
    @Test func sharesOfTheOldSplitAreNoneOfTheNew() throws {
        let story = Story.shared
        let reshared = try Reshared(story.committee, to: Story.members)
        let renewed = try reshared.renewed { capsule in
            capsule.with(members: capsule.members.enumerated().map { index, member in
                index == 1 ? story.capsules[0].members[1] : member
            })
        }
        expect(.share, "the share of member 2 is one of the old split") {
            try Reshare.check(renewed, replaces: story.committee, for: reshared.proposed)
        }
        // With a quorum of one, a share is C: there is no other.
        let alone = Story(k: 1)
        let kept = try Reshared(alone.committee, to: Story.members, k: 1, approvedBy: [1])
        try Reshare.check(kept.renewed, replaces: alone.committee, for: kept.proposed)
    }

    /// One who stays and lends its old share after the change: the share is named, another's makes it good.
    @Test func anOldShareIsNamedAndNotUsed() throws {
        let story = Story.shared
        let reshared = try Reshared(story.committee)
        let session = try OpeningSession(now: Reshared.before)
        let proposed = Reshared.propose(Story.members, k: 2)
        let announcement = try reshared.holders[0].member.announceReshare(
            reshared.renewed, to: proposed, fingerprint: reshared.renewed.fingerprint, original: reshared.original, log: "real",
            deadline: Story.deadline, session: session.certificate)
        let opening = try announcement.verified(as: Opening.self)
        func lent(_ number: Int) throws -> Reshare.Lent {
            let approved = try reshared.holders[number - 1].member.approveReshare(
                announcement, committee: reshared.renewed, fingerprint: reshared.renewed.fingerprint, original: reshared.original,
                proposed: proposed, now: Reshared.before)
            return Reshare.Lent(number: number, shares: approved.shares)
        }
        // Member 1's share of the split before, sealed to this session.
        let expected = story.capsules[0].shareObject(1)
        let object = try SealedObject.open(
            story.capsules[0].members[0].share, length: expected.length, certificate: Story.members[0].certificate,
            key: Story.members[0].key)
        let stale = Reshare.Lent(
            number: 1, shares: [PartShare(part: "offer", share: try SealedObject.seal(object, to: session.certificate))])
        let (one, two, three) = (try lent(1), try lent(2), try lent(3))
        func deal(_ lent: [Reshare.Lent]) throws -> (renewed: Committee, wrong: [WrongShare]) {
            try Reshare.deal(reshared.renewed, to: proposed, opening: opening, lent: lent, session: session)
        }
        expect(.share, "the share of member 1 is wrong: it is not the one that was dealt") { _ = try deal([stale, two]) }
        #expect(try deal([stale, two, three]).wrong.map(\.number) == [1])
        expect(.quorum, "1 more good share") { _ = try deal([one]) }
        // The same share twice is one.
        expect(.quorum, "1 more good share") { _ = try deal([two, two]) }
        let altered = Reshare.Lent(
            number: 3, shares: three.shares.map { share in
                var bytes = share.share
                bytes[bytes.count - 1] ^= 1
                return PartShare(part: share.part, share: bytes)
            })
        expect(.share, "member 3") { _ = try deal([altered, two]) }
        #expect(try deal([one, two]).wrong.isEmpty)
    }

    /// A dealer's share that does not rebuild C is not accepted by whoever opens it, for it is not the one dealt; and shares that are
    /// those dealt, yet do not combine, rebuild nothing.
    @Test func sharesThatDoNotRebuildTheCommitteesHalf() throws {
        let story = Story.shared
        let reshared = try Reshared(story.committee)
        let forged = try reshared.renewed { capsule in
            let object = capsule.shareObject(2).encoded(try Secret.random(32))
            return capsule.with(members: try capsule.members.map { member in
                member.number != 2
                    ? member
                    : .init(
                        number: 2, name: member.name, certificate: member.certificate, signing: nil,
                        share: try SealedObject.seal(object, to: member.certificate), shareDigest: object.digest)
            })
        }
        // No check without the shares can see it: that is why more must accept than open, and why the dealer rebuilds first.
        try Reshare.check(forged, replaces: story.committee, for: reshared.proposed)
        let session = try OpeningSession(now: Story.after)
        let announcement = try reshared.holders[0].member.announceReshare(
            forged, to: reshared.proposed, fingerprint: forged.fingerprint, original: reshared.original, log: "real",
            deadline: Story.deadline, session: session.certificate)
        func lent(_ number: Int) throws -> Reshare.Lent {
            let approved = try reshared.holders[number - 1].member.approveReshare(
                announcement, committee: forged, fingerprint: forged.fingerprint, original: reshared.original,
                proposed: reshared.proposed, now: Reshared.before)
            return Reshare.Lent(number: number, shares: approved.shares)
        }
        let opening = try announcement.verified(as: Opening.self)
        let (one, two, three) = (try lent(1), try lent(2), try lent(3))
        expect(.share, "one was dealt wrong") {
            _ = try Reshare.deal(forged, to: reshared.proposed, opening: opening, lent: [one, two], session: session)
        }
        let dealt = try Reshare.deal(forged, to: reshared.proposed, opening: opening, lent: [one, two, three], session: session)
        #expect(dealt.wrong.map(\.number) == [2])
    }

    @Test func anApprovalIsForOnePurpose() throws {
        let story = Story.shared
        let (committee, fingerprint) = (story.committee, story.committee.fingerprint)
        let session = try OpeningSession(now: Story.after)
        let opened = try story.open(approvedBy: [1], session: session)
        let proposed = Reshared.propose(Story.members, k: 2)
        let reshare = try Story.members[0].member.announceReshare(
            committee, to: proposed, fingerprint: fingerprint, log: "real", deadline: Story.deadline, session: session.certificate)
        expect(.statement, "a re-share, not an opening") {
            _ = try Story.members[1].member.approve(
                reshare, committee: committee, fingerprint: fingerprint, latestDeadline: Story.deadline, now: Story.after)
        }
        expect(.statement, "an opening, not a re-share") {
            _ = try Story.members[1].member.approveReshare(
                opened.announcement, committee: committee, fingerprint: fingerprint, proposed: proposed, now: Story.after)
        }
        // Its signature names the opening, and with it the purpose: moved to the other, it does not hold.
        let lent = try Story.members[1].member.approveReshare(
            reshare, committee: committee, fingerprint: fingerprint, proposed: proposed, now: Story.after)
        let (opening, resharing) = (try opened.announcement.verified(as: Opening.self), try reshare.verified(as: Opening.self))
        expect(.statement, "of another opening") {
            _ = try committee.approval(lent.signed, shares: lent.shares, opening: opening, digest: opening.digest)
        }
        let given = opened.approvals[0]
        expect(.statement, "of another opening") {
            _ = try committee.approval(given.signed, shares: given.shares, opening: resharing, digest: resharing.digest)
        }
        expect(.statement, "no re-share") {
            _ = try Reshare.deal(committee, to: proposed, opening: opening, lent: [], session: session)
        }
    }

    @Test func aReshareIsOfEveryPart() throws {
        let story = Story(parts: ["application", "offer"])
        let proposed = Reshared.propose(Story.members, k: 2)
        let session = try OpeningSession(now: Story.after)
        let signed = try Story.members[0].member.announceReshare(
            story.committee, to: proposed, fingerprint: story.committee.fingerprint, log: "real", deadline: Story.deadline,
            session: session.certificate)
        let whole = try signed.verified(as: Opening.self)
        let half = Opening(
            opening: whole.opening, log: whole.log, purpose: .reshare, consultation: whole.consultation, parts: ["application"],
            fingerprint: whole.fingerprint, original: whole.original, deadline: whole.deadline, announcer: 1,
            session: whole.session, closing: whole.closing)
        expect(.statement, "of every part") {
            _ = try story.committee.opening(
                Signed.make(half, key: Story.members[0].key, certificate: Story.members[0].certificate),
                fingerprint: story.committee.fingerprint)
        }
    }

    @Test func aCommitteeThatNobodyCanBe() {
        let (one, two) = (Story.members[0], Story.members[1])
        expect(.keys, "1 to 255 members") { try Reshared.propose([], k: 1).check() }
        expect(.keys, "1 to 255 members") { try Reshared.propose([one], k: 0).check() }
        expect(.keys, "1 to 255 members") { try Reshared.propose([one, two], k: 3).check() }
        expect(.keys, "share one key") { try Reshared.propose([one, two, one], k: 2).check() }
        expect(.keys, "control character") {
            try ProposedCommittee(k: 1, members: [CommitteeMember(name: "A\u{1b}[2J", certificate: one.certificate)]).check()
        }
        let both = CommitteeMember(name: "A", certificate: one.certificate, signing: two.certificate)
        expect(.keys, "share one key") {
            try ProposedCommittee(k: 1, members: [both, CommitteeMember(name: "B", certificate: two.certificate)]).check()
        }
    }
}
