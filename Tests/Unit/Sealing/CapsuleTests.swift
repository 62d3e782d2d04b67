import Canonical
import OpenSSL
import Testing

@testable import Sealing

/// What the platform refuses to take: anything that it, or a member, could not open later.
@Suite struct CapsuleTests {
    let story = Story.shared

    /// A capsule like the story's, but for one thing, in a key set that names it.
    private func changed(
        consultation: Identifier? = nil, notBefore: Instant? = nil, k: Int? = nil, certificate: Certificate? = nil,
        sealedKey: [UInt8]? = nil,
        platformDigest: Digest? = nil, members: [Capsule.Member]? = nil, timeLock: Capsule.SealedPlatformSecret? = nil,
        recovery: Capsule.SealedPlatformSecret?? = nil
    ) -> (KeySet, Capsule) {
        let old = story.capsules[0]
        let capsule = Capsule(
            consultation: consultation ?? old.consultation, part: old.part, notBefore: notBefore ?? old.notBefore,
            k: k ?? old.k,
            certificate: certificate ?? old.certificate, sealedKey: sealedKey ?? old.sealedKey,
            committeeDigest: old.committeeDigest,
            platformDigest: platformDigest ?? old.platformDigest, members: members ?? old.members,
            timeLock: timeLock ?? old.timeLock,
            recovery: recovery ?? old.recovery)
        let keySet = KeySet(
            consultation: Story.consultation,
            parts: [.init(part: old.part, certificate: Digest(capsule.certificate), capsule: capsule.digest)])
        return (keySet, capsule)
    }

    private func check(_ set: (KeySet, Capsule)) throws {
        try story.timeLock.check(
            set.0, [set.1], consultation: Story.consultation, deadline: Story.deadline, parts: ["offer"])
    }

    private func expect(
        _ code: SealingError.Code, _ word: String, _ set: (KeySet, Capsule), _ line: SourceLocation = #_sourceLocation
    ) {
        let error = refusal { try check(set) }
        #expect(error?.code == code, sourceLocation: line)
        #expect(error?.text.contains(word) == true, "\(error?.text ?? "taken")", sourceLocation: line)
    }

    private func member(_ number: Int, _ change: (inout Fields) -> Void) -> [Capsule.Member] {
        story.capsules[0].members.map { old in
            var fields = Fields(
                number: old.number, name: old.name, certificate: old.certificate, signing: old.signing, share: old.share
            )
            if old.number == number { change(&fields) }
            return Capsule.Member(
                number: fields.number, name: fields.name, certificate: fields.certificate, signing: fields.signing,
                share: fields.share,
                shareDigest: old.shareDigest)
        }
    }
    struct Fields { var number: Int, name: String, certificate: Certificate, signing: Certificate?, share: [UInt8] }

    @Test func theStorysIsTakenAndReadsBack() throws {
        try check(changed())
        for capsule in story.capsules { #expect(try Capsule(canonical: capsule.canonicalBytes) == capsule) }
        #expect(try KeySet(canonical: story.keySet.canonicalBytes) == story.keySet)
    }

    @Test func anotherConsultationTimeOrPart() throws {
        let other = try Identifier("ff112233445566778899aabbccddeeff")
        expect(.keys, "another consultation", changed(consultation: other))
        expect(.keys, "notBefore", changed(notBefore: Story.after))
        let (keySet, capsule) = changed()
        #expect(
            refusal {
                try story.timeLock.check(
                    keySet, [capsule], consultation: other, deadline: Story.deadline, parts: ["offer"])
            }?.code == .keys)
        #expect(
            refusal {
                try story.timeLock.check(
                    keySet, [capsule], consultation: Story.consultation, deadline: Story.after, parts: ["offer"])
            }?.code == .keys)
        #expect(
            refusal {
                try story.timeLock.check(
                    keySet, [capsule], consultation: Story.consultation, deadline: Story.deadline,
                    parts: ["offer", "price"])
            }?.code == .keys)
        #expect(
            refusal {
                try story.timeLock.check(
                    keySet, [], consultation: Story.consultation, deadline: Story.deadline, parts: ["offer"])
            }?.code == .keys)
        #expect(
            refusal {
                try story.timeLock.check(
                    story.keySet, [changed(k: 3).1], consultation: Story.consultation, deadline: Story.deadline,
                    parts: ["offer"])
            }?.code == .keys)
    }

    @Test func theCommittee() throws {
        let holders = Story.members
        expect(.keys, "4 of 3", changed(k: 4))
        expect(.keys, "numbered", changed(members: Array(story.capsules[0].members.reversed())))
        expect(.keys, "numbered", changed(members: Array(story.capsules[0].members.dropFirst())))
        expect(.keys, "share one key", changed(members: member(2) { $0.certificate = holders[0].certificate }))
        // The same key in another certificate is still one person.
        let again = try Certificate.selfSigned(
            holders[0].key, commonName: "Somebody else", usage: .member, notBefore: 0, notAfter: 4_102_444_800)
        expect(.keys, "share one key", changed(members: member(2) { $0.certificate = again }))
        expect(.keys, "sign with one key", changed(members: member(2) { $0.signing = holders[0].certificate }))
        expect(.keys, "sign with one key", changed(members: member(2) { $0.signing = again }))
        let weak = Story.Holder("weak", try PrivateKey.generateRSA(bits: 2048))
        expect(.keys, "RSA 2048", changed(members: member(2) { $0.signing = weak.certificate }))
        expect(.keys, "RSA 2048", changed(members: member(2) { $0.certificate = weak.certificate }))
    }

    @Test func theShapesOfWhatIsSealed() throws {
        let holders = Story.members
        expect(.keys, "share of member 3", changed(members: member(3) { $0.share.append(0) }))
        // Another member's share, or one of another length, has another shape.
        expect(
            .keys, "share of member 2", changed(members: member(2) { $0.share = story.capsules[0].members[0].share }))
        let long = try SealedObject.seal(
            [UInt8](repeating: 0, count: story.capsules[0].shareObject(1).length + 1).span, to: holders[0].certificate)
        expect(.keys, "share of member 1", changed(members: member(1) { $0.share = long }))
        expect(.keys, "sealed key", changed(sealedKey: story.capsules[0].sealedKey + [0]))
        expect(.keys, "sealed key", changed(sealedKey: []))
        let huge = try SealedObject.seal(Secret.random(5000), under: Secret.random(32))
        expect(.keys, "too long", changed(sealedKey: huge))
        let digest = Digest(Story.recovery.certificate)
        expect(
            .keys, "recovery",
            changed(recovery: .some(.init(certificate: digest, secret: story.capsules[0].timeLock.secret))))
        expect(
            .keys, "another certificate",
            changed(recovery: .some(.init(certificate: Digest.zero, secret: story.capsules[0].recovery!.secret))))
        expect(
            .keys, "recovery", changed(recovery: .some(.init(certificate: digest, secret: try sealedToRecovery(31)))))
        expect(.keys, "missing", changed(recovery: .some(nil)))
    }

    private func sealedToRecovery(_ count: Int) throws -> [UInt8] {
        try SealedObject.seal(Secret.random(count), to: Story.recovery.certificate)
    }

    @Test func thePlatformsSecret() throws {
        let certificate = Digest(Story.platform.certificate)
        func locked(_ secret: borrowing Secret) throws -> Capsule.SealedPlatformSecret {
            .init(certificate: certificate, secret: try SealedObject.seal(secret, to: Story.platform.certificate))
        }
        expect(.platform, "not the one", changed(timeLock: try locked(Secret.random(32))))
        expect(.platform, "shape", changed(timeLock: try locked(Secret.random(31))))
        expect(.platform, "shape", changed(timeLock: try locked(Secret.random(33))))
        expect(
            .platform, "another certificate",
            changed(timeLock: .init(certificate: Digest.zero, secret: story.capsules[0].timeLock.secret)))
        expect(
            .platform, "shape",
            changed(timeLock: .init(certificate: certificate, secret: story.capsules[0].recovery!.secret)))
        var altered = story.capsules[0].timeLock.secret
        altered[altered.count - 1] ^= 1
        expect(.platform, "altered", changed(timeLock: .init(certificate: certificate, secret: altered)))
    }

    /// A T copied, digest and all, into another consultation: the register refuses its digest; were it taken all the same,
    /// what is released is another T′.
    @Test func aCopiedSecretGivesAnotherKey() throws {
        let victim = story.capsules[0]
        let other = Story(consultation: try Identifier("ff112233445566778899aabbccddeeff"))
        let own = other.capsules[0]
        #expect(own.platformDigest != victim.platformDigest)
        let thief = Capsule(
            consultation: own.consultation, part: own.part, notBefore: own.notBefore, k: own.k,
            certificate: own.certificate, sealedKey: own.sealedKey,
            committeeDigest: own.committeeDigest, platformDigest: victim.platformDigest, members: own.members,
            timeLock: victim.timeLock,
            recovery: victim.recovery)
        let keySet = KeySet(
            consultation: own.consultation,
            parts: [.init(part: "offer", certificate: Digest(own.certificate), capsule: thief.digest)])
        try story.timeLock.check(
            keySet, [thief], consultation: own.consultation, deadline: Story.deadline, parts: ["offer"])
        let session = Story.Holder("session")
        func released(_ capsule: Capsule) throws -> [UInt8] {
            let sealed = try story.timeLock.release(capsule, to: session.certificate)
            return try SealedObject.open(sealed, length: 32, certificate: session.certificate, key: session.key).copied
        }
        #expect(try released(thief) != released(victim))
        #expect(try released(victim) == released(victim))
    }

    @Test func severalParts() throws {
        let story = Story(parts: ["candidacy", "offer"])
        let other = Story(parts: ["candidacy", "offer"], k: 3)
        func set(_ capsules: [Capsule]) -> KeySet {
            KeySet(
                consultation: Story.consultation,
                parts: capsules.map { .init(part: $0.part, certificate: Digest($0.certificate), capsule: $0.digest) })
        }
        #expect(
            refusal { try set([story.capsules[0], other.capsules[1]]).check([story.capsules[0], other.capsules[1]]) }?
                .text.contains("another committee") == true)
        #expect(refusal { try story.keySet.check(story.capsules.reversed()) }?.code == .keys)
        #expect(refusal { try story.keySet.check([story.capsules[0]]) }?.code == .keys)
    }

    @Test func theCeremonyRefusesWhatItCannotDeal() {
        func make(_ count: Int, _ k: Int, parts: [String] = ["offer"], name: String? = nil) -> SealingError? {
            refusal {
                _ = try Ceremony.make(
                    consultation: Story.consultation, notBefore: Story.deadline, parts: parts,
                    members: Story.members.prefix(count).map {
                        CommitteeMember(name: name ?? "M", certificate: $0.certificate)
                    }, k: k,
                    timeLock: Story.platform.certificate, recovery: nil, now: Story.deadline)
            }
        }
        #expect(make(2, 3)?.code == .keys)
        #expect(make(2, 0)?.code == .keys)
        #expect(make(0, 0)?.code == .keys)
        #expect(make(2, 2, parts: [])?.code == .limit)
        #expect(make(2, 2, parts: ["Offer"])?.code == .keys)
        #expect(make(2, 2, parts: ["offer", "offer"])?.code == .keys)
        #expect(make(2, 2, name: "a\nb")?.code == .keys)
        #expect(make(2, 2) == nil)
        #expect(make(1, 1) == nil)
    }
}
