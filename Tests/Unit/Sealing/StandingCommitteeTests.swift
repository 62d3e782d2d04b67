import Canonical
import OpenSSL
import Testing

@testable import Sealing

@Suite struct StandingCommitteeTests {
    private let now = Story.deadline.advanced(bySeconds: -86_400)

    private func committee(
        name: String = "cao", k: Int = 2, from: Instant? = nil, until: Instant? = nil
    ) -> StandingCommittee {
        StandingCommittee(
            name: name, k: k,
            members: Story.members.enumerated().map { index, holder in
                .init(
                    name: holder.certificate.commonName ?? "", certificate: holder.certificate,
                    from: index == 1 ? from ?? now : now, until: index == 1 ? until : nil)
            })
    }

    private func complaint(_ committee: StandingCommittee, opening deadline: Instant? = Story.deadline) -> String {
        refusal {
            if let deadline { try committee.check(at: now, opening: deadline) } else { try committee.check(at: now) }
        }?.text ?? "taken"
    }

    @Test func itIsReadAsItWasWritten() throws {
        let committee = committee(until: Story.after)
        #expect(try StandingCommittee(canonical: committee.canonicalBytes) == committee)
        #expect(complaint(committee) == "taken")
    }

    @Test func theExampleIsOne() throws {
        let bytes = try Pages.example("StandingCommittee")
        let committee = try StandingCommittee(canonical: bytes)
        #expect(committee.canonicalBytes == bytes)
        #expect(try Pages.text("StandingCommittee").contains(committee.digest.hex))
        #expect(committee.members[1].signing != nil && committee.members[1].until == nil)
    }

    @Test func aMandateHasBeginningAndEnd() {
        // Kept, but not for this consultation.
        let late = committee(from: now.advanced(bySeconds: 1))
        #expect(complaint(late, opening: nil) == "taken")
        #expect(complaint(late).contains("member 2 (Bob): the mandate begins only on"))
        let short = committee(until: Story.deadline)
        #expect(complaint(short, opening: nil) == "taken")
        #expect(complaint(short).contains("member 2 (Bob): the mandate ends on \(Story.deadline); the deadline is \(Story.deadline)"))
        #expect(complaint(committee(until: Story.deadline.advanced(bySeconds: 1))) == "taken")
        // Not kept at all.
        #expect(complaint(committee(from: now.advanced(bySeconds: -9), until: now), opening: nil).contains("the mandate is over"))
        #expect(complaint(committee(from: Story.after, until: Story.deadline), opening: nil).contains("ends before it begins"))
    }

    /// A share opens with an expired certificate too; one who is to be asked then should have another.
    @Test func aCertificateLastsUntilTheDeadline() {
        let end = Instant(milliseconds: 4_102_444_800_000)
        #expect(complaint(committee(), opening: end).contains("member 1 (Alice): a certificate ends on \(end)"))
        #expect(complaint(committee(), opening: end.advanced(bySeconds: -1)) == "taken")
    }

    @Test func namesAndNumbersHaveTheirForm() throws {
        for name in ["", "CAO", "a b", "-a", "a-", "é", "a/b", "..", String(repeating: "a", count: 65)] {
            #expect(throws: CanonicalError.self, "\(name)") { try StandingCommittee(canonical: committee(name: name).canonicalBytes) }
            #expect(!StandingCommittee.isName(name))
        }
        for name in ["a", "cao-2026", "7", String(repeating: "a", count: 64)] {
            #expect(throws: Never.self) { try StandingCommittee(canonical: committee(name: name).canonicalBytes) }
        }
        #expect(throws: CanonicalError.self) { try StandingCommittee(canonical: committee(k: 4).canonicalBytes) }
        #expect(throws: CanonicalError.self) { try StandingCommittee(canonical: committee(k: 0).canonicalBytes) }
    }
}
