import Canonical
import Foundation
import Rehearsal
import Testing

/// kill −9 at any moment: what was acknowledged is there and opens; nothing half made is listed.
@Suite(.serialized) struct KillTests {
    @Test func whileBidsArrive() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage, deadlineIn: 40)
        let ledger = Ledger()
        for round in 0..<6 {
            let clients = (0..<3).map { client in
                Client.start {
                    for size in [0, 1000, 300_000, 3 << 20] {
                        ledger.deposit(stage.bidders[client % 2], in: procedure, bytes: size + client)
                    }
                }
            }
            // No moment is better than another: the rounds take different ones.
            Thread.sleep(forTimeInterval: 0.03 + 0.11 * Double(round))
            stage.instance.kill()
            clients.forEach { $0.wait() }
            try stage.instance.start()
            try ledger.expectKept(by: stage, in: procedure)
        }
        ledger.deposit(stage.bidders[0], in: procedure, bytes: 5)
        #expect(!ledger.acknowledged.isEmpty)
        // Also over the close itself.
        stage.instance.kill()
        let left = Double(procedure.deadline.second + 2) - Date().timeIntervalSince1970
        if left > 0 { Thread.sleep(forTimeInterval: left) }
        try stage.instance.start()
        try procedure.waitUntilClosed()
        #expect(try stage.events("closed").count == 1)

        let opened = try Session.openAll(procedure)
        for (bid, digest) in ledger.acknowledged { #expect(opened[bid] == digest, "\(bid)") }
        #expect(try stage.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config])
        #expect(check.status == 0, "\(check)")
    }

    /// What was received whole and never committed is moved aside by the next start, which says so; nothing is deleted.
    @Test func strayFilesAreSetAside() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let ledger = Ledger()
        ledger.deposit(stage.bidders[0], in: procedure, bytes: 1000)
        stage.instance.kill()
        let folder = "\(stage.instance.data)/envelopes/\(procedure.id)"
        let stray = String(repeating: "ab", count: 16)
        for suffix in ["1", "seal"] {
            try Data("half".utf8).write(to: URL(filePath: "\(folder)/\(stray).\(suffix)"))
        }
        try stage.instance.start()
        try ledger.expectKept(by: stage, in: procedure)
        let set = try stage.awaitEvent("set-aside")
        #expect(set != nil)
        let aside = try Shell.check("find", [stage.instance.data + "/lost+found", "-type", "f"]).text
        #expect(aside.contains(stray), "\(aside)")
        #expect(stage.instance.log.contains("lost+found") || stage.instance.log.contains("aside"), "\(stage.instance.log)")
    }

    /// SIGTERM is no fault: what is under way is answered, the rest is told, and the exit status is 0.
    @Test func stopsWhileBidsArrive() throws {
        let stage = try Stage()
        let procedure = try Procedure.published(stage)
        let ledger = Ledger()
        let clients = (0..<3).map { client in
            Client.start { for _ in 0..<10 { ledger.deposit(stage.bidders[client % 2], in: procedure, bytes: 200_000) } }
        }
        Thread.sleep(forTimeInterval: 0.3)
        #expect(try stage.instance.stop() == 0)
        clients.forEach { $0.wait() }
        try ledger.expectKept(by: stage, in: procedure)
        try stage.instance.start()
        try ledger.expectKept(by: stage, in: procedure)
    }
}

/// A thread of a test.
private final class Client: @unchecked Sendable {
    private let done = NSCondition()
    private var isDone = false  // guarded by `done`

    /// The test leaves what `body` holds alone until it waited.
    static func start(_ body: @escaping () -> Void) -> Client {
        let client = Client()
        nonisolated(unsafe) let work = body
        Thread.detachNewThread {
            work()
            client.done.withLock {
                client.isDone = true
                client.done.broadcast()
            }
        }
        return client
    }

    func wait() {
        done.withLock { while !isDone { done.wait() } }
    }
}
