import Canonical
import Procurement
import Testing

@Suite("A bid that an opener says it cannot open")
struct ContestingTests {
    private func findings(
        _ number: UInt8, by announcer: Int, user: UInt8? = nil, parts: [String] = ["offer"], opened: [UInt8] = [], failed: [UInt8] = []
    ) -> Findings {
        let opening = OpeningState(
            opening: Scene.identifier(number), consultation: Scene.id, digest: Scene.digest(1), announcement: Scene.digest(2),
            announcer: announcer, announcedBy: Scene.identifier(user ?? UInt8(announcer)), announcedAt: Scene.after,
            session: Scene.digest(3), parts: parts, keys: Scene.fingerprint, released: true, concluded: true)
        return Findings(opening: opening, opened: Set(opened.map(Scene.identifier)), failed: failed.map(Scene.identifier))
    }

    private func failed(_ findings: Findings...) -> [String] {
        FailedPart.all(in: findings).map { "\($0.bid.text.prefix(2)) \($0.part) \($0.isFinal ? "final" : "contested")" }
    }

    @Test func oneToolsWordIsContested() {
        #expect(failed(findings(0xe1, by: 1, failed: [0xd1])) == ["d1 offer contested"])
        // Nor is the same member's again, under whatever number or session.
        #expect(failed(findings(0xe1, by: 1, failed: [0xd1]), findings(0xe2, by: 1, failed: [0xd1])) == ["d1 offer contested"])
        #expect(
            failed(findings(0xe1, by: 1, failed: [0xd1]), findings(0xe2, by: 2, user: 1, failed: [0xd1])) == ["d1 offer contested"])
        #expect(
            failed(findings(0xe1, by: 1, failed: [0xd1]), findings(0xe2, by: 1, user: 9, failed: [0xd1])) == ["d1 offer contested"])
    }

    @Test func twoMembersMakeItFinal() {
        #expect(
            failed(findings(0xe1, by: 1, opened: [0xd2], failed: [0xd1]), findings(0xe2, by: 3, opened: [0xd2], failed: [0xd1]))
                == ["d1 offer final"])
    }

    @Test func whatAnotherOpenedHasNotFailed() {
        #expect(failed(findings(0xe1, by: 1, failed: [0xd1]), findings(0xe2, by: 2, opened: [0xd1])) == [])
        #expect(failed(findings(0xe1, by: 1, opened: [0xd1]), findings(0xe2, by: 2, failed: [0xd1])) == [])
    }

    @Test func eachPartStandsForItself() {
        #expect(
            failed(
                findings(0xe1, by: 1, parts: ["application"], failed: [0xd1]), findings(0xe2, by: 2, parts: ["offer"], failed: [0xd1]))
                == ["d1 application contested", "d1 offer contested"])
        #expect(
            failed(
                findings(0xe1, by: 1, parts: ["application", "offer"], failed: [0xd1]),
                findings(0xe2, by: 2, parts: ["application"], opened: [0xd1]), findings(0xe3, by: 2, parts: ["offer"], failed: [0xd1]))
                == ["d1 offer final"])
    }
}
