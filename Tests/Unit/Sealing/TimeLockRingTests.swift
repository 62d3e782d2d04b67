import Canonical
import OpenSSL
import Testing

@testable import Sealing

/// Several time-lock and recovery keys: which is used for what is new, and which still open what is old.
@Suite struct TimeLockRingTests {
    private let first = Story.platform
    private let second = Story.Holder("second time lock")
    private let session = Story.Holder("session")

    private func key(_ holder: Story.Holder) throws -> TimeLockKey { try TimeLockKey(key: holder.key, certificate: holder.certificate) }

    private func ring(_ holders: [Story.Holder], recoveries: [Certificate] = [Story.recovery.certificate]) throws -> TimeLock {
        try TimeLock(holders.map(key), recoveries: recoveries)
    }

    private func capsule(of holder: Story.Holder, recovery: Certificate? = Story.recovery.certificate) throws -> (KeySet, Capsule) {
        let made = try Ceremony.make(
            consultation: Story.consultation, notBefore: Story.deadline, parts: ["offer"],
            members: Story.members.map { CommitteeMember(name: $0.certificate.commonName ?? "", certificate: $0.certificate) }, k: 2,
            timeLock: holder.certificate, recovery: recovery, now: Story.deadline.advanced(bySeconds: -86_400))
        return (made.keySet, made.capsules[0])
    }

    private func check(_ ring: TimeLock, _ made: (KeySet, Capsule)) throws {
        try ring.check(made.0, [made.1], consultation: Story.consultation, deadline: Story.deadline, parts: ["offer"])
    }

    @Test func theFirstIsTheCurrentAndEachOpensItsOwn() throws {
        let both = try ring([second, first])
        #expect(both.certificate == second.certificate && both.recovery == Story.recovery.certificate)
        #expect(both.holds(Digest(first.certificate)) && both.holds(Digest(second.certificate)) && !both.holds(Digest(session.certificate)))
        for holder in [first, second] {
            let made = try capsule(of: holder)
            // A ceremony that began before the rotation is taken as one that began behind it.
            try check(both, made)
            let released = try both.release(made.1, to: session.certificate)
            // T′ is of the capsule, whichever key it comes from.
            let alone = try ring([holder]).release(made.1, to: session.certificate)
            func opened(_ bytes: [UInt8]) throws -> Digest {
                try SealedObject.open(bytes, length: 32, certificate: session.certificate, key: session.key).digest
            }
            #expect(try opened(released) == opened(alone))
        }
    }

    @Test func withoutItsKeyNothingIsTakenOrReleased() throws {
        let made = try capsule(of: first)
        let other = try ring([second])
        let taken = refusal { try check(other, made) }
        #expect(taken?.code == .platform && taken?.text.contains("another certificate than this platform's") == true)
        #expect(refusal { _ = try other.release(made.1, to: session.certificate) }?.code == .platform)
        #expect(refusal { _ = try TimeLock([], recoveries: []) }?.code == .keys)
        #expect(refusal { _ = try TimeLockKey(key: second.key, certificate: first.certificate) }?.code == .keys)
    }

    /// A copy that was sealed anew opens where the first key is gone; a copy of another secret is found out.
    @Test func aRestoredCopyOpens() throws {
        let made = try capsule(of: first)
        let recovery = try RecoveryKey(key: Story.recovery.key, certificate: Story.recovery.certificate)
        let copy = try recovery.restore(made.1, to: second.certificate)
        let after = try ring([second])
        _ = try after.release(made.1, restored: [copy], to: session.certificate)
        let wrong = try recovery.restore(capsule(of: first).1, to: second.certificate)
        let found = refusal { _ = try after.release(made.1, restored: [wrong], to: session.certificate) }
        #expect(found?.code == .platform && found?.text.contains("not the one that the capsule says") == true)
        // The newest counts, and one whose key is gone is passed over.
        let third = try recovery.restore(made.1, to: session.certificate)
        _ = try after.release(made.1, restored: [third, copy], to: session.certificate)
    }

    @Test func eachRecoveryKeyHasItsCopies() throws {
        let newer = Story.Holder("newer recovery")
        let both = try ring([first], recoveries: [newer.certificate, Story.recovery.certificate])
        #expect(both.recovery == newer.certificate)
        for recovery in [newer, Story.recovery] { try check(both, capsule(of: first, recovery: recovery.certificate)) }
        // A holder that is not known here, and none at all.
        #expect(refusal { try check(both, capsule(of: first, recovery: second.certificate)) } != nil)
        #expect(refusal { try check(both, capsule(of: first, recovery: nil)) }?.text.contains("missing") == true)
        #expect(refusal { try check(ring([first], recoveries: []), capsule(of: first)) }?.text.contains("not wanted") == true)
    }

    /// Nothing new begins under a certificate that is out of its time, and all that was sealed under it opens.
    @Test func theTimeOfACertificate() throws {
        let both = try ring([second, first])
        let capsules = try [capsule(of: first).1]
        try both.checkTime(of: capsules, atSecond: 4_102_444_800)
        let late = refusal { try both.checkTime(of: capsules, atSecond: 4_102_444_801) }
        #expect(late?.code == .keys && late?.text.contains("time-lock certificate has expired") == true)
        #expect(refusal { try both.checkTime(of: capsules, atSecond: -1) }?.text.contains("is not valid yet") == true)
        _ = try both.release(capsules[0], to: session.certificate)
    }
}
