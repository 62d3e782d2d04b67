import Foundation
import Rehearsal
import Testing

/// What thieves get who have the disk, the backups and some of the keys: an honest attempt, with every key that any file holds, by the
/// script that opens envelopes for who has the right ones.
@Suite(.serialized) struct StolenDiskTests {
    let cast: Cast
    let loot: TemporaryFolder

    init() throws {
        cast = try Cast.ready()
        loot = try TemporaryFolder()
    }

    /// A consultation with one bid, and what its committee can see of its keys.
    private func deposited(deadlineIn seconds: Double) throws -> (Rehearsal.Consultation, capsule: String, bid: String) {
        let consultation = try cast.published(deadlineIn: seconds)
        let file = cast.bidders[0].folder.url.appending(path: "offre.txt")
        try Data("Prix : 1 234 567,89 €".utf8).write(to: file)
        let receipt = try cast.bidders[0].sceauChecked(["bid", "deposit", consultation.id, file.path(percentEncoded: false)])
        let bid = try #require(
            (JSONSerialization.jsonObject(with: Data(receipt.utf8)) as? [String: Any])?["bid"] as? String)
        let keys = try Procedure.expect(200, cast.members[0].curl.get(consultation.path + "/keys"))
        let capsule = try #require((keys.json["capsules"] as? [String])?.first.flatMap { Data(base64Encoded: $0) })
        let path = loot.path("\(consultation.id).capsule")
        try capsule.write(to: URL(filePath: path))
        return (consultation, path, bid)
    }

    /// Every private key in every file below a folder: PEM, and PKCS#8 or SEC 1 in DER wherever it begins, in databases too.
    private func keys(in folder: String) throws -> [String] {
        var found: [String] = []
        var seen: Set<Data> = []
        for path in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            guard let bytes = try? Data(contentsOf: URL(filePath: "\(folder)/\(path)")) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            for match in text.matches(of: #/-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]*-----END ([A-Z ]*)PRIVATE KEY-----/#) {
                if seen.insert(Data(match.0.utf8)).inserted { found.append(try loot.write("key\(found.count).pem", Data("\(match.0)\n".utf8))) }
            }
            // PKCS#8 with an EC, RSA or Ed25519 key, and ECPrivateKey: what their first bytes are.
            for start in [
                [0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d], [0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a],
                [0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65], [0x02, 0x01, 0x01, 0x04, 0x20],
            ] as [[UInt8]] {
                var from = bytes.startIndex
                while let range = bytes[from...].range(of: Data(start)) {
                    from = range.upperBound
                    for header in [2, 3, 4] where range.lowerBound - header >= bytes.startIndex && bytes[range.lowerBound - header] == 0x30 {
                        let der = Data(bytes[(range.lowerBound - header)...].prefix(4096))
                        if seen.insert(der).inserted { found.append(try loot.write("key\(found.count).der", der)) }
                    }
                }
            }
        }
        return found
    }

    private func recover(
        _ envelope: String, _ capsule: String, members: [String], timeLock: String, kind: String = "time-lock"
    ) throws -> Outcome {
        try Shell.run(
            Checkout.path("Deploy/recover"),
            ["--seal", envelope, "--capsule", capsule] + members.flatMap { ["--member", $0] }
                + ["--\(kind)", timeLock, "--out", loot.path("out-\(UUID().uuidString)")])
    }

    private func backup() throws -> String {
        let folder = loot.path("backup")
        try Shell.check(Checkout.binary("sceaud"), ["backup", "--config", cast.instance.config, "--to", folder])
        return folder
    }

    @Test func theWholeCommitteeWithoutTheHost() throws {
        let (consultation, capsule, bid) = try deposited(deadlineIn: 3600)
        let backup = try backup()
        let envelope = "\(backup)/envelopes/\(consultation.id)/\(bid).seal"
        #expect(FileManager.default.fileExists(atPath: envelope))
        // No private key of whatever kind is in a backup; a search that finds the host's own finds what there is.
        #expect(try keys(in: cast.instance.data + "/keys").count >= 5)
        #expect(try keys(in: backup) == [])
        let members = cast.members.compactMap(\.key)
        for key in members + [cast.instance.ca] {
            for kind in ["time-lock", "recovery"] {
                let outcome = try recover(envelope, capsule, members: members, timeLock: key, kind: kind)
                #expect(outcome.status == 3, "\(outcome)")
            }
        }
        // Nor does the daemon help, whoever asks.
        for member in cast.members {
            let early = try member.sceau(["open", consultation.id, "--key", member.key ?? "", "--out", member.folder.path("early")])
            #expect(early.status == 4 && early.err.contains("deadline"), "\(early)")
        }
        // With the host's key it opens: the envelope is whole, and it is the time lock alone that held.
        let all = try recover(envelope, capsule, members: members, timeLock: cast.instance.data + "/keys/timelock.key")
        #expect(all.status == 0, "\(all)")
    }

    @Test func fewerThanTheQuorumWithEverythingElse() throws {
        let (consultation, capsule, bid) = try deposited(deadlineIn: 20)
        for isPast in [false, true] {
            if isPast { try consultation.waitUntilClosed() }
            let found = try keys(in: cast.instance.data)
            #expect(found.count >= 5, "\(found)")
            let envelope = "\(cast.instance.data)/envelopes/\(consultation.id)/\(bid).seal"
            let timeLock = cast.instance.data + "/keys/timelock.key"
            // One of the two members needed, and every key that any file of the disk holds in place of the other.
            for key in [[]] + found.map({ [$0] }) {
                let outcome = try recover(envelope, capsule, members: [cast.members[0].key ?? ""] + key, timeLock: timeLock)
                #expect(outcome.status == 3 && (outcome.err.contains("1 of the 2 shares") || outcome.err.contains("does not open")), "\(outcome)")
            }
        }
        let two = try recover(
            "\(cast.instance.data)/envelopes/\(consultation.id)/\(bid).seal", capsule, members: cast.members.prefix(2).compactMap(\.key),
            timeLock: cast.instance.data + "/keys/timelock.key")
        #expect(two.status == 0, "\(two)")
    }
}
