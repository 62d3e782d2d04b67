import Canonical
import Foundation
import Procurement
import Testing

@testable import Portal
@testable import Reception

@Suite("Answers, as API.md says them")
struct AnswerTests {
    private let id = Identifier(random: InlineArray(repeating: 1))
    private let digest = Digest(InlineArray<32, UInt8>(repeating: 2))
    private let now = Instant(milliseconds: 1_800_000_000_000)

    private func keys(_ json: JSON) -> [String] {
        guard case .object(let fields) = json else { return [] }
        return fields.keys.sorted()
    }

    /// Every field of the answer is named, and none is named that is not there.
    private func compare(_ json: JSON, _ said: String, nested: Set<String> = []) {
        let names = Set(Specification.words(said.components(separatedBy: ". A ")[0])).subtracting(nested)
        #expect(Set(keys(json)) == names)
    }

    @Test func aConsultation() throws {
        var consultation = Consultation(
            id: id, log: .real, account: id, buyer: "B", reference: "R", title: "T", object: "O", timeZone: "UTC",
            parts: ["offer"], limits: Limits(document: 1, bid: 1, documents: 1), deadline: Deadline(now, version: 1),
            keys: Consultation.Keys(fingerprint: digest, k: 1, n: 1, notBefore: now, parts: [], accepted: []),
            isHeld: true, isDisclosed: true)
        consultation.frozen = true
        let view = ConsultationView(
            consultation: consultation, keySet: [1], certificates: [("offer", [1])], acceptances: [(1, "N", [1])])
        compare(view.json, try Specification().section("### consultation"), nested: ["part", "certificate", "number", "name", "signed"])
    }

    @Test func aReceipt() throws {
        let consultation = Consultation(
            id: id, log: .real, account: id, buyer: "B", reference: "R", title: "T", object: nil, timeZone: "UTC",
            parts: ["offer"], limits: Limits(document: 1, bid: 1, documents: 1), deadline: Deadline(now, version: 1),
            keys: Consultation.Keys(fingerprint: digest, k: 1, n: 1, notBefore: now, parts: [], accepted: []),
            published: true)
        let bidder = Principal(
            user: id, account: id, kind: .company, accountName: "C", registration: nil, person: digest, roles: [.bidder])
        let bid = try consultation.receiving(
            Submission(
                bid: id, seal: digest, keys: digest, sealedBy: .platform, intent: .unstated, documents: 1, started: now,
                firstByte: now, received: now, bidCode: digest, outcome: nil),
            by: bidder, previous: nil, instance: id, clock: .unjudged, recorded: now)
        let receipt = Receipt(
            bid: bid, log: .real, position: 0, leaf: digest,
            documents: [.init(part: "offer", name: "N", length: 0, sha256: digest)], bidCode: "c")
        let section = try Specification().section("### A deposit")
        let said = try #require(section.components(separatedBy: "The receipt: ").last)
        compare(receipt.json, said, nested: ["part", "name", "length", "sha256", "on-time", "late"])
    }

    @Test func anOpeningAndABid() throws {
        let lines = try Specification().section("### openings, bids").components(separatedBy: "\n").filter { !$0.isEmpty }
        let state = OpeningState(
            opening: id, consultation: id, digest: digest, announcement: digest, announcer: 1, announcedBy: id,
            announcedAt: now, session: digest, parts: ["offer"], keys: digest, committee: digest)
        compare(Vault.OpeningView(state: state, signed: [1], committee: [1], needed: 2).json, lines[0])
        compare(
            Vault.ReleasedApproval(number: 1, signed: [1], shares: [("offer", [1])]).json, lines[1], nested: ["part", "share"])
        let entry = BidEntry(
            position: 1, leaf: digest, bid: id, consultation: id, depositor: id, verdict: .late, intent: .unstated, seal: digest, keys: digest, documents: 1)
        compare(Vault.ListedBid(entry: entry, event: [1], verdict: [1], isWithheld: true, changes: [[1]]).json, lines[2])
    }
}
