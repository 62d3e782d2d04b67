import Canonical
import Foundation
import Procurement
import Reception
import Records
import Sealing

/// `sceaud key rehearse`: that the recovery key opens every copy which is there for it. Beside a running daemon; nothing of what it opens is
/// kept, and the key is in this process alone.
struct KeyRehearsal {
    struct Result {
        let certificate: Digest
        let opened: Int
        /// What has its copy for another recovery key, or none.
        let others: [KeyNeeds.Need]
    }

    let administration: Administration
    let recovery: RecoveryKeyFile

    init(_ arguments: Arguments) throws(DaemonError) {
        recovery = try RecoveryKeyFile(arguments)
        administration = try Administration(arguments)
    }

    func run() throws -> Result {
        let configuration = administration.configuration
        let key = try recovery.load(configuration)
        var needs: [KeyNeeds.Need] = []
        var opened = 0
        var others: [KeyNeeds.Need] = []
        try Register.inspect(data: configuration.data) { read in
            try read { needs = try KeyNeeds(in: $0, at: WallClock.system.now).needs }
            for need in needs {
                var bytes: [UInt8]?
                try read { bytes = try $0.object(need.capsule) }
                guard let bytes else { throw DaemonError("the capsule of \(need.reference), \(need.part), is missing") }
                let capsule = try Capsule(canonical: bytes)
                guard key.isOf(capsule) else {
                    others.append(need)
                    continue
                }
                do { try key.rehearse(capsule) } catch {
                    throw DaemonError("\(need.reference) (\(need.consultation)): \(error)", hint: "this is no rehearsal that is passed; nothing was recorded")
                }
                opened += 1
            }
        }
        let fact = RecoveryRehearsed(certificate: Digest(key.certificate), secrets: Int64(opened))
        try administration.perform(
            unknown: "whether the rehearsal was recorded",
            alone: { try $0.vault.recordRehearsal(certificate: fact.certificate, secrets: fact.secrets) },
            through: { socket in
                _ = try socket.post(
                    "/admin/rehearsals",
                    .object(["certificate": .digest(fact.certificate), "secrets": .integer(fact.secrets)]), expecting: 201)
            })
        return Result(certificate: fact.certificate, opened: opened, others: others)
    }
}
