internal import CLinux
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

    /// Milliseconds of the hardware's own counter since some instant of this boot, that no one steers (CLOCK_MONOTONIC_RAW): neither
    /// a step of the wall clock nor a slew shows in it. It stands still while the host sleeps.
    public static func rawMilliseconds() -> Int64 {
        milliseconds(of: CLOCK_MONOTONIC_RAW)
    }

    /// Whether the kernel holds its clock synchronised (adjtimex(2), read only); nil where it does not say.
    public static func isSynchronised() -> Bool? {
        switch sceau_clock_synchronised() {
        case 0: false
        case 1: true
        default: nil
        }
    }

    /// The kernel's identifier of this boot: readings of the raw clock can be compared within one boot only.
    /// - Returns: 32 lower-case hex digits; nil where /proc does not give it.
    public static func boot() -> String? {
        guard let folder = try? DurableFolder(path: "/proc/sys/kernel/random"), let file = try? folder.open("boot_id"),
            let bytes = try? file.read(at: 0, max: 64)
        else { return nil }
        let digits = bytes.filter { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return digits.count == 32 ? String(decoding: digits, as: UTF8.self) : nil
    }

    private static func milliseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        // tv_nsec is never negative, so this is the floor before 1970 too.
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
