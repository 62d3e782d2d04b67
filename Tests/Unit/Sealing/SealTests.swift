import Canonical
import Testing

@testable import Sealing

@Suite struct SealTests {
    /// What a seal's lengths add up to is a number that a reader's counters hold, whoever made the seal.
    @Test func lengthsOfASealAreBounded() throws {
        func isRead(_ length: Int64) -> Bool {
            let seal = Seal(
                consultation: Story.consultation, bid: Story.depositor, keys: .zero, sealedBy: .bidder,
                parts: [.init(part: "offer", certificate: .zero, manifest: .zero, contents: .zero)],
                documents: [.init(part: "offer", length: length, headers: .zero, segments: .zero)])
            return (try? Seal(canonical: seal.canonicalBytes)) == seal
        }
        #expect(isRead(SealingLimits.document))
        #expect(!isRead(SealingLimits.document + 1))
        #expect(!Int64(SealingLimits.documents).multipliedReportingOverflow(by: SealingLimits.document).overflow)
    }
}
