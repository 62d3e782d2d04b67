import Foundation
import Rehearsal

/// A vault that stands still at one state, so that an act can begin there again and again, and die elsewhere each time.
final class KilledStage {
    let stage: Stage
    let deaths: DeathSteps
    private let folder: TemporaryFolder

    var instance: Rehearsal.Instance { stage.instance }
    var data: String { instance.data }

    /// - Parameter prepare: what the vault is before the act; the daemon runs meanwhile, and is stopped afterwards.
    init(recovery: RecoveryHolder, settings: String = "", _ prepare: (Stage) throws -> Void) throws {
        stage = try Stage(settings: settings, recovery: recovery.certificate)
        deaths = try DeathSteps()
        folder = try TemporaryFolder()
        try stage.instance.keepPort()
        try prepare(stage)
        _ = try stage.instance.stop()
        try keep()
    }

    /// From now on this is the state before the act.
    func keep() throws {
        try Shell.check("rm", ["-rf", folder.path("state")])
        try Shell.check("cp", ["-a", data, folder.path("state")])
    }

    deinit { stage.instance.kill() }

    /// The state before the act. Nothing runs.
    func reset() throws {
        instance.kill()
        deaths.rest()
        try Shell.check("rm", ["-rf", data])
        try Shell.check("cp", ["-a", folder.path("state"), data])
    }

    func sceaud(_ words: [String], _ environment: [String: String] = [:]) throws -> Outcome {
        try Shell.run(Checkout.binary("sceaud"), words + ["--config", instance.config], environment: environment)
    }

    /// The act by the command itself, without a daemon, which dies at this step.
    ///
    /// - Returns: nil where it came to its end alive.
    func dies(_ words: [String], at step: Int) throws -> String? {
        try reset()
        try deaths.aim(at: step)
        let outcome = try sceaud(words, deaths.environment)
        deaths.rest()
        guard outcome.status == DeathSteps.killed else {
            guard outcome.status == 0 else { throw Shell.Failed(command: "step \(step): \(words)", outcome: outcome) }
            return nil
        }
        return "step \(step), before \(deaths.told)"
    }

    /// The act by a daemon that runs, which dies at this step.
    ///
    /// - Returns: nil where the daemon lives on and the command has succeeded.
    func daemonDies(_ words: [String], at step: Int) throws -> String? {
        try reset()
        try instance.start(environment: deaths.environment)
        try deaths.aim(at: step)
        let outcome = try sceaud(words)
        deaths.rest()
        if outcome.status == 0, instance.isRunning { return nil }
        guard instance.wait(seconds: 30) == DeathSteps.killed else {
            throw Shell.Failed(command: "step \(step): \(words)", outcome: outcome)
        }
        return "step \(step), before \(deaths.told)"
    }

    /// `sceaud key list --json`, which must say that all is sound.
    func keys() throws -> [[String: Any]] {
        let list = try sceaud(["key", "list", "--json"])
        guard list.status == 0 else { throw Shell.Failed(command: "key list", outcome: list) }
        let json = try JSONSerialization.jsonObject(with: list.out) as? [String: Any]
        return json?["keys"] as? [[String: Any]] ?? []
    }

    /// Digests of certificates of a kind, sorted.
    func certificates(_ kind: String) throws -> [String] {
        try keys().filter { $0["kind"] as? String == kind }.compactMap { $0["certificate"] as? String }.sorted()
    }

    func file(_ name: String) -> String? { try? String(contentsOfFile: "\(data)/keys/\(name)", encoding: .utf8) }
}
