import Canonical
import Foundation
import Rehearsal
import Testing

/// The commands of `Loss.md`, as an operator pastes them.
struct LossTests {
    /// The page's blocks, in order.
    private static func blocks() throws -> [String] {
        let page = try String(contentsOfFile: Checkout.path("Sources/Records/Records.docc/Loss.md"), encoding: .utf8)
        return page.components(separatedBy: "\n```").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    }

    @Test func thePagesCommandsBringTheVaultBack() throws {
        let blocks = try Self.blocks()
        try #require(blocks.count == 5)
        let folder = try TemporaryFolder()
        let holder = try RecoveryHolder()
        for (name, path) in [("recovery.pem", holder.key), ("recovery.passphrase", holder.passphrase)] {
            try Shell.check("cp", ["-p", path, folder.path(name)])
        }
        let stage = try Stage(recovery: holder.certificate, data: folder.path("data"))
        let procedure = try Procedure.published(stage)
        let programs = URL(filePath: Checkout.binary("sceaud")).deletingLastPathComponent().path(percentEncoded: false)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        func run(_ block: String) throws -> Outcome {
            let outcome = try Shell.run(
                "bash", ["-euc", block],
                environment: ["PATH": "\(programs):\(path)", "SCEAU_URL": stage.instance.url, "ID": procedure.id.text], folder: folder.url)
            #expect(outcome.status == 0, "\(block)\n\(outcome)")
            return outcome
        }
        func deposit(_ text: String, by bidder: Int) throws -> Answer {
            try Procedure.expect(
                201,
                stage.bidders[bidder].deposit(
                    Data(text.utf8), named: "offre.pdf", in: procedure.id.text, fields: ["Accept: application/vnd.etsi.asic-e+zip"]))
        }

        _ = try deposit("gardée", by: 0)
        _ = try run(blocks[0])
        // Acknowledged after the backup: its bidder has the receipt, and the disk dies.
        try folder.write("receipt.asice", deposit("perdue", by: 1).body)
        stage.instance.kill()
        try Shell.check("mv", [folder.path("data"), folder.path("dead")])

        let restored = try run(blocks[1])
        #expect(restored.err.contains("put in place: ") && restored.err.contains("what was acknowledged after"), "\(restored)")
        let refused = try Shell.run(Checkout.binary("sceaud"), ["run", "--config", stage.instance.config])
        #expect(refused.status == 1 && refused.err.contains("was restored from the backup of"), "\(refused)")
        let continued = try run(blocks[2])
        #expect(continued.text.contains("the log real goes on as generation 2"), "\(continued)")
        #expect(continued.text.contains(#/lost: \d+ events at least/#) && continued.text.contains("frozen: consultation \(procedure.id)"), "\(continued)")
        #expect(!continued.text.contains("does not hold"), "\(continued)")

        try stage.instance.start()
        _ = try deposit("après", by: 0)
        try folder.write("token", "Authorization: Bearer \(stage.buyer.token ?? "")\n")
        _ = try run(blocks[3])
        let again = try stage.buyer.post("\(procedure.path)/unfreezing", ["ground": "Encore."])
        #expect(again.status == 409, "it was unfrozen: \(again)")

        // Then the keys, and the register is whole.
        try stage.instance.stop()
        try Shell.check("bash", ["-c", "rm data/keys/*.key data/keys/t*.crt data/keys/*.vkey"], folder: folder.url)
        let keys = try run(blocks[4])
        #expect(keys.text.contains("restored: 1 secrets") && keys.text.contains("the log real goes on as generation 3"), "\(keys)")
        #expect(!keys.text.contains("frozen") && !keys.text.contains("does not hold"), "\(keys)")
        try stage.instance.start()
        _ = try deposit("et encore", by: 1)

        // The receipt of what is gone holds, under the key that the log had.
        let verified = try Shell.run(
            Checkout.binary("sceau"),
            ["verify", folder.path("receipt.asice"), "--log", folder.path("dead/keys/log-real.vkey")])
        #expect(verified.status == 0 && verified.text.contains("holds: checkpoint: "), "\(verified)")
    }
}
