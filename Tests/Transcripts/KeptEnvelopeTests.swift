import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// What the daemon keeps of real deposits, under signals and under `sceaud check`. The ceremony is held here, without
/// `sceau`: only the daemon is on trial.
struct KeptEnvelopeTests {
    private struct Unexpected: Error { let answer: String }

    /// A daemon with a published consultation, open for an hour, and a bidder.
    private final class Open {
        let instance: Instance
        let bidder: String
        let consultation: String

        init() throws {
            let instance = try Instance()
            self.instance = instance
            let buyer = try instance.addUser("b", role: "buyer")
            let openers = try (1...3).map { try instance.addUser("o\($0)", role: "opener") }
            bidder = try instance.addUser("c", role: "bidder", account: "Bâti Sud")
            try instance.start()
            let curl = Curl(instance, token: buyer)
            let deadline = Rehearsal.Consultation.instant(seconds: 3600)
            let created = try curl.post(
                "/api/v1/consultations",
                ["reference": "2026-01", "title": "École", "deadline": deadline, "timeZone": "Europe/Paris"])
            guard created.status == 201 else { throw Unexpected(answer: "\(created)") }
            consultation = created["id"]
            let id = try Identifier(consultation)
            let platform = try curl.get("/api/v1/platform")
            let timeLock = try Certificate(der: Array(Data(base64Encoded: platform["timeLock"]) ?? Data()))
            let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            var certificates: [Certificate] = []
            var keys: [Secret.Box] = []
            for number in 1...3 {
                let key = try PrivateKey.generateP256()
                certificates.append(
                    try Certificate.selfSigned(
                        key, commonName: "Member \(number)", usage: .member, notBefore: now.second - 60,
                        notAfter: now.second + 86_400))
                keys.append(Secret.Box(try key.pkcs8()))
            }
            let (keySet, capsules) = try Ceremony.make(
                consultation: id, notBefore: Instant(parsing: deadline), parts: ["offer"],
                members: certificates.map { CommitteeMember(name: $0.commonName ?? "", certificate: $0) }, k: 2,
                timeLock: timeLock, recovery: nil, now: now)
            let put = try curl.put(
                "/api/v1/consultations/\(consultation)/keys",
                [
                    "keySet": Data(keySet.canonicalBytes).base64EncodedString(),
                    "capsules": capsules.map { Data($0.canonicalBytes).base64EncodedString() },
                ])
            guard put.status == 200 else { throw Unexpected(answer: "\(put)") }
            let committee = try Committee(keySet, capsules)
            for (index, opener) in openers.enumerated() {
                let member = try Member(key: PrivateKey(pkcs8: keys[index].secret), certificate: certificates[index])
                let signed = try member.accept(committee, fingerprint: keySet.fingerprint)
                let accepted = try Curl(instance, token: opener).post(
                    "/api/v1/consultations/\(consultation)/acceptances",
                    ["signed": Data(signed.canonicalBytes).base64EncodedString()])
                guard accepted.status == 201 else { throw Unexpected(answer: "\(accepted)") }
            }
            let published = try curl.post(
                "/api/v1/consultations/\(consultation)/publication", ["fingerprint": keySet.fingerprint.hex])
            guard published.status == 200 else { throw Unexpected(answer: "\(published)") }
        }

        func deposit(_ bytes: Data, options: [String] = []) throws -> Answer {
            try Curl(instance, token: bidder, options: options).deposit(bytes, in: consultation)
        }

        func check() throws -> Rehearsal.Outcome {
            try Shell.run(Checkout.binary("sceaud"), ["check", "--config", instance.config])
        }
    }

    @Test func checkHoldsBesideTheDaemonAndNamesOneFlippedByte() throws {
        let open = try Open()
        let price = Data("the price is 1234567 euros".utf8)
        #expect(try open.deposit(price).status == 201)
        let long = Data((0..<(17 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let receipt = try open.deposit(long)
        #expect(receipt.status == 201, "\(receipt)")
        let good = try open.check()
        #expect(good.status == 0, "\(good)")
        #expect(good.text.contains("ok: envelopes: 2 bids, \(price.count + long.count) bytes"))

        let file = URL(filePath: "\(open.instance.data)/envelopes/\(open.consultation)/\(receipt["bid"]).1")
        let handle = try FileHandle(forUpdating: file)
        try handle.seek(toOffset: 16 << 20)
        let byte = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: 16 << 20)
        try handle.write(contentsOf: Data([byte ^ 0x80]))
        try handle.close()
        let bad = try open.check()
        #expect(bad.status == 3)
        #expect(
            bad.text.contains(
                "does not hold: bid \(receipt["bid"]): document 1, segment 2: its bytes are not those that were sealed"))
        #expect(try open.instance.stop() == 0)
    }

    @Test func nothingOfAPlaintextIsOnTheDisk() throws {
        let open = try Open()
        let needle = "the price is 1234567 euros"
        #expect(try open.deposit(Data(needle.utf8)).status == 201)
        #expect(try open.instance.stop() == 0)
        let found = try Shell.run("grep", ["-raq", needle, open.instance.data])
        #expect(found.status == 1)
    }

    @Test func anUploadUnderWayEndsBeforeTheDaemonDoes() throws {
        let open = try Open()
        let bytes = Data(repeating: 7, count: 3 << 20)
        let file = try open.instance.folder.write("slow", bytes)
        let headers = try open.instance.folder.write("headers", "Authorization: Bearer \(open.bidder)\n")
        let job = try Job(
            "curl",
            [
                "-sS", "--cacert", open.instance.ca, "-H", "@" + headers, "--limit-rate", "1M", "-w", "%{http_code}", "-T", file,
                "-o", open.instance.folder.path("receipt"),
                "\(open.instance.url)/api/v1/consultations/\(open.consultation)/bid/slow.bin",
            ], out: open.instance.folder.url.appending(path: "curl.out"), err: open.instance.folder.url.appending(path: "curl.err"))
        // Once a file is there the body is on its way.
        while open.instance.envelopeFiles().isEmpty, job.isRunning { usleep(10_000) }
        #expect(job.isRunning)
        #expect(try open.instance.stop() == 0)
        #expect(job.wait(seconds: 30) == 0)
        #expect(try String(contentsOf: job.out, encoding: .utf8) == "201")
        let check = try open.check()
        #expect(check.status == 0, "\(check)")
        #expect(check.text.contains("1 bids, \(bytes.count) bytes"))
    }

    @Test func whatAKilledDaemonLeftIsMovedAside() throws {
        let open = try Open()
        #expect(try open.deposit(Data("kept".utf8)).status == 201)
        open.instance.kill()
        let stray = "\(open.instance.data)/envelopes/\(open.consultation)/\(String(repeating: "a", count: 32)).1"
        #expect(FileManager.default.createFile(atPath: stray, contents: Data("half".utf8)))
        let before = try open.check()
        #expect(before.status == 3)
        #expect(before.text.contains("is named by no event"))
        try open.instance.start()
        #expect(open.instance.log.contains("moved aside"))
        #expect(try open.check().status == 0)
        #expect(!FileManager.default.fileExists(atPath: stray))
        #expect(try FileManager.default.contentsOfDirectory(atPath: open.instance.data + "/lost+found").count == 1)
    }
}

extension Secret {
    /// Holds one where an array is needed.
    fileprivate final class Box {
        let secret: Secret
        init(_ secret: consuming Secret) { self.secret = secret }
    }
}
