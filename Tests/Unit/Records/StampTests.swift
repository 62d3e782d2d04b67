import Canonical
import Procurement
import Testing

@testable import Records

/// What lacks its stamp, and what has it.
struct StampTests {
    @Test func isTheFoldOfItsEvents() throws {
        let data = try DataFolder()
        let register = try data.open()
        defer { register.stop() }
        let story = try Story(in: register)
        let stamp = try #require(try register.read { try $0.stamp(.bid, story.first.text) }?.stamp)
        #expect(stamp.authority == "tsa.example" && stamp.instant == story.extended)
        #expect(stamp.subject == digest(0x67) && stamp.token == digestOf(Story.object.token))
        let lacking = try register.read { try $0.unstamped(limit: 10) }
        // All other bids, and each closing, in the order of their events.
        let expected = story.events.compactMap { event -> String? in
            if let bid = event.fact as? BidReceived { return bid.bid == story.first ? nil : bid.bid.text }
            return event.fact is Closed || event.fact is ClosingStated ? digestOf(event.bytes).hex : nil
        }
        #expect(lacking.map(\.id) == expected && expected.count >= 4)
        #expect(lacking.map(\.kind) == expected.map { $0.utf8.count == 32 ? .bid : .closing })
        #expect(lacking.allSatisfy { $0.stamp == nil && $0.log == .real && $0.consultation == story.consultation })
        for entry in lacking where entry.kind == .bid {
            let bytes = try #require(try register.read { try $0.event(entry.log, at: entry.position) })
            #expect((try Event(canonical: bytes).fact as? BidReceived)?.bid.text == entry.id)
        }
        #expect(try register.read { try $0.unstamped(limit: 1) } == [lacking[0]])
        #expect(try register.read { try $0.unstampedCount() } == Int64(expected.count))
        #expect(try register.read { try $0.stamp(.bid, id(0x39).text) } == nil)
    }
}
