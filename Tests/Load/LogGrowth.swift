import Canonical
import Foundation
import Merkle
import Procurement
import Records

/// A log grown to many events, opened, and asked for proofs: what the evidence costs as it gets longer.
struct LogGrowth {
    let folder: String

    /// Leaves appended by one item, as many as the register takes.
    private static let portion = 4096

    /// `log EVENTS SECONDS EVENTS/S COMMIT-MS PROOF-MS` at 1, 10 and 100 percent; `opened EVENTS MS MIB`.
    func run(count: Int) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let surroundings = Surroundings(clock: WallClock { .now }, keys: try LogKeys.generate())
        let limits = RegisterLimits(decisions: 100, traces: 100, batch: 16, readers: 2)
        let instance = Instance(id: Identifier(random: InlineArray(repeating: 1)), name: "load", created: .now)
        try Register.create(data: folder, instance: instance, surroundings)
        var lines: [String] = []
        let register = try Register(data: folder, limits: limits, surroundings)
        let start = ContinuousClock.now
        var done = 1
        for milestone in [count / 100, count / 10, count] where milestone > done {
            while done < milestone {
                let portion = min(Self.portion, milestone - done)
                try register.commit { _ in (0..<portion).map { _ in EventDraft(log: .real, fact: Blank()) } }
                done += portion
            }
            let elapsed = Self.seconds(ContinuousClock.now - start)
            let alone = try Self.median(51) { try register.commit { _ in [EventDraft(log: .real, fact: Blank())] } }
            let proofs = try Self.median(501) {
                try register.read { _ = try $0.proof(of: .real, position: Int64.random(in: 0..<Int64(done))) }
            }
            done += 51
            lines.append(
                String(
                    format: "log %d %.1f %.0f %.3f %.3f", done, elapsed,
                    Double(done) / elapsed, alone, proofs))
        }
        register.stop()
        let open = try Self.median(5) { try Register(data: folder, limits: limits, surroundings).stop() }
        let size = try FileManager.default.attributesOfItem(atPath: folder + "/register/register.sqlite")[.size] as? Int ?? 0
        lines.append(String(format: "opened %d %.1f %d", done, open, size >> 20))
        return lines.joined(separator: "\n")
    }

    /// Milliseconds.
    private static func median(_ count: Int, _ body: () throws -> Void) throws -> Double {
        var times: [Double] = []
        for _ in 0..<count {
            let start = ContinuousClock.now
            try body()
            times.append(1000 * seconds(ContinuousClock.now - start))
        }
        return times.sorted()[count / 2]
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}

extension Instant {
    fileprivate static var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
