import Foundation
import Glibc
import Procurement
import Rehearsal
import Testing

/// A disk that is really full: a small file system in memory, mounted where the data folder is. Only root may mount; elsewhere
/// `SystemCallTests` has ENOSPC in every place.
@Suite(.serialized, .enabled(if: geteuid() == 0, "only root may mount")) struct FullDiskTests {
    @Test func refusesDepositsAndServesReads() throws {
        // Without the reserves that would refuse long before the end, so that the end itself is reached.
        let vault = try WatchedVault(settings: "limits: { registerBytes: 0, smallBidsPercentOfDisk: 0 },")
        let disk = try SmallDisk(vault.instance, mebibytes: 64)
        defer {
            vault.instance.kill()
            disk.unmount()
        }
        try vault.restart()
        try vault.depositWorks()
        let ballast = vault.instance.data + "/ballast"

        // Announced: there is no room, and not a byte is asked for.
        let large = Data.noise(80 << 20)
        let early = try vault.deposit(large)
        #expect(early.status == 507 && early.problem == "storage", "\(early)")

        // Let in while there was room, and then there is none.
        let upload = try HalfUpload(vault, length: 3_000_000)
        try upload.send(Data.noise(1_000_000))
        vault.eventually("its beginning is on the disk") { vault.instance.envelopeFiles().count == 3 }
        fill(ballast)
        try? upload.send(Data.noise(2_000_000))
        let late = upload.reads(until: "\r\n\r\n")
        #expect(late.hasPrefix("HTTP/1.1 507"), "\(late)")
        fill(ballast)  // also what the refused one has left

        // Full to the last block: nothing is accepted, reads are served, nobody dies.
        for size in [0, 10, 100_000] {
            let answer = try vault.deposit(Data.noise(size))
            #expect(answer.status == 507, "\(size): \(answer)\n\(vault.instance.log)")
            #expect(try vault.bidder.curl.get(vault.consultation.path).status == 200)
        }
        for _ in 0..<3 {
            #expect(try vault.bidder.curl.post("/api/v1/consultations", [:]).status == 403, "refused, whatever the disk is")
        }
        #expect(try vault.cast.buyer.curl.get("/api/v1/consultations").status == 200)
        #expect(try Curl(vault.instance).get("/readyz").status == 507)
        #expect(vault.instance.isRunning, "\(vault.instance.log)")
        #expect(vault.receipts.count == 1)

        // Room again, and without a restart.
        try FileManager.default.removeItem(atPath: ballast)
        try vault.depositWorks(Data.noise(500_000))
        try vault.nothingHalfIsKept()
        try vault.checkPromise()

        // What could not be an event was counted, and the stop writes what is still counted.
        #expect(try vault.instance.stop() == 0)
        let counted = try LoggedEvents(of: vault.instance).facts(RefusalsCounted.self)
        let reasons = Set(counted.map(\.reason))
        #expect(reasons.contains("storage") && reasons.contains("forbidden"), "\(counted)")
        try vault.restart()
        try vault.depositWorks()
    }

    /// No room in the middle of a draft's segment: what was acknowledged stays, what was not does not count, and it goes on to
    /// the exact bytes, without a restart and with one.
    @Test(arguments: [false, true]) func aSegmentFindsNoRoom(_ isRestarted: Bool) throws {
        let vault = try WatchedVault(settings: "limits: { registerBytes: 0, smallBidsPercentOfDisk: 0 },")
        let disk = try SmallDisk(vault.instance, mebibytes: 64)
        defer {
            vault.instance.kill()
            disk.unmount()
        }
        try vault.instance.start()
        let draft = try FaultyDraft(vault)
        let content = Data.noise(20 << 20)
        let address = try draft.create(content.count)
        #expect(try draft.patch(address, at: 0, content.prefix(1_000_001)).status == 204)
        let ballast = vault.instance.data + "/ballast"
        // Room for the register and for half a segment.
        fill(ballast)
        try Shell.check("truncate", ["-s", "-\(9 << 20)", ballast])
        let answer = try draft.patch(address, at: 1_000_001, content[1_000_001...])
        #expect(answer.status == 507 || answer.status == 0, "\(answer)\n\(vault.instance.log)")
        // Full as it is, it can be asked for and stands where it stood; what had been written is given back.
        #expect(try draft.offset(address) == 1_000_001, "\(vault.instance.log)")
        fill(ballast)
        let again = try draft.patch(address, at: 1_000_001, content[1_000_001...])
        #expect(again.status == 507, "\(again)\n\(vault.instance.log)")
        if isRestarted {
            vault.instance.kill()
            try vault.instance.start()
        }
        #expect(try draft.offset(address) == 1_000_001)
        try FileManager.default.removeItem(atPath: ballast)
        #expect(try draft.patch(address, at: 1_000_001, content[1_000_001...]).status == 204, "\(vault.instance.log)")
        let receipt = try draft.submit()
        #expect(receipt.status == 201, "\(receipt)")
        let listed = receipt.json["documents"] as? [[String: Any]] ?? []
        #expect(listed.first?["sha256"] as? String == FaultyDraft.digest(content))
        try vault.remember(receipt, content, named: "")
        try vault.restart()
    }

    /// Killed on a full disk with something half received. (Where not even the event of its removal finds room is tested with the
    /// system calls: a start makes room by emptying the register's log.)
    @Test func startsOnAFullDisk() throws {
        let vault = try WatchedVault(settings: "limits: { registerBytes: 0, smallBidsPercentOfDisk: 0 },")
        let disk = try SmallDisk(vault.instance, mebibytes: 32)
        defer {
            vault.instance.kill()
            disk.unmount()
        }
        try vault.restart()
        try vault.depositWorks()
        let upload = try HalfUpload(vault, length: 3_000_000)
        try upload.send(Data.noise(1_000_000))
        vault.eventually("its beginning is on the disk") { vault.instance.envelopeFiles().count == 3 }
        let ballast = vault.instance.data + "/ballast"
        fill(ballast)
        vault.instance.kill()
        fill(ballast)

        try vault.instance.start()
        #expect(try vault.bidder.curl.get(vault.consultation.path).status == 200)
        // The start emptied the register's log, which made room.
        fill(ballast)
        #expect(try vault.deposit(Data("x".utf8)).status == 507)
        try FileManager.default.removeItem(atPath: ballast)
        try vault.restart()
        #expect(vault.lostAndFound().count == 1)
        try vault.depositWorks()
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

/// A file system in memory, in the place of a data folder and with its content. The daemon is stopped for it.
private struct SmallDisk {
    private let path: String

    init(_ instance: Rehearsal.Instance, mebibytes: Int) throws {
        try instance.stop()
        path = instance.data
        let before = path + ".before"
        try Shell.check("mv", [path, before])
        try Shell.check("mkdir", ["-m", "700", path])
        try Shell.check("mount", ["-t", "tmpfs", "-o", "mode=700,size=\(mebibytes)m", "tmpfs", path])
        try Shell.check("cp", ["-a", before + "/.", path])
    }

    /// Also where a test has failed half way.
    func unmount() { _ = try? Shell.run("umount", ["-l", path]) }
}
