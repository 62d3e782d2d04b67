@testable import Server
import Testing

@Suite struct SlabTests {
    /// A slot is used again; the old key finds nothing.
    @Test func aStaleKeyFindsNothing() {
        var slab = Slab<String>()
        var keys: [Slab<String>.Key] = []
        _ = slab.insert { keys.append($0); return "a" }
        _ = slab.insert { keys.append($0); return "b" }
        #expect(slab.remove(keys[0]) == "a")
        #expect(slab.remove(keys[0]) == nil)
        _ = slab.insert { keys.append($0); return "c" }
        #expect(keys[2].slot == keys[0].slot)
        #expect(slab[keys[0]] == nil)
        #expect(slab[keys[1]] == "b")
        #expect(slab[keys[2]] == "c")
        #expect(slab[Slab<String>.Key(token: keys[2].token)] == "c")
        #expect(slab[Slab<String>.Key(token: keys[0].token)] == nil)
        #expect(slab.count == 2)
        #expect(slab.all == ["c", "b"])
    }

    @Test func paceTellsSilenceFromSlowness() {
        var pace = Pace(from: 0)
        func check(_ now: Int64) -> Pace.Verdict { pace.check(at: now, idle: 60_000, rate: 1024, window: 60_000) }
        #expect(check(59_999) == .kept)
        pace.moved(61_440, at: 59_999)
        #expect(check(60_000) == .kept)
        pace.moved(61_439, at: 100_000)
        #expect(check(119_999) == .kept)
        #expect(check(120_000) == .tooSlow)
        pace = Pace(from: 0)
        #expect(check(60_000) == .idle)
    }
}
