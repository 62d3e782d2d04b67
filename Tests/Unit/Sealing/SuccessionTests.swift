import Canonical
import OpenSSL
import Testing

@testable import Sealing

/// A tool that pinned a fingerprint follows a replaced committee by signatures alone: each link forged in turn is refused.
@Suite struct SuccessionTests {
    private let story = Story.shared

    private func expect(
        _ code: SealingError.Code, _ word: String, _ links: [Succession.Link], first: Committee? = nil, log: String = "real",
        line: SourceLocation = #_sourceLocation
    ) {
        let error = refusal { try Succession(first: first ?? story.committee, links: links).verify(log: log) }
        #expect(error?.code == code, "\(error?.text ?? "not refused")", sourceLocation: line)
        #expect(error?.text.contains(word) == true, "\(error?.text ?? "not refused")", sourceLocation: line)
    }

    @Test func oneAfterTheOther() throws {
        let one = try Reshared(story.committee)
        let two = try Reshared(
            one.renewed, original: one.original, of: one.holders, to: Reshared.newcomers, k: 2, approvedBy: [1, 3])
        let succession = Succession(first: story.committee, links: [try one.link(), try two.link()])
        try succession.verify(log: "real")
        #expect(succession.fingerprints == [story.committee.fingerprint, one.renewed.fingerprint, two.renewed.fingerprint])
        #expect(succession.current.fingerprint == two.renewed.fingerprint)
        // What is dealt is not accepted yet, and needs not be.
        let pending = Succession(first: story.committee, links: [try one.link()], pending: try two.link(acceptances: []))
        try pending.verify(log: "real")
        #expect(pending.current.fingerprint == one.renewed.fingerprint)
        try Succession(first: story.committee, links: []).verify(log: "real")
        // Out of order, one left out, begun elsewhere.
        expect(.statement, "re-share 1: its announcement: it is for another key set", [try two.link(), try one.link()])
        expect(.statement, "re-share 1: its announcement: it is for another key set", [try two.link()])
        expect(.statement, "another original", [try two.link()], first: one.renewed)
        expect(.statement, "re-share 2", [try one.link(), try one.link()])
        expect(.statement, "of another log", [try one.link()], log: "training")
    }

    @Test func anAnnouncementThatNoMemberMade() throws {
        let reshared = try Reshared(story.committee)
        let mallory = Story.Holder("Mallory")
        let forged = try Signed.make(reshared.opening, key: mallory.key, certificate: mallory.certificate)
        expect(.signature, "somebody else than member 2", [try reshared.link(announcement: forged)])
        let other = try Signed.make(reshared.opening, key: Story.members[0].key, certificate: Story.members[0].certificate)
        expect(.signature, "somebody else than member 2", [try reshared.link(announcement: other)])
        let broken = Signed(
            object: reshared.announcement.object, certificate: reshared.announcement.certificate,
            signature: reshared.approvals[0].signed.signature)
        expect(.signature, "does not hold", [try reshared.link(announcement: broken)])
        // One who is a member of the new set only.
        let newcomer = try Reshared(reshared.renewed, original: reshared.original, of: reshared.holders, approvedBy: [3, 1])
        expect(.signature, "somebody else than member 3", [try reshared.link(announcement: newcomer.announcement)])
        let session = try OpeningSession(now: Story.after)
        let opened = try story.open(approvedBy: [1, 2], session: session)
        expect(
            .statement, "what was announced is an opening",
            [try reshared.link(announcement: opened.announcement, approvals: opened.approvals.map(\.signed))])
    }

    @Test func approvalsThatAreNotTheQuorums() throws {
        let reshared = try Reshared(story.committee)
        let approvals = reshared.approvals.map(\.signed)
        expect(.quorum, "1 members of the set before have approved, and it takes 2", [try reshared.link(approvals: [approvals[0]])])
        expect(.quorum, "1 members", [try reshared.link(approvals: [approvals[0], approvals[0]])])
        expect(.quorum, "0 members", [try reshared.link(approvals: [])])
        // Of another re-share to the same people, by the same members.
        let again = try Reshared(story.committee)
        expect(.statement, "is of another opening", [try reshared.link(approvals: again.approvals.map(\.signed))])
        // By members of the new set, under their new numbers.
        let approval = try approvals[0].verified(as: Approval.self)
        let diane = Reshared.newcomers[0]
        let byNewcomer = try Signed.make(
            Approval(opening: approval.opening, number: 3, at: approval.at, shares: approval.shares), key: diane.key,
            certificate: diane.certificate)
        expect(.signature, "somebody else than member 3", [try reshared.link(approvals: [approvals[0], byNewcomer])])
        let altered = Approval(
            opening: approval.opening, number: 2, at: approval.at.advanced(bySeconds: 1), shares: approval.shares)
        let broken = Signed(object: altered.json, certificate: approvals[0].certificate, signature: approvals[0].signature)
        expect(.signature, "does not hold", [try reshared.link(approvals: [broken, approvals[1]])])
    }

    @Test func anotherCommitteeOrOtherKeys() throws {
        let reshared = try Reshared(story.committee)
        let mallory = Story.Holder("Mallory")
        let forged = Reshared.propose([Story.members[0], Story.members[1], mallory], k: 2)
        expect(.statement, "not the one that its announcement names", [try reshared.link(proposed: forged)])
        // Approved for one committee, dealt to another.
        let elsewhere = try Reshared(story.committee, to: [Story.members[0], Story.members[1], mallory])
        expect(
            .keys, "dealt to another committee",
            [try reshared.link(renewed: elsewhere.renewed, acceptances: try elsewhere.acceptances([1, 2, 3]))])
        let other = Story().capsules[0]
        let swapped = try reshared.renewed { $0.with(sealedKey: other.sealedKey) }
        expect(.keys, "`sealedKey` is not the old one", [try reshared.link(renewed: swapped, acceptances: [])])
    }

    @Test func acceptancesThatAreMissingOrOfOtherKeys() throws {
        let reshared = try Reshared(story.committee)
        expect(.quorum, "2 of its members have accepted, and it takes 3", [try reshared.link(acceptances: try reshared.acceptances([1, 2]))])
        expect(.quorum, "1 of its members", [try reshared.link(acceptances: try reshared.acceptances([1, 1, 1]))])
        let old = try Story.members.map { try $0.member.accept(story.committee, fingerprint: story.committee.fingerprint) }
        expect(.statement, "an acceptance", [try reshared.link(acceptances: old)])
        expect(.signature, "an acceptance", [try reshared.link(acceptances: [old[2]])])
    }
}
