import Foundation
import Glibc
import Procurement
import Rehearsal
import Testing

/// A vault with a second disk, and faults of either.
@Suite(.serialized) struct MirrorFaultTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var mirror: String { folder.path("disk/mirror") }

    private func vault(whenLost: String) throws -> WatchedVault {
        for path in [folder.path("disk"), mirror] where !FileManager.default.fileExists(atPath: path) {
            try Shell.check("mkdir", ["-m", "700", path])
        }
        return try WatchedVault(settings: "mirror: { folder: \"\(mirror)\", whenLost: \"\(whenLost)\" },")
    }

    private func status(_ vault: WatchedVault) throws -> String { try Curl(vault.instance).get("/readyz")["mirror"] }

    /// The first disk dies with the daemon; what is left are the keys and the mirror.
    private func diesAndIsRestored(_ vault: WatchedVault, mustBeDecided: Bool) throws {
        let instance = vault.instance
        instance.kill()
        let dead = folder.path("dead")
        try? FileManager.default.removeItem(atPath: dead)
        try Shell.check("mv", [instance.data, dead])
        func restore() throws -> Outcome {
            try Shell.run(Checkout.binary("sceaud"), ["restore", "--from", mirror, "--data", instance.data])
        }
        _ = try restore()
        for key in try FileManager.default.contentsOfDirectory(atPath: dead + "/keys") where key.hasSuffix(".key") {
            try Shell.check("cp", ["-p", "\(dead)/keys/\(key)", instance.data + "/keys/"])
        }
        let restored = try restore()
        #expect(restored.status == 0, "\(restored)")
        if mustBeDecided {
            try Shell.check(Checkout.binary("sceaud"), ["init", "--continue", "--nothing-lost", "--config", instance.config])
        }
        try instance.start()
    }

    /// kill −9 at random moments, and each time the first disk is gone.
    @Test func nothingAcknowledgedIsLostWithTheDisk() throws {
        let vault = try vault(whenLost: "stop")
        for round in 1...4 {
            for size in [0, 1, 300_000] { try vault.depositWorks(Data.noise(size)) }
            let file = try folder.write("large", Data.noise(12 << 20))
            let headers = try folder.write("headers", "Authorization: Bearer \(vault.bidder.token)\n")
            let upload = try Job(
                "curl",
                ["-sS", "--cacert", vault.instance.ca, "-H", "@" + headers, "-T", file,
                    "\(vault.instance.url)\(vault.consultation.path)/bid/large"],
                out: folder.url.appending(path: "out"), err: folder.url.appending(path: "err"))
            Thread.sleep(forTimeInterval: Double.random(in: 0...0.5))
            vault.instance.kill()
            _ = upload.wait(seconds: 30)
            let body = (try? Data(contentsOf: folder.url.appending(path: "out"))) ?? Data()
            if let json = try? JSONSerialization.jsonObject(with: body) as? [String: Any], json["event"] != nil {
                try vault.remember(json: json, try Data(contentsOf: URL(filePath: file)), named: "large")
            }
            try diesAndIsRestored(vault, mustBeDecided: false)
            try vault.checkPromise()
            #expect(vault.receipts.count >= 3 * round)
        }
        #expect(try LoggedEvents(of: vault.instance).facts(LogContinued.self).isEmpty)
    }

    /// Only root may mount.
    @Test(.enabled(if: geteuid() == 0, "only root may mount"), arguments: ["alarm", "stop"])
    func aFullMirror(_ whenLost: String) throws {
        try Shell.check("mkdir", ["-m", "700", folder.path("disk")])
        try Shell.check("mount", ["-t", "tmpfs", "-o", "mode=700,size=48m", "tmpfs", folder.path("disk")])
        defer { _ = try? Shell.run("umount", ["-l", folder.path("disk")]) }
        let vault = try vault(whenLost: whenLost)
        defer { vault.instance.kill() }
        try vault.depositWorks()
        #expect(try status(vault) == "there")
        // Its stamp is a commit of its own: one that meets the full disk half way ends the daemon, as it should.
        try vault.eventually("the bid has its stamp") { try LoggedEvents(of: vault.instance).facts(Timestamped.self).count == 1 }
        let ballast = folder.path("disk/ballast")
        fill(ballast)

        for size in [3_000_000, 10] {
            let answer = try vault.deposit(Data.noise(size))
            if whenLost == "alarm" {
                #expect(answer.status == 201, "\(answer)")
            } else {
                #expect(answer.status == 503 && answer.problem == "mirror", "\(answer)\n\(vault.instance.log)")
            }
        }
        #expect(try status(vault) != "there")
        try vault.eventually("the loss is recorded") { try LoggedEvents(of: vault.instance).facts(MirrorLost.self).first?.cause == "full" }
        try vault.nothingHalfIsKept()

        try FileManager.default.removeItem(atPath: ballast)
        try vault.eventually("the mirror is there again", seconds: 90) { try status(vault) == "there" }
        try vault.depositWorks(Data.noise(500_000))
        try diesAndIsRestored(vault, mustBeDecided: whenLost == "alarm")
        try vault.checkPromise()
        #expect(vault.receipts.count == (whenLost == "alarm" ? 4 : 2))
    }

    /// Takes what room there is, to the last block.
    private func fill(_ path: String) {
        let raw = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(raw) }
        for size in [1 << 20, 4096, 1] {
            let piece = [UInt8](repeating: 0xAA, count: size)
            while write(raw, piece, size) > 0 {}
        }
    }
}
