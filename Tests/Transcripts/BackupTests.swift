import Canonical
import Foundation
import OpenSSL
import Rehearsal
import SQLite
import Testing

/// What the daemon itself keeps, opened without it: from its data folder and the members' keys alone.
@Suite(.serialized) struct BackupTests {
    @Test(arguments: ["time-lock", "recovery"]) func envelopesOfTheDaemon(platform: String) throws {
        let folder = try TemporaryFolder()
        try Shell.check(
            "openssl",
            ["req", "-x509", "-config", Checkout.path("Keys/recovery.cnf"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-noenc", "-days", "3650", "-keyout", folder.path("recovery.pem"), "-out", folder.path("recovery.crt")])
        let stage = try Stage(recovery: folder.path("recovery.crt"))
        let procedure = try Procedure.published(stage)
        let documents = [Data(), Data("offre".utf8), Data(try Random.bytes(17 << 20))]
        let receipts = try documents.map {
            try Procedure.expect(201, stage.bidders[0].deposit($0, named: "pièce n° 1.pdf", in: procedure.id.text))
        }
        #expect(try stage.instance.stop() == 0)

        for number in 1...3 { try procedure.voters[number - 1].write(to: folder.path("member\(number).pem")) }
        // The capsule, as the register has it.
        let register = try Connection(path: stage.instance.data + "/register/register.sqlite", .readOnly)
        let capsules = try register.all("SELECT bytes FROM object WHERE instr(bytes, '\"format\":\"sceau/capsule/1\"')") { Data($0.blob(0)) }
        #expect(capsules.count == 1)
        try folder.write("capsule", capsules[0])
        let key = platform == "recovery" ? folder.path("recovery.pem") : stage.instance.data + "/keys/timelock.key"
        for (receipt, document) in zip(receipts, documents) {
            let out = folder.path(receipt["bid"])
            let outcome = try Shell.run(
                Checkout.path("Deploy/recover"),
                ["--seal", "\(stage.instance.data)/envelopes/\(procedure.id)/\(receipt["bid"]).seal", "--capsule", folder.path("capsule"),
                    "--member", folder.path("member3.pem"), "--member", folder.path("member1.pem"), "--" + platform, key,
                    "--expect", receipt["seal"], "--out", out])
            #expect(outcome.status == 0, "\(outcome)")
            let names = try FileManager.default.contentsOfDirectory(atPath: out + "/offer")
            #expect(names.count == 1)
            #expect(try Data(contentsOf: URL(filePath: out + "/offer/" + (names.first ?? ""))) == document)
        }
    }
}
