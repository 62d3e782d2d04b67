internal import Glibc

/// The machine.
public enum Host {
    /// The load average over one minute, in hundredths (getloadavg(3)); 0 where there is none.
    public static func load() -> Int64 {
        var average = 0.0
        guard unsafe getloadavg(&average, 1) == 1, average.isFinite, average >= 0 else { return 0 }
        return Int64(min(average * 100, 1e9))
    }
}
