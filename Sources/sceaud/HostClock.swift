import Canonical
import Linux
import OpenSSL
import Procurement
import Reception
import Records

/// The clock of this host as the vault reads it: judged against the raw clock, the register, the last baseline and the kernel.
struct HostClock {
    /// In the data folder: the last baseline, `sceau/clock-baseline/1`.
    static let file = "clock.json"

    /// Both clocks at one moment, or as near to it as a busy host lets a thread come: a pause between the two would show as drift.
    static func reading() -> ClockReading {
        var wall: Int64 = 0
        var raw: Int64 = 0
        for _ in 0..<5 {
            raw = Clocks.rawMilliseconds()
            wall = Clocks.realtimeMilliseconds()
            if Clocks.rawMilliseconds() - raw <= 50 { break }
        }
        return ClockReading(wall: Instant(milliseconds: wall), raw: raw, isSynchronised: Clocks.isSynchronised())
    }

    static func judged(_ register: Register, _ data: DataFolder, policy: ClockJudge.Policy, log: Log) throws -> JudgedClock {
        let (history, deadlines) = try register.read { register in
            (
                try register.clockHistory(),
                try register.unclosed().compactMap { try register.consultation($0)?.deadline.closesAt }
            )
        }
        let first = reading()
        let judge = ClockJudge(
            boot: try boot(), baseline: baseline(data, log), floor: history.floor, deadlines: deadlines, policy: policy,
            first: first)
        if first.isSynchronised != true {
            log.warning(
                "the kernel does not hold its clock synchronised"
                    + (policy == .stop ? ": nothing is released, closed or judged until it does" : "; run an NTP client"))
        }
        return JudgedClock(judge, history: history, source: reading)
    }

    /// Where the kernel does not tell one boot from another, none is the same as any before.
    private static func boot() throws -> Identifier {
        if let text = Clocks.boot(), let boot = try? Identifier(text) { return boot }
        return Identifier(random: try Random.sixteen())
    }

    /// One that is missing or malformed explains nothing: the register's own instants are all there is then.
    private static func baseline(_ data: DataFolder, _ log: Log) -> ClockBaseline? {
        do {
            return try ClockBaseline(canonical: data.folder.readAll(file, max: 4096))
        } catch let error as LinuxError where error.isMissing {
            return nil
        } catch {
            log.warning("\(file) cannot be read, and explains nothing: \(error)")
            return nil
        }
    }

    static func keep(_ baseline: ClockBaseline, in data: DataFolder) throws {
        try data.folder.replace(file, with: baseline.canonicalBytes)
    }
}
