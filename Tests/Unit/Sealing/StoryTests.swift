import Canonical
import OpenSSL
import Testing

@testable import Sealing

/// The whole of it once: keys, deposit, opening.
@Suite struct StoryTests {
    @Test func whatWasSealedOpensForAQuorumAfterTheDeadline() throws {
        let story = Story(parts: ["candidacy", "offer"])
        try story.timeLock.check(
            story.keySet, story.capsules, consultation: Story.consultation, deadline: Story.deadline,
            parts: ["candidacy", "offer"])
        for holder in Story.members {
            let acceptance = try holder.member.accept(story.committee, fingerprint: story.keySet.fingerprint)
            _ = try story.committee.acceptance(
                Signed(canonical: acceptance.canonicalBytes), fingerprint: story.keySet.fingerprint)
        }
        let text = (0..<2500).map { UInt8(truncatingIfNeeded: $0) }
        let bid = try SealedBid(
            [("offer", "prix 1.pdf", text), ("candidacy", "dc1.pdf", [1, 2, 3]), ("offer", "vide", [])], of: story)

        let session = try OpeningSession(now: Story.after)
        let (announcement, approvals) = try story.open(approvedBy: [2, 3], session: session)
        let opening = try story.committee.opening(announcement, fingerprint: story.keySet.fingerprint)
        for (signed, shares) in approvals {
            _ = try story.committee.approval(
                signed, shares: shares, opening: opening, digest: announcement.objectDigest)
        }
        for (part, documents) in [("candidacy", [[1, 2, 3]]), ("offer", [text, []])] {
            let capsule = story.committee.capsule(part)!
            let shares = zip([2, 3], approvals).map { number, approval in
                OpeningSession.ReceivedShare(number: number, share: approval.shares.first { $0.part == part }!.share)
            }
            let key = try session.partKey(
                capsule, shares: shares, secret: story.timeLock.release(capsule, to: opening.session))
            #expect(key.wrongShares.isEmpty)
            #expect(try bid.read(key) == documents)
        }
    }
}
