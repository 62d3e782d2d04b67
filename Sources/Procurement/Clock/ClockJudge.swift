public import Canonical

/// Judges the wall clock by what else is known of time. Pure: readings in, faults out; every case can be tried.
///
/// What it cannot see: a clock that was wrong from the first start on, and a drag slower than ``tolerance`` in ``renewal``
/// (93 parts in a million, which no crystal's own error can be told from). Each renewal is an event with its drift, so that
/// their sum can be read in the log.
public struct ClockJudge: Sendable {
    /// Milliseconds that wall and raw clock may be apart.
    public static let tolerance: Int64 = 2000
    /// Once unsound, the clock is believed again within these milliseconds only: one that hovers does not fill the log.
    public static let back: Int64 = 1000
    /// Milliseconds after which a baseline is replaced, if the kernel says that its clock is synchronised: the raw clock is a
    /// crystal nobody corrects, some 2 s a day away from true time.
    public static let renewal: Int64 = 6 * 3_600_000

    /// What a kernel that is not synchronised means.
    public enum Policy: String, Sendable, CaseIterable {
        /// The operator is told, and shown so; the other checks go on.
        case alarm
        /// The clock is unsound.
        case stop
    }

    public struct Judgement: Sendable, Equatable {
        /// In the order of ``ClockFault``'s cases; empty where the clock is sound.
        public let faults: [ClockFault]
        /// From the baseline; nil while there is none of this boot.
        public let drift: Int64?
        /// There is another baseline than before, to be kept.
        public let baseline: ClockBaseline?
        /// The baseline was replaced in its time: the drift that the former one had come to.
        public let renewed: (since: Instant, drift: Int64)?

        public init(
            faults: [ClockFault], drift: Int64?, baseline: ClockBaseline?, renewed: (since: Instant, drift: Int64)?
        ) {
            self.faults = faults
            self.drift = drift
            self.baseline = baseline
            self.renewed = renewed
        }

        public static func == (left: Judgement, right: Judgement) -> Bool {
            left.faults == right.faults && left.drift == right.drift && left.baseline == right.baseline
                && left.renewed?.since == right.renewed?.since && left.renewed?.drift == right.renewed?.drift
        }
    }

    private let boot: Identifier
    private let policy: Policy
    private var baseline: ClockBaseline?
    private var isOff = false
    // Until there is a baseline of this boot.
    private let floor: Instant
    private let deadlines: [Instant]
    private let firstRaw: Int64

    /// - Parameters:
    ///   - baseline: the last that was kept, of whatever boot; nil at the first start.
    ///   - floor: the last instant in the register (see ``ClockHistory``).
    ///   - deadlines: when the consultations close that have no closing statement yet.
    ///   - first: the first reading of this run.
    public init(
        boot: Identifier, baseline: ClockBaseline?, floor: Instant, deadlines: [Instant], policy: Policy,
        first: ClockReading
    ) {
        self.boot = boot
        self.policy = policy
        self.baseline = baseline.flatMap { $0.boot == boot && $0.raw <= first.raw ? $0 : nil }
        self.floor = floor
        self.deadlines = deadlines
        firstRaw = first.raw
    }

    public mutating func judge(_ reading: ClockReading) -> Judgement {
        var faults: [ClockFault] = []
        var made: ClockBaseline?
        var renewed: (since: Instant, drift: Int64)?
        let drift = baseline?.drift(of: reading)
        if let drift {
            if drift.magnitude > UInt64(isOff ? ClockJudge.back : ClockJudge.tolerance) { faults.append(.drift) }
        } else {
            // The register's last instant was true once: time cannot be less than it and what has passed since.
            let least = floor.milliseconds + (reading.raw - firstRaw)
            if reading.wall.milliseconds < least { faults.append(.backwards) }
            if deadlines.contains(where: { floor < $0 && $0 <= reading.wall }) { faults.append(.jump) }
        }
        isOff = faults.contains(.drift)
        if policy == .stop, reading.isSynchronised != true { faults.append(.unsynchronised) }
        if faults.isEmpty {
            if let baseline, let drift {
                if reading.raw - baseline.raw >= ClockJudge.renewal, reading.isSynchronised == true {
                    made = ClockBaseline(boot: boot, reading)
                    renewed = (baseline.wall, drift)
                }
            } else {
                made = ClockBaseline(boot: boot, reading)
            }
        }
        if let made { baseline = made }
        return Judgement(faults: faults, drift: drift, baseline: made, renewed: renewed)
    }

    /// Somebody who answers for it says that the clock is right now: a new baseline. Only ``ClockFault/unsynchronised`` can remain.
    public mutating func accept(_ reading: ClockReading) -> ClockBaseline {
        let made = ClockBaseline(boot: boot, reading)
        baseline = made
        isOff = false
        return made
    }
}
