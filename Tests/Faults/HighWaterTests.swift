import Foundation
import Procurement
import Rehearsal
import Testing

/// A register that is not the one whose answers went out is not served.
@Suite(.serialized) struct HighWaterTests {
    @Test func anOlderRegisterIsRefused() throws {
        let vault = try WatchedVault()
        try vault.depositWorks()
        #expect(try vault.instance.stop() == 0)
        let (register, backup) = (vault.instance.data + "/register", vault.instance.data + "/backup")
        try Shell.check("cp", ["-a", register, backup])
        try vault.restart()
        try vault.depositWorks()
        #expect(try vault.instance.stop() == 0)

        let right = vault.instance.data + "/right"
        try Shell.check("mv", [register, right])
        try Shell.check("cp", ["-a", backup, register])
        let refusal = try refusedStart(vault)
        #expect(refusal.contains("had been acknowledged") && refusal.contains("older"), "\(refusal)")
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", vault.instance.config])
        #expect(check.status == 3 && check.text.contains("had been acknowledged"), "\(check)")

        // Nothing was changed by the attempt: the right one goes on.
        try Shell.check("rm", ["-r", register])
        try Shell.check("mv", [right, register])
        try Shell.check("rm", ["-r", backup])
        try vault.instance.start()
        try vault.checkPromise()
        try vault.depositWorks()

        // A mark that was put back, or is gone, is no better.
        #expect(try vault.instance.stop() == 0)
        let mark = vault.instance.data + "/high-water/mark.json"
        let kept = try Data(contentsOf: URL(filePath: mark))
        try FileManager.default.removeItem(atPath: mark)
        #expect(try refusedStart(vault).contains("high-water mark"))
        try kept.write(to: URL(filePath: mark))
        try vault.restart()
    }

    @Test func anEventCutOffTheEndIsMissed() throws {
        let vault = try WatchedVault()
        try vault.depositWorks()
        #expect(try vault.instance.stop() == 0)
        // What a database administrator would do.
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1])
            base.executescript("DROP TRIGGER event_deleted; DELETE FROM event WHERE sequence = (SELECT max(sequence) FROM event)")
            """
        try Shell.check("python3", ["-c", program, vault.instance.data + "/register/register.sqlite"])
        let refusal = try refusedStart(vault)
        #expect(refusal.contains("the log real"), "\(refusal)")
    }

    @Test func twoDaemonsOnOneFolder() throws {
        let vault = try WatchedVault()
        let second = try Shell.run(Checkout.binary("sceaud"), ["run", "--config", vault.instance.config], timeout: 30)
        #expect(second.status == 1 && second.err.contains("another sceaud runs"), "\(second)")
        // The first has not noticed.
        try vault.depositWorks()
        _ = try vault.instance.addUser("Encore", role: "opener")
        try vault.checkPromise()
    }

    /// - Returns: what a start says that must not succeed.
    private func refusedStart(_ vault: WatchedVault) throws -> String {
        let outcome = try Shell.run(Checkout.binary("sceaud"), ["run", "--config", vault.instance.config], timeout: 30)
        #expect(outcome.status == 1, "\(outcome)")
        return outcome.err
    }
}
