import Canonical
import Foundation
import Rehearsal
import Testing

/// Disks that fail or are full: no answer is better than a false one.
@Suite(.serialized) struct DiskTests {
    /// EIO on each of the first syncs of each thread, one run for each, by strace. What was acknowledged is there after the
    /// next start on a sound disk, whether the daemon refused the bid, or ended because the outcome was unknown.
    @Test func failedSyncs() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let ledger = Ledger()
        ledger.deposit(stage.bidders[0], in: procedure, bytes: 100)
        var failures = 0
        for number in 1...8 {
            #expect(try stage.instance.stop() == 0)
            // -D: strace becomes the daemon's grandchild, so that signals reach the daemon itself.
            do {
                try stage.instance.start(wrapper: [
                    "strace", "-D", "-f", "-qq", "-o", stage.instance.folder.path("strace-\(number)"), "-e", "trace=fsync,fdatasync",
                    "-e", "inject=fsync,fdatasync:error=EIO:when=\(number)",
                ])
            } catch is Instance.Unready {
                // The start itself met the failure, and says so rather than running on.
                failures += 1
                try stage.instance.start()
                continue
            }
            let before = ledger.refused
            for size in [100, 100_000, 0, 1000] { ledger.deposit(stage.bidders[1], in: procedure, bytes: size) }
            failures += ledger.refused - before
            if !stage.instance.isRunning { #expect(stage.instance.wait(seconds: 0) == 70, "\(stage.instance.log)") }
            stage.instance.kill()
            try stage.instance.start()
            try ledger.expectKept(by: stage, in: procedure)
        }
        // Otherwise nothing was injected, and nothing tested.
        #expect(failures > 0)
        #expect(ledger.acknowledged.count > 8)
        #expect(try stage.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    /// Below the register's own reserve every bid is refused, reads go on, and nothing of it is kept.
    @Test func theRegistersReserve() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let ledger = Ledger()
        ledger.deposit(stage.bidders[0], in: procedure, bytes: 100)
        #expect(try stage.instance.stop() == 0)
        try stage.instance.configure("limits: { registerBytes: \(Int64(1) << 50) },")
        try stage.instance.start()
        let answer = try stage.bidders[0].deposit(Data("x".utf8), in: procedure.id.text)
        #expect(answer.status == 507 && answer.problem == "storage", "\(answer)")
        #expect(try stage.anyone.get(procedure.path).status == 200)
        #expect(try stage.buyer.get(procedure.path + "/keys").status == 200)
        try ledger.expectKept(by: stage, in: procedure)
    }

    /// A disk that is really full, where this user may mount one.
    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk takes root")) func aFullDisk() throws {
        let disk = try SmallDisk(mebibytes: 48)
        let stage = try Stage(limits: "registerBytes: \(4 << 20), smallBidsPercentOfDisk: 0", data: disk.path + "/data")
        let procedure = try Procedure.published(stage)
        let ledger = Ledger()
        var answer = try stage.bidders[0].deposit(Data("x".utf8), in: procedure.id.text)
        for _ in 0..<100 where answer.status == 201 {
            ledger.deposit(stage.bidders[0], in: procedure, bytes: 3 << 20)
            answer = try stage.bidders[0].deposit(Data(count: 2 << 20), in: procedure.id.text)
        }
        #expect(answer.status == 507, "\(answer)")
        // It goes on serving reads, and bids again once there is room.
        #expect(try stage.anyone.get(procedure.path).status == 200)
        #expect(stage.instance.isRunning)
        let events = Set(try stage.events("bid-received").compactMap { $0["bid"] as? String })
        #expect(ledger.acknowledged.keys.allSatisfy { events.contains($0.text) })
        try disk.grow(mebibytes: 200)
        #expect(try stage.bidders[0].deposit(Data("x".utf8), in: procedure.id.text).status == 201)
        #expect(try stage.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config])
        #expect(check.status == 0, "\(check)")
    }
}
