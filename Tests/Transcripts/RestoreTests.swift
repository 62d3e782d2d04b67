import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// A vault is backed up while it runs, its disk dies, and it is made again from the backup and the keys.
@Suite(.serialized) struct RestoreTests {
    private func sceaud(_ arguments: String...) throws -> Rehearsal.Outcome {
        try Shell.run(Checkout.binary("sceaud"), arguments)
    }

    /// Every file below a folder.
    private func files(_ folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).map { folder + "/" + $0 }
            .filter { (try? FileManager.default.contentsOfDirectory(atPath: $0)) == nil }
    }

    /// Times of last change of all envelopes of a backup.
    private func changes(_ backup: String) throws -> [String: Date] {
        var changes: [String: Date] = [:]
        for file in files(backup + "/envelopes") {
            changes[file] = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
        }
        return changes
    }

    @Test func backedUpWhileItRunsAndRestored() throws {
        let folder = try TemporaryFolder()
        let (stage, backup) = (try Stage(), folder.path("backup"))
        let (instance, config) = (stage.instance, stage.instance.config)
        let data = instance.data
        let documents = [Data("une offre".utf8), Data(try Random.bytes(3 << 20))]
        // On a slow machine there are several attempts, and bids of each.
        let procedure = try Procedure.closed(stage) { procedure in
            for (number, document) in documents.enumerated() {
                try Procedure.expect(201, stage.bidders[number].deposit(document, named: "offre.zip", in: procedure.id.text))
            }
        }
        let bids = instance.envelopeFiles().count / 2
        let first = try sceaud("backup", "--config", config, "--to", backup)
        #expect(first.status == 0 && first.line.contains("\(bids) bids (\(bids) copied"), "\(first)")
        let before = try changes(backup)
        #expect(before.count == 2 * bids)

        // The second one copies what is new, and what is no longer whole.
        let damaged = try #require(before.keys.sorted().first { $0.hasSuffix(".1") })
        try Shell.check("dd", ["if=/dev/zero", "of=\(damaged)", "bs=1", "seek=3", "count=20", "conv=notrunc", "status=none"])
        try Procedure.expect(201, stage.bidders[0].deposit(Data("en retard".utf8), named: "offre.zip", in: procedure.id.text))
        let second = try sceaud("backup", "--config", config, "--to", backup)
        #expect(second.status == 0 && second.line.contains("\(bids + 1) bids (2 copied"), "\(second)")
        let after = try changes(backup)
        let untouched = before.filter { !$0.key.hasPrefix(damaged.dropLast(2)) }
        #expect(untouched.count == 2 * bids - 2 && untouched.allSatisfy { after[$0.key] == $0.value })

        // Killed at any moment, it goes on the next time, and what was there stays.
        for step in 0..<6 {
            let job = try Job(
                Checkout.binary("sceaud"), ["backup", "--config", config, "--to", backup],
                out: folder.url.appending(path: "out"), err: folder.url.appending(path: "err"))
            _ = job.wait(seconds: 0.02 * Double(step))
            job.signal(SIGKILL)
            _ = job.wait(seconds: 10)
            let record = try Data(contentsOf: URL(filePath: backup + "/backup.json"))
            let state = try #require(try JSONSerialization.jsonObject(with: record) as? [String: Any])["state"] as? String
            #expect(FileManager.default.fileExists(atPath: "\(backup)/\(state ?? "")/register/register.sqlite"))
        }
        let last = try sceaud("backup", "--config", config, "--to", backup)
        #expect(last.status == 0, "\(last)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: backup).filter { $0.hasPrefix("state-") }.count == 1)

        // No private key is in it, in whatever form.
        let keys = try files(data + "/keys").filter { $0.hasSuffix(".key") }.map { try Data(contentsOf: URL(filePath: $0)) }
        #expect(keys.count >= 2)
        for file in files(backup) {
            let bytes = try Data(contentsOf: URL(filePath: file))
            #expect(bytes.range(of: Data("PRIVATE KEY".utf8)) == nil, "\(file)")
            for key in keys {
                let body = String(decoding: key, as: UTF8.self).split(separator: "\n").dropFirst().first ?? ""
                #expect(body.count > 40 && bytes.range(of: Data(body.utf8)) == nil, "\(file)")
                let der = Data(base64Encoded: String(decoding: key, as: UTF8.self).split(separator: "\n").dropFirst().dropLast().joined())
                // The private number itself, an OCTET STRING of 32 bytes: the public half lies in certificates.
                let start = try #require(der?.range(of: Data([0x04, 0x20]))?.upperBound)
                #expect(bytes.range(of: try #require(der)[start..<(start + 32)]) == nil, "\(file)")
            }
        }

        // The disk dies.
        #expect(try instance.stop() == 0)
        let lost = folder.path("lost")
        try Shell.check("mv", [data, lost])
        let asked = try sceaud("restore", "--from", backup, "--data", data)
        #expect(asked.status == 1 && asked.err.contains("put in place: \(data)/keys/timelock.key"), "\(asked)")
        let early = try sceaud("run", "--config", config)
        #expect(early.status == 1 && early.err.contains("instance.json is missing"), "\(early)")

        // Another vault's key is found out.
        for key in try FileManager.default.contentsOfDirectory(atPath: lost + "/keys") where key.hasSuffix(".key") {
            try Shell.check("cp", ["-p", "\(lost)/keys/\(key)", data + "/keys/"])
        }
        try Shell.check("cp", ["-p", lost + "/keys/tls.key", data + "/keys/timelock.key"])
        let wrong = try sceaud("restore", "--from", backup, "--data", data)
        #expect(wrong.status == 1 && wrong.err.contains("does not belong to the key"), "\(wrong)")
        try Shell.check("cp", ["-p", lost + "/keys/timelock.key", data + "/keys/"])
        let done = try sceaud("restore", "--from", backup, "--data", data)
        #expect(done.status == 0 && done.line.contains("\(bids + 1) bids"), "\(done)")
        #expect(done.err.contains("what was acknowledged after"))
        // Nothing starts before somebody has said what the backup lacks; here the vault had stopped after it.
        let undecided = try sceaud("run", "--config", config)
        #expect(undecided.status == 1 && undecided.err.contains("was restored from the backup of"), "\(undecided)")
        #expect(try sceaud("init", "--continue", "--config", config, "--nothing-lost").status == 0)
        let check = try sceaud("check", "--config", config)
        #expect(check.status == 0, "\(check)")

        // It opens: every bid to the bytes that its bidder sent.
        try instance.start()
        let opened = try Session.openAll(procedure)
        let digests = Set(documents.map { Digest(SHA256.hash(Array($0))) })
        #expect(Set(opened.values) == digests && opened.count == 2, "\(opened)")
    }
}
