import Canonical
import Linux
import Procurement

extension WallClock {
    /// The host's clock (CLOCK_REALTIME).
    static let system = WallClock { Instant(milliseconds: Clocks.realtimeMilliseconds()) }
}
