internal import Glibc

/// The kernel's clocks, in whole milliseconds.
public enum Clocks {
    /// Milliseconds since 1970-01-01T00:00:00Z without leap seconds (CLOCK_REALTIME). May jump either way.
    public static func realtimeMilliseconds() -> Int64 {
        milliseconds(of: CLOCK_REALTIME)
    }

    /// Milliseconds since some instant, never going back (CLOCK_MONOTONIC). Says how long, never when.
    public static func monotonicMilliseconds() -> Int64 {
        milliseconds(of: CLOCK_MONOTONIC)
    }

    private static func milliseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        // tv_nsec is never negative, so this is the floor before 1970 too.
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
