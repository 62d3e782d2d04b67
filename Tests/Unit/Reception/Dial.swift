import Canonical
import Procurement
import Synchronization

/// A clock that a test turns.
final class Dial: Sendable {
    private let time: Mutex<Instant>
    private let judgement = Mutex(ClockState.unjudged)

    init(_ text: String) { time = Mutex(Dial.instant(text)) }

    var clock: WallClock { WallClock { [self] in time.withLock { $0 } } }

    func turn(to text: String) { time.withLock { $0 = Dial.instant(text) } }

    /// What is known of this clock.
    var state: ClockState {
        get { judgement.withLock { $0 } }
        set { judgement.withLock { $0 = newValue } }
    }

    /// `12:00:00.000` of one day.
    static func instant(_ text: String) -> Instant {
        do { return try Instant(parsing: "2026-11-23T\(text)Z") } catch { fatalError("\(text): \(error)") }
    }
}

func identifier(_ number: UInt8) -> Identifier { Identifier(random: InlineArray<16, UInt8>(repeating: number)) }

func digest(_ number: UInt8) -> Digest { Digest(InlineArray<32, UInt8>(repeating: number)) }
