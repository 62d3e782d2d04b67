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
        // In the order of their events: a bid, the closing, the late bid.
        let closed = digestOf(try #require(story.event(Closed.self)).bytes)
        #expect(lacking.map(\.id) == [story.again.text, closed.hex, story.late.text])
        #expect(lacking.map(\.kind) == [.bid, .closing, .bid])
        #expect(lacking.allSatisfy { $0.stamp == nil && $0.log == .real && $0.consultation == story.consultation })
        for entry in lacking where entry.kind == .bid {
            let bytes = try #require(try register.read { try $0.event(entry.log, at: entry.position) })
            #expect((try Event(canonical: bytes).fact as? BidReceived)?.bid.text == entry.id)
        }
        #expect(try register.read { try $0.unstamped(limit: 1) } == [lacking[0]])
        #expect(try register.read { try $0.unstampedCount() } == 3)
        #expect(try register.read { try $0.stamp(.bid, id(0x39).text) } == nil)
    }
}
