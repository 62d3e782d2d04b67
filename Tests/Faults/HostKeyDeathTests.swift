import Foundation
import Rehearsal
import Testing

/// Every act on the host's keys, killed at each of its steps, with and without a daemon: what is left is the state before or the one after,
/// whole; the daemon starts on it, and the same command ends what was begun.
@Suite struct HostKeyDeathTests {
    /// What an act changes, and how it is seen.
    enum Act: CaseIterable, CustomTestStringConvertible {
        case timeLock, recovery, timestamp, authority, tls, retireFirst, retireAdded, log, trainingLog, token

        var testDescription: String { "\(self)" }
    }

    /// A vault whose one consultation needs the third time-lock key alone: the first, which the configuration names, and the second, which was added,
    /// may go.
    private final class Vault {
        let killed: KilledStage
        let holder: RecoveryHolder
        let next: RecoveryHolder
        let first: String
        let added: String

        init() throws {
            holder = try RecoveryHolder()
            next = try RecoveryHolder("fafaf-gagag")
            var digests: [String] = []
            killed = try KilledStage(recovery: holder) { stage in
                for _ in 1...2 {
                    let told = try Shell.check(Checkout.binary("sceaud"), ["key", "add", "time-lock", "--config", stage.instance.config])
                    digests.append(told.text.split(separator: " ").dropFirst().first.map(String.init) ?? "")
                }
                try Procedure(stage).seal()
            }
            added = digests[0]
            let all = try killed.certificates("time-lock")
            first = all.first { !digests.contains($0) } ?? ""
        }

        func words(_ act: Act) -> [String] {
            switch act {
            case .timeLock: ["key", "add", "time-lock"]
            case .recovery: ["key", "add", "recovery", "--certificate", next.certificate]
            case .timestamp: ["key", "add", "timestamp"]
            case .authority: ["key", "add", "timestamp-authority"]
            case .tls: ["key", "add", "tls"]
            case .retireFirst: ["key", "retire", "--kind", "time-lock", "--certificate", first]
            case .retireAdded: ["key", "retire", "--kind", "time-lock", "--certificate", added]
            case .log: ["key", "rotate", "--log", "real"]
            case .trainingLog: ["key", "rotate", "--log", "training"]
            case .token: ["admin", "token", "renew", "--name", "Acheteuse"]
            }
        }

        /// What the act changes, as an admin sees it.
        func state(_ act: Act) throws -> [String] {
            switch act {
            case .timeLock, .retireFirst, .retireAdded: try killed.certificates("time-lock")
            case .recovery: try killed.certificates("recovery")
            case .timestamp: try killed.certificates("timestamp")
            case .authority: try killed.certificates("timestamp-authority")
            case .tls: try killed.certificates("tls")
            case .log: [killed.file("log-real.vkey") ?? ""]
            case .trainingLog: [killed.file("log-training.vkey") ?? ""]
            case .token: try killed.stage.events("token-ended").map { "\($0)" }
            }
        }

        /// Whether `after` is `before`, or what the act makes of it, and nothing between.
        func isWhole(_ act: Act, _ before: [String], _ after: [String]) -> Bool {
            guard after != before else { return true }
            return switch act {
            case .timeLock, .recovery, .authority: after.count == before.count + 1 && Set(before).isSubset(of: after)
            case .retireFirst: after == before.filter { $0 != first }
            case .retireAdded: after == before.filter { $0 != added }
            case .timestamp, .tls, .log, .trainingLog: after.count == 1
            case .token: after.count == before.count + 1
            }
        }
    }

    /// After a death, and a start without any.
    private func check(_ vault: Vault, _ act: Act, _ before: [String], _ died: String) throws {
        let killed = vault.killed
        do { try killed.instance.start() } catch {
            Issue.record("\(act), \(died): the daemon does not start: \(error)")
            return
        }
        let after = try vault.state(act)
        #expect(vault.isWhole(act, before, after), "\(act), \(died): \(before) became \(after)")
        #expect(try Curl(killed.instance).get("/readyz").status == 200, "\(act), \(died)")
        // The public text is that of the key that signs.
        let known = try Curl(killed.instance).get("/log/keys").text
        #expect(killed.file("log-real.vkey").map { known.contains($0) } ?? false, "\(act), \(died)")
        // No private key outlives the word that it is gone.
        let retired = try killed.stage.events("host-key-retired").compactMap { $0["certificate"] as? String }
        if act == .retireFirst { #expect((killed.file("timelock.key") == nil) == retired.contains(vault.first), "\(died)") }
        if act == .retireAdded {
            #expect((killed.file("timelock-\(vault.added.prefix(16)).key") == nil) == retired.contains(vault.added), "\(died)")
        }
    }

    /// The same command again, and then nothing is left of what was cut short.
    private func end(_ vault: Vault, _ act: Act, _ before: [String], _ died: String) throws {
        let again = try vault.killed.sceaud(vault.words(act))
        #expect(again.status == 0, "\(act), \(died): \(again)")
        #expect(try vault.state(act) != before, "\(act), \(died)")
        if act == .token {
            #expect(try Curl(vault.killed.instance, token: again.line).get("/api/v1/platform").status == 200, "\(died)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: vault.killed.data + "/keys")
        let keys = names.filter { $0.hasPrefix("timelock-") && $0.hasSuffix(".key") }
        #expect(keys.allSatisfy { names.contains($0.replacing(".key", with: ".crt")) }, "\(act), \(died): \(names)")
        #expect(!names.contains { $0.hasSuffix(".part") || $0.hasSuffix(".key.new") }, "\(act), \(died): \(names)")
    }

    @Test(arguments: Act.allCases) func killedWithoutADaemon(_ act: Act) throws {
        let vault = try Vault()
        let before = try vault.state(act)
        let deaths = try DeathSteps.untilNobodyDies { step in
            guard let died = try vault.killed.dies(vault.words(act), at: step) else { return false }
            // Before any start has mended anything the list is there.
            #expect(try vault.killed.sceaud(["key", "list"]).status == 0, "\(act), \(died)")
            try check(vault, act, before, died)
            try end(vault, act, before, died)
            #expect(try vault.killed.instance.stop() == 0)
            let check = try vault.killed.sceaud(["check"])
            #expect(check.status == 0, "\(act), \(died): \(check)")
            return true
        }
        #expect(deaths > 5, "an act of so few steps is none")
        print("deaths: \(act), without a daemon: \(deaths) steps")
    }

    @Test(arguments: Act.allCases) func theDaemonIsKilled(_ act: Act) throws {
        let vault = try Vault()
        let before = try vault.state(act)
        let deaths = try DeathSteps.untilNobodyDies { step in
            guard let died = try vault.killed.daemonDies(vault.words(act), at: step) else { return false }
            try check(vault, act, before, died)
            try end(vault, act, before, died)
            return true
        }
        #expect(deaths > 5, "an act of so few steps is none")
        print("deaths: \(act), of the daemon: \(deaths) steps")
    }

    /// The same without its second half: the command that found no daemon ends a start's work too.
    @Test func aCommandAloneEndsWhatWasBegun() throws {
        let vault = try Vault()
        for act in [Act.retireFirst, .log, .tls] {
            let before = try vault.state(act)
            try DeathSteps.untilNobodyDies { step in
                guard let died = try vault.killed.dies(vault.words(act), at: step) else { return false }
                try end(vault, act, before, died)
                let check = try vault.killed.sceaud(["check"])
                #expect(check.status == 0, "\(act), \(died): \(check)")
                return true
            }
            try vault.killed.reset()
        }
    }
}
