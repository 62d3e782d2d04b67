public import Canonical

/// What the host's clocks said at one moment.
public struct ClockReading: Sendable, Equatable {
    /// CLOCK_REALTIME.
    public let wall: Instant
    /// CLOCK_MONOTONIC_RAW, milliseconds of this boot: nobody steers it.
    public let raw: Int64
    /// The kernel's word on its own synchronisation; nil where it gives none.
    public let isSynchronised: Bool?

    public init(wall: Instant, raw: Int64, isSynchronised: Bool?) {
        self.wall = wall
        self.raw = raw
        self.isSynchronised = isSynchronised
    }
}

/// `sceau/clock-baseline/1`: a moment at which the wall clock was taken for right. Kept on the disk, so that a daemon started again
/// in the same boot judges as the one before it did. Specified in `Clock.md`.
public struct ClockBaseline: CanonicalObject, Equatable {
    public static let format = "sceau/clock-baseline/1"

    /// Of the kernel: the raw clock begins anew with each.
    public let boot: Identifier
    public let wall: Instant
    public let raw: Int64

    public init(boot: Identifier, wall: Instant, raw: Int64) {
        self.boot = boot
        self.wall = wall
        self.raw = raw
    }

    public init(boot: Identifier, _ reading: ClockReading) {
        self.init(boot: boot, wall: reading.wall, raw: reading.raw)
    }

    /// By how many milliseconds the wall clock has run ahead of the raw one since; negative where it fell behind.
    public func drift(of reading: ClockReading) -> Int64 {
        (reading.wall.milliseconds - wall.milliseconds) - (reading.raw - raw)
    }

    public var fields: [String: JSON] {
        ["boot": .identifier(boot), "wall": .instant(wall), "raw": .integer(raw)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        boot = try reader.identifier("boot")
        wall = try reader.instant("wall")
        raw = try reader.integer("raw", in: 0...(1 << 52))
    }
}

/// Why a clock is not believed. The words stand in events.
public enum ClockFault: String, Sendable, CaseIterable {
    /// It was stepped, or dragged, or the host slept: more than ``ClockJudge/tolerance`` away from the raw clock.
    case drift
    /// At the start it shows less than the register's last instant and what has passed since the start.
    case backwards
    /// At the start it shows a deadline as passed that had not come at the register's last instant, and no baseline of this
    /// boot explains it.
    case jump
    /// The kernel does not hold its clock synchronised, and the configuration says to stop then.
    case unsynchronised
}
