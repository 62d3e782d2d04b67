import Canonical
import OpenSSL
import Testing

@testable import Sealing

@Suite struct UnsealingTests {
    let story = Story.shared
    var committee: Committee { story.committee }
    var fingerprint: Digest { story.committee.fingerprint }

    private func expect(
        _ code: SealingError.Code, _ word: String, _ line: SourceLocation = #_sourceLocation, _ step: () throws -> Void
    ) {
        let error = refusal(step)
        #expect(error?.code == code, sourceLocation: line)
        #expect(error?.text.contains(word) == true, "\(error?.text ?? "not refused")", sourceLocation: line)
    }

    // MARK: Acceptance

    @Test func aMemberAcceptsWhatItOpened() throws {
        for (index, holder) in Story.members.enumerated() {
            let signed = try Signed(canonical: holder.member.accept(committee, fingerprint: fingerprint).canonicalBytes)
            #expect(try committee.acceptance(signed, fingerprint: fingerprint).number == index + 1)
        }
        #expect(committee.needed == 3)
        #expect(Story(k: 1).committee.needed == 2)
        expect(.statement, "fingerprint") {
            _ = try Story.members[0].member.accept(committee, fingerprint: Digest.zero)
        }
        expect(.keys, "not in the committee") {
            _ = try Story.Holder("Mallory").member.accept(committee, fingerprint: fingerprint)
        }
        expect(.keys, "does not belong") {
            _ = try Member(key: Story.members[0].key, certificate: Story.members[1].certificate)
        }
    }

    /// A share of another consultation, sealed to the same member and put in this capsule: the member refuses it by name.
    @Test func aCopiedShareIsRefused() throws {
        let other = Story(consultation: try Identifier("ff112233445566778899aabbccddeeff"))
        let copied = try capsule(
            replacing: 1, share: other.capsules[0].members[0].share, digest: other.capsules[0].members[0].shareDigest)
        expect(.share, "`c") { _ = try Story.members[0].member.accept(copied, fingerprint: copied.fingerprint) }
        // With the certificate the same too, it is the consultation that differs.
        let object = ShareObject(
            consultation: other.keySet.consultation, part: "offer", certificate: Digest(story.capsules[0].certificate),
            notBefore: Story.deadline, number: 1)
        let dealt = object.encoded(try Secret.random(32))
        let forged = try capsule(
            replacing: 1, share: SealedObject.seal(dealt, to: Story.members[0].certificate), digest: dealt.digest)
        expect(.share, "member 1: its `consultation`") {
            _ = try Story.members[0].member.accept(forged, fingerprint: forged.fingerprint)
        }
        // Another share of the right form is not the one whose digest stands there.
        let wrong = story.capsules[0].shareObject(1).encoded(try Secret.random(32))
        let swapped = try capsule(
            replacing: 1, share: SealedObject.seal(wrong, to: Story.members[0].certificate),
            digest: story.capsules[0].members[0].shareDigest)
        expect(.share, "digest") { _ = try Story.members[0].member.accept(swapped, fingerprint: swapped.fingerprint) }
    }

    private func capsule(replacing number: Int, share: [UInt8], digest: Digest) throws -> Committee {
        let old = story.capsules[0]
        let capsule = Capsule(
            consultation: old.consultation, part: old.part, notBefore: old.notBefore, k: old.k,
            certificate: old.certificate, sealedKey: old.sealedKey,
            committeeDigest: old.committeeDigest, platformDigest: old.platformDigest,
            members: old.members.map {
                $0.number == number
                    ? .init(
                        number: number, name: $0.name, certificate: $0.certificate, signing: $0.signing, share: share,
                        shareDigest: digest) : $0
            }, timeLock: old.timeLock, recovery: old.recovery)
        return try Committee(
            KeySet(
                consultation: old.consultation,
                parts: [.init(part: old.part, certificate: Digest(old.certificate), capsule: capsule.digest)]),
            [capsule])
    }

    @Test func signedByTheRightOne() throws {
        let signed = try Story.members[1].member.accept(committee, fingerprint: fingerprint)
        let acceptance = try committee.acceptance(signed, fingerprint: fingerprint)
        let another = Acceptance(consultation: acceptance.consultation, fingerprint: fingerprint, number: 1)
        expect(.signature, "does not hold") {
            _ = try committee.acceptance(
                Signed(object: another.json, certificate: signed.certificate, signature: signed.signature),
                fingerprint: fingerprint)
        }
        expect(.signature, "somebody else than member 1") {
            _ = try committee.acceptance(
                Signed.make(another, key: Story.members[1].key, certificate: Story.members[1].certificate),
                fingerprint: fingerprint)
        }
        let nobody = Acceptance(consultation: acceptance.consultation, fingerprint: fingerprint, number: 9)
        expect(.signature, "no member 9") {
            _ = try committee.acceptance(
                Signed.make(nobody, key: Story.members[1].key, certificate: Story.members[1].certificate),
                fingerprint: fingerprint)
        }
        expect(.statement, "fingerprint") { _ = try committee.acceptance(signed, fingerprint: Digest.zero) }
        expect(.format, "format") { _ = try signed.verified(as: Opening.self) }
        expect(.signature, "does not belong") {
            _ = try Signed.make(another, key: Story.members[1].key, certificate: Story.members[0].certificate)
        }
    }

    @Test func aSecondCertificateToSignWith() throws {
        let (sealing, signing) = (Story.Holder("Dan, cipher"), Story.Holder("Dan, signature"))
        let made = try Ceremony.make(
            consultation: Story.consultation, notBefore: Story.deadline, parts: ["offer"],
            members: [CommitteeMember(name: "Dan", certificate: sealing.certificate, signing: signing.certificate)],
            k: 1,
            timeLock: Story.platform.certificate, recovery: nil, now: Story.deadline)
        let committee = try Committee(made.keySet, [Capsule(canonical: made.capsules[0].canonicalBytes)])
        let dan = try Member(
            key: sealing.key, certificate: sealing.certificate, signingKey: signing.key, signing: signing.certificate)
        let signed = try dan.accept(committee, fingerprint: committee.fingerprint)
        #expect(try committee.acceptance(signed, fingerprint: committee.fingerprint).number == 1)
        #expect(signed.certificate == signing.certificate)
        expect(.keys, "another signing certificate") {
            _ = try sealing.member.accept(committee, fingerprint: committee.fingerprint)
        }
    }

    // MARK: Opening and approval

    private func announce(
        _ session: Certificate, by holder: Story.Holder = Story.members[0], deadline: Instant = Story.deadline
    ) throws -> Signed {
        try holder.member.announce(
            committee, fingerprint: fingerprint, log: "real", deadline: deadline, closing: Story.closing,
            session: session)
    }

    private func approve(
        _ announcement: Signed, _ number: Int = 2, fingerprint: Digest? = nil, latestDeadline: Instant = Story.deadline,
        closing: Digest? = nil,
        now: Instant = Story.after
    ) throws -> (signed: Signed, shares: [PartShare]) {
        try Story.members[number - 1].member.approve(
            announcement, committee: committee, fingerprint: fingerprint ?? self.fingerprint,
            latestDeadline: latestDeadline, closing: closing, now: now)
    }

    @Test func aMemberTrustsItsOwnClockAndPins() throws {
        let session = try OpeningSession(now: Story.after)
        let announcement = try announce(session.certificate)
        _ = try approve(announcement, closing: Story.closing)
        expect(.tooEarly, "2026-11-23T12:00:01.000Z") { _ = try approve(announcement, now: Story.deadline) }
        expect(.tooEarly, "clock") {
            _ = try approve(announcement, now: Instant(milliseconds: Story.deadline.milliseconds + 999))
        }
        expect(.statement, "fingerprint") { _ = try approve(announcement, fingerprint: Digest.zero) }
        expect(.statement, "has seen") {
            _ = try approve(
                announcement, latestDeadline: Story.deadline.advanced(bySeconds: 3600),
                now: Story.after.advanced(bySeconds: 7200))
        }
        expect(.statement, "another closing") { _ = try approve(announcement, closing: Digest.zero) }
        // A later deadline in the opening binds the member's clock too.
        let later = try announce(session.certificate, deadline: Story.deadline.advanced(bySeconds: 3600))
        expect(.tooEarly, "13:00:01") { _ = try approve(later) }
        expect(.statement, "before `notBefore`") {
            _ = try announce(session.certificate, deadline: Story.deadline.advanced(bySeconds: -1))
        }
    }

    @Test func anOpeningThatNobodyAnnouncedIsNotApproved() throws {
        let session = try OpeningSession(now: Story.after)
        let mallory = Story.Holder("Mallory")
        let announcement = try announce(session.certificate)
        let opening = try announcement.verified(as: Opening.self)
        // Another session certificate slipped in.
        func with(
            _ session: Certificate, announcer: Int = 1, parts: [String] = ["offer"], purpose: Opening.Purpose = .open,
            original: Digest? = nil
        ) -> Opening {
            Opening(
                opening: opening.opening, log: "real", purpose: purpose, consultation: opening.consultation,
                parts: parts, fingerprint: fingerprint,
                original: original ?? fingerprint, deadline: opening.deadline, announcer: announcer, session: session,
                closing: opening.closing)
        }
        expect(.signature, "does not hold") {
            _ = try approve(
                Signed(
                    object: with(mallory.certificate).json, certificate: announcement.certificate,
                    signature: announcement.signature))
        }
        func signed(_ opening: Opening, _ holder: Story.Holder = Story.members[0]) throws -> Signed {
            try Signed.make(opening, key: holder.key, certificate: holder.certificate)
        }
        expect(.signature, "somebody else") { _ = try approve(signed(with(mallory.certificate), mallory)) }
        expect(.signature, "somebody else") { _ = try approve(signed(with(session.certificate, announcer: 3))) }
        expect(.statement, "parts") { _ = try approve(signed(with(session.certificate, parts: ["candidacy"]))) }
        expect(.statement, "re-share") { _ = try approve(signed(with(session.certificate, purpose: .reshare))) }
        expect(.statement, "original") { _ = try approve(signed(with(session.certificate, original: Digest.zero))) }
        expect(.statement, "P-256") { _ = try approve(signed(with(Story.members[2].certificate))) }
    }

    @Test func anApprovalIsOfOneOpeningAndItsShares() throws {
        let session = try OpeningSession(now: Story.after)
        let announcement = try announce(session.certificate)
        let opening = try committee.opening(announcement, fingerprint: fingerprint)
        let (signed, shares) = try approve(announcement)
        let approval = try committee.approval(
            signed, shares: shares, opening: opening, digest: announcement.objectDigest)
        #expect(approval.number == 2 && approval.at == Story.after)
        expect(.statement, "another opening") {
            _ = try committee.approval(signed, shares: shares, opening: opening, digest: Digest.zero)
        }
        expect(.share, "one share for each part") {
            _ = try committee.approval(signed, shares: [], opening: opening, digest: opening.digest)
        }
        expect(.share, "not the one that was signed") {
            _ = try committee.approval(
                signed, shares: approve(announcement).shares, opening: opening, digest: opening.digest)
        }
        // Signed, but not of the shape: to another certificate, of another length.
        for sealed in [
            try SealedObject.seal(
                [UInt8](repeating: 0, count: story.capsules[0].shareObject(2).length).span,
                to: Story.members[0].certificate),
            try SealedObject.seal([UInt8](repeating: 0, count: 10).span, to: session.certificate),
            shares[0].share + [0],
        ] {
            let share = PartShare(part: "offer", share: sealed)
            let forged = Approval(
                opening: opening.digest, number: 2, at: Story.after,
                shares: [.init(part: "offer", digest: Digest(of: sealed))])
            let holder = Story.members[1]
            expect(.share, "member 2, part offer") {
                _ = try committee.approval(
                    Signed.make(forged, key: holder.key, certificate: holder.certificate), shares: [share],
                    opening: opening, digest: opening.digest)
            }
        }
    }

    // MARK: Release

    private func shares(_ approvals: [(number: Int, shares: [PartShare])]) -> [OpeningSession.ReceivedShare] {
        approvals.map { .init(number: $0.number, share: $0.shares[0].share) }
    }

    @Test func aWrongShareIsNamedAndReplaced() throws {
        let session = try OpeningSession(now: Story.after)
        let announcement = try announce(session.certificate)
        let secret = try story.timeLock.release(story.capsules[0], to: session.certificate)
        let good = try [1, 2, 3].map { (number: $0, shares: try approve(announcement, $0).shares) }
        let forged = story.capsules[0].shareObject(2).encoded(try Secret.random(32))
        let wrong = OpeningSession.ReceivedShare(
            number: 2, share: try SealedObject.seal(forged, to: session.certificate))
        let all = shares(good)

        expect(.quorum, "1 more good share is needed") {
            _ = try session.partKey(story.capsules[0], shares: [all[0]], secret: secret)
        }
        expect(.quorum, "2 more good shares are needed") {
            _ = try session.partKey(story.capsules[0], shares: [], secret: secret)
        }
        expect(.quorum, "1 more") {
            _ = try session.partKey(story.capsules[0], shares: [all[0], all[0]], secret: secret)
        }
        expect(.share, "the share of member 2 is wrong: it is not the one that was dealt") {
            _ = try session.partKey(story.capsules[0], shares: [all[0], wrong], secret: secret)
        }
        let key = try session.partKey(story.capsules[0], shares: [all[0], wrong, all[2]], secret: secret)
        #expect(key.wrongShares.map(\.number) == [2])
        #expect(try isTrue { key.certificate.matches(key.key) })
        // Member 3's share given as member 2's, one sealed to somebody else, and one of no member.
        for bad in [
            OpeningSession.ReceivedShare(number: 2, share: all[2].share),
            .init(number: 2, share: story.capsules[0].members[1].share),
            .init(number: 7, share: all[1].share),
        ] {
            expect(.share, "member \(bad.number) is wrong") {
                _ = try session.partKey(story.capsules[0], shares: [all[0], bad], secret: secret)
            }
        }
    }

    /// The one who made the keys dealt member 1 a share that does not combine, and its digest with it.
    @Test func aShareDealtWrongIsFoundWithOneMore() throws {
        let session = try OpeningSession(now: Story.after)
        let object = story.capsules[0].shareObject(1).encoded(try Secret.random(32))
        let committee = try capsule(
            replacing: 1, share: SealedObject.seal(object, to: Story.members[0].certificate), digest: object.digest)
        let capsule = committee.capsules[0]
        #expect(try Story.members[0].member.checkShares(in: committee) == 1)
        let announcement = try Story.members[1].member.announce(
            committee, fingerprint: committee.fingerprint, log: "real", deadline: Story.deadline,
            closing: Story.closing, session: session.certificate)
        let received = try [1, 2, 3].map { number in
            OpeningSession.ReceivedShare(
                number: number,
                share: try Story.members[number - 1].member.approve(
                    announcement, committee: committee, fingerprint: committee.fingerprint,
                    latestDeadline: Story.deadline, now: Story.after
                ).shares[0].share)
        }
        let secret = try story.timeLock.release(capsule, to: session.certificate)
        expect(.share, "members 1, 2 are those dealt") {
            _ = try session.partKey(capsule, shares: Array(received.prefix(2)), secret: secret)
        }
        let key = try session.partKey(capsule, shares: received, secret: secret)
        #expect(key.wrongShares.map(\.number) == [1])
        #expect(key.wrongShares[0].reason.contains("dealt wrong"))
    }

    @Test func aWrongHalfIsThePlatforms() throws {
        let session = try OpeningSession(now: Story.after)
        let announcement = try announce(session.certificate)
        let good = shares(try [1, 3].map { (number: $0, shares: try approve(announcement, $0).shares) })
        let other = Story(consultation: try Identifier("ff112233445566778899aabbccddeeff")).capsules[0]
        for secret in [
            try story.timeLock.release(other, to: session.certificate),
            try SealedObject.seal(Secret.random(31), to: session.certificate),
            try story.timeLock.release(story.capsules[0], to: Story.members[0].certificate),
        ] {
            expect(.platform, "platform's half") {
                _ = try session.partKey(story.capsules[0], shares: good, secret: secret)
            }
        }
    }

    @Test func minutesAreTheAnnouncers() throws {
        let session = try OpeningSession(now: Story.after)
        let announcement = try announce(session.certificate)
        let bid = try Identifier("0000000000000000000000000000000b")
        func minutes(_ fingerprint: Digest) -> Minutes {
            Minutes(
                opening: announcement.objectDigest, consultation: Story.consultation, fingerprint: fingerprint,
                closing: Story.closing, released: Story.after,
                concluded: Story.after, approvals: [.init(number: 1, at: Story.after)],
                bids: [
                    .init(
                        position: 4, bid: bid, depositor: Story.depositor, result: .failed,
                        cause: "document 1: its file is missing", documents: [])
                ])
        }
        let signed = try Signed(canonical: Story.members[0].member.sign(minutes: minutes(fingerprint)).canonicalBytes)
        #expect(try committee.minutes(signed, announcer: 1) == minutes(fingerprint))
        expect(.signature, "somebody else") { _ = try committee.minutes(signed, announcer: 2) }
        expect(.statement, "fingerprint") {
            _ = try committee.minutes(Story.members[0].member.sign(minutes: minutes(Digest.zero)), announcer: 1)
        }
    }
}
