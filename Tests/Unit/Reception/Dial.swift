import Canonical
import Procurement
import Synchronization

/// A clock that a test turns, with the raw clock behind it.
final class Dial: Sendable {
    private struct State {
        var wall: Instant
        var raw: Int64
    }

    private let state: Mutex<State>

    init(_ text: String) { state = Mutex(State(wall: Dial.instant(text), raw: 1_000_000)) }

    var clock: WallClock { WallClock { [self] in state.withLock(\.wall) } }

    var reading: ClockReading {
        state.withLock { ClockReading(wall: $0.wall, raw: $0.raw, isSynchronised: true) }
    }

    /// Time passes.
    func turn(to text: String) {
        state.withLock { state in
            state.raw += max(0, Dial.instant(text).milliseconds - state.wall.milliseconds)
            state.wall = Dial.instant(text)
        }
    }

    /// Somebody sets the clock: no time passes.
    func set(to text: String) { state.withLock { $0.wall = Dial.instant(text) } }

    /// Seconds pass, whatever the clock shows.
    func pass(_ seconds: Int64) {
        state.withLock { state in
            state.raw += seconds * 1000
            state.wall = state.wall.advanced(bySeconds: seconds)
        }
    }

    /// `12:00:00.000` of one day.
    static func instant(_ text: String) -> Instant {
        do { return try Instant(parsing: "2026-11-23T\(text)Z") } catch { fatalError("\(text): \(error)") }
    }
}

func identifier(_ number: UInt8) -> Identifier { Identifier(random: InlineArray<16, UInt8>(repeating: number)) }

func digest(_ number: UInt8) -> Digest { Digest(InlineArray<32, UInt8>(repeating: number)) }
