public import Canonical
public import Procurement
import Synchronization

/// The daemon's clock, judged at each reading. Every instant of a bid, and every rule that asks for one, comes from here.
public final class JudgedClock: Sendable {
    public struct Time: Sendable, Equatable {
        public let instant: Instant
        public let state: ClockState
        /// CLOCK_MONOTONIC_RAW, milliseconds.
        public let raw: Int64
        /// One more each time the clock is believed again.
        public let epoch: Int
    }

    /// As it is shown to those who run the host.
    public struct Status: Sendable, Equatable {
        public let state: ClockState
        public let faults: [ClockFault]
        public let drift: Int64?
        public let isSynchronised: Bool?
        /// While it is not believed: the last instant at which it was.
        public let since: Instant?
    }

    fileprivate struct State {
        var judge: ClockJudge
        var status: Status
        var epoch = 0
        var lastSound: Instant
        var baseline: ClockBaseline?
        /// What is to be recorded, in order.
        var news: [any Fact] = []
    }

    private let source: @Sendable () -> ClockReading
    /// nil where nothing is judged.
    private let state: Mutex<State?>

    /// A clock that is compared with nothing, for programs that keep no vault, and tests.
    public init(unjudged clock: WallClock) {
        source = { ClockReading(wall: clock.now, raw: 0, isSynchronised: nil) }
        state = Mutex(nil)
    }

    /// - Parameters:
    ///   - history: what the register says of the clock.
    ///   - source: reads the host's clocks.
    public init(_ judge: ClockJudge, history: ClockHistory, source: @escaping @Sendable () -> ClockReading) {
        self.source = source
        // As if it had been believed until the register's last instant: the first reading says what has changed.
        let since = history.unsoundSince
        state = Mutex(
            State(
                judge: judge,
                status: Status(
                    state: since == nil ? .sound : .unsound, faults: [], drift: nil, isSynchronised: nil, since: since),
                lastSound: since ?? history.floor))
        _ = read()
    }

    public var now: Instant { read().instant }

    public func read() -> Time {
        state.withLock { state in
            let reading = source()
            state?.take(reading, ground: .agreement)
            return Time(
                instant: reading.wall, state: state?.status.state ?? .unjudged, raw: reading.raw, epoch: state?.epoch ?? 0)
        }
    }

    /// - Throws: ``Refusal`` of kind `clock` where it is not believed: nothing that rests on time is done then.
    public func sound() throws(Refusal) -> Instant {
        let time = read()
        guard time.state != .unsound else {
            throw Refusal(.clock, "The platform's clock is not believed: nothing that rests on time is done until it is.")
        }
        return time.instant
    }

    public var status: Status {
        _ = read()
        return state.withLock {
            $0?.status ?? Status(state: .unjudged, faults: [], drift: nil, isSynchronised: nil, since: nil)
        }
    }

    // MARK: For the vault

    /// What changed since the last call, to be recorded, and a baseline to be kept where there is a new one.
    func takeNews() -> (facts: [any Fact], baseline: ClockBaseline?) {
        _ = read()
        return state.withLock { state in
            guard let taken = state else { return ([], nil) }
            state?.news = []
            state?.baseline = nil
            return (taken.news, taken.baseline)
        }
    }

    /// What could not be recorded or kept, to be taken again before all that is newer.
    func giveBack(_ facts: [any Fact], _ baseline: ClockBaseline?) {
        state.withLock { state in
            guard let held = state else { return }
            state?.news = facts + held.news
            state?.baseline = held.baseline ?? baseline
        }
    }

    /// The decision of who runs the host, once it is recorded.
    func accept() {
        state.withLock { state in
            let reading = source()
            state?.accept(reading)
        }
    }
}

extension JudgedClock.State {
    mutating func accept(_ reading: ClockReading) {
        baseline = judge.accept(reading)
        take(reading, ground: .decision)
    }

    mutating func take(_ reading: ClockReading, ground: ClockSound.Ground) {
        let judgement = judge.judge(reading)
        let wasSound = status.state == .sound
        let isSound = judgement.faults.isEmpty
        if wasSound, !isSound {
            news.append(
                ClockUnsound(since: lastSound, wall: reading.wall, faults: judgement.faults, drift: judgement.drift))
        } else if !wasSound, isSound {
            epoch += 1
            news.append(ClockSound(since: lastSound, until: reading.wall, ground: ground))
        }
        if isSound { lastSound = reading.wall }
        if let made = judgement.baseline { baseline = made }
        if let renewed = judgement.renewed {
            news.append(ClockCompared(since: renewed.since, until: reading.wall, drift: renewed.drift))
        }
        status = JudgedClock.Status(
            state: isSound ? .sound : .unsound, faults: judgement.faults, drift: judgement.drift,
            isSynchronised: reading.isSynchronised, since: isSound ? nil : lastSound)
    }
}
