import Canonical
import Testing

@testable import Sealing

@Suite struct ShareRehearsalTests {
    let story = Story.shared

    @Test func theExampleIsOneOfTheStorysCommittee() throws {
        let bytes = try Pages.example("Rehearsal")
        let rehearsal = try ShareRehearsal(canonical: bytes)
        #expect(rehearsal.canonicalBytes == bytes)
        #expect(try rehearsal.fingerprint == KeySet(canonical: Pages.example("KeySet")).fingerprint)
    }

    @Test func aMemberSaysThatItsShareOpened() throws {
        for (index, holder) in Story.members.enumerated() {
            let signed = try holder.member.rehearse(story.committee, fingerprint: story.committee.fingerprint, now: Story.after)
            let rehearsal = try story.committee.rehearsal(signed, fingerprint: story.committee.fingerprint)
            #expect(rehearsal.number == index + 1 && rehearsal.at == Story.after)
            // Nothing of the share, in any form that it has, is in it.
            let share = try #require(story.capsules[0].members.first { $0.number == index + 1 })
            let text = String(decoding: signed.canonicalBytes, as: UTF8.self)
            #expect(!text.contains(share.shareDigest.hex) && !text.contains(Base64.encode(share.share.prefix(24))))
        }
    }

    @Test func anythingElseIsNoRehearsal() throws {
        let committee = story.committee
        let one = Story.members[0]
        let rehearsal = ShareRehearsal(
            consultation: Story.consultation, fingerprint: committee.fingerprint, number: 1, at: Story.after)
        func check(_ signed: Signed) throws { _ = try committee.rehearsal(signed, fingerprint: committee.fingerprint) }
        func text(_ object: ShareRehearsal, _ holder: Story.Holder = one) throws -> String {
            let signed = try Signed.make(object, key: holder.key, certificate: holder.certificate)
            return refusal { try check(signed) }?.text ?? "taken"
        }
        #expect(try text(rehearsal) == "taken")
        #expect(try text(rehearsal, Story.members[1]).contains("somebody else than member 1"))
        #expect(try text(ShareRehearsal(consultation: try Identifier(String(repeating: "1", count: 32)), fingerprint: committee.fingerprint, number: 1, at: Story.after)).contains("another consultation"))
        #expect(try text(ShareRehearsal(consultation: Story.consultation, fingerprint: .zero, number: 1, at: Story.after)).contains("another key set"))
        // An acceptance is none.
        let acceptance = try one.member.accept(committee, fingerprint: committee.fingerprint)
        #expect(refusal { try check(acceptance) } != nil)
        #expect(refusal { _ = try one.member.rehearse(committee, fingerprint: .zero, now: Story.after) }?.code == .statement)
    }
}
