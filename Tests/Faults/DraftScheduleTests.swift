import Foundation
import Glibc
import Linux
import Procurement
import Rehearsal
import Testing

/// Random schedules over drafts: connections cut after any byte, uploads resumed, kill −9 and restart, several at once. What a
/// client was told holds, every submitted bid opens to its bytes, and nothing else is listed.
///
/// Each run takes `SCEAU_SCHEDULES` random seeds (2 unless told), and prints them; `SCEAU_SCHEDULE_SEED` repeats one.
/// `Tests/Faults/many` runs many.
@Suite(.serialized) struct DraftScheduleTests {
    @Test func everySubmittedBidOpensToItsBytes() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SCEAU_SCHEDULES"].flatMap(Int.init) ?? 2
        let seeds = environment["SCEAU_SCHEDULE_SEED"].flatMap(UInt64.init).map { [$0] } ?? (0..<count).map { _ in .random(in: 0 ... .max) }
        for seed in seeds { try play(seed) }
    }

    private func play(_ seed: UInt64) throws {
        print("schedule: SCEAU_SCHEDULE_SEED=\(seed)")
        // A seed that a crash took with it would be no use.
        fflush(nil)
        let began = Date()
        var random = SplitMix(state: seed)
        let vault = try WatchedVault(deadlineIn: 30)
        // What this machine needs now for a daemon and a ceremony, some times over: a start must not take longer.
        let reach = max(13, 4 * Date().timeIntervalSince(began))
        var deadline = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(vault.consultation.deadline)
        let luck = Monitor(Luck(random: SplitMix(state: random.next())))
        let proxy = try CuttingProxy { luck.change { $0.fate() } }
        defer { proxy.end() }
        proxy.aim(at: vault.instance.port)

        let drafts = (1...Int.random(in: 4...8, using: &random)).map { draft($0, vault, proxy, using: &random) }
        let running = Monitor(drafts.count)
        let threads = try drafts.map { draft in
            try OSThread.start(name: "draft") {
                draft.run()
                running.change { $0 -= 1 }
            }
        }
        for _ in 1...Int.random(in: 3...5, using: &random) {
            Thread.sleep(forTimeInterval: Double.random(in: 0.2...2.5, using: &random))
            try move(&deadline, of: vault, by: reach)
            proxy.aim(at: 0)
            vault.instance.kill()
            try vault.instance.start()
            proxy.aim(at: vault.instance.port)
            try move(&deadline, of: vault, by: reach)
        }
        luck.change { $0.isCalm = true }
        while running.wait(milliseconds: 200, for: { $0 == 0 ? true : nil }) == nil { try move(&deadline, of: vault, by: reach) }
        for thread in threads { thread.join() }

        for draft in drafts {
            for wrong in draft.wrong { Issue.record("SCEAU_SCHEDULE_SEED=\(seed): \(wrong)") }
            if let receipt = draft.receipt { try vault.remember(json: receipt.json, Data(), named: "") }
        }
        try vault.restart()
        let submitted = Set(drafts.filter { !$0.isAbandoned }.map(\.bid))
        let log = try LoggedEvents(of: vault.instance)
        #expect(Set(log.bids.keys) == submitted, "SCEAU_SCHEDULE_SEED=\(seed): what is listed is what was submitted")
        try open(vault, drafts, seed)
        let seconds = Int(Date().timeIntervalSince(began))
        let bytes = drafts.flatMap(\.documents).reduce(0) { $0 + $1.bytes.count }
        print("schedule: \(submitted.count) bids of \(bytes) bytes, \(drafts.reduce(0) { $0 + $1.requests }) requests, \(proxy.cuts) cuts, \(seconds) s")
    }

    /// What becomes of connections: most are cut, at first.
    private struct Luck {
        var random: SplitMix
        var isCalm = false

        mutating func fate() -> CuttingProxy.Fate {
            guard !isCalm, Double.random(in: 0..<1, using: &random) < 0.6 else { return CuttingProxy.Fate() }
            // A handshake is some three thousand bytes down and eight hundred up.
            let scale = [1000, 3000, 10_000, 300_000, 3_000_000, 30_000_000].randomElement(using: &random)!
            var fate = CuttingProxy.Fate()
            if Bool.random(using: &random) { fate.up = .random(in: 1...scale, using: &random) } else { fate.down = .random(in: 1...6000, using: &random) }
            fate.isReset = .random(using: &random)
            fate.isSilent = Double.random(in: 0..<1, using: &random) < 0.2
            return fate
        }
    }

    private static let sizes = [
        0, 1, 2, 1000, 65_536, 300_000, (1 << 20) - 1, (1 << 20) + 1, 5_000_000, (16 << 20) - 1, 16 << 20, (16 << 20) + 1, 35 << 20,
    ]

    private func draft(_ number: Int, _ vault: WatchedVault, _ proxy: CuttingProxy, using random: inout SplitMix) -> ScheduledDraft {
        let hasHuge = number == 1 && Double.random(in: 0..<1, using: &random) < 0.3
        let documents = (1...Int.random(in: 1...6, using: &random)).map { index in
            // Mostly small.
            let among = Bool.random(using: &random) ? Self.sizes[...6] : Self.sizes[...]
            let size = hasHuge && index == 1 ? 100 << 20 : among.randomElement(using: &random)!
            return ScheduledDraft.Document(
                name: "\(number)-\(index).bin", bytes: .noise(size, using: &random),
                hasChecksum: Double.random(in: 0..<1, using: &random) < 0.3)
        }
        return ScheduledDraft(
            documents, submitsItself: Bool.random(using: &random), isAbandoned: number == 3, url: "https://localhost:\(proxy.port)",
            ca: vault.instance.ca, token: vault.cast.bidders[number % 2].token, consultation: vault.consultation.id,
            random: SplitMix(state: random.next()))
    }

    /// The deadline stays ahead of a machine, however slow.
    private func move(_ deadline: inout Date, of vault: WatchedVault, by reach: Double) throws {
        guard deadline.timeIntervalSinceNow < reach * 0.8 else { return }
        deadline = Date(timeIntervalSinceNow: reach)
        let answer = try vault.cast.buyer.curl.put(
            vault.consultation.path + "/deadline", ["deadline": Rehearsal.Consultation.instant(seconds: reach)])
        try #require(answer.status == 200, "\(answer)")
    }

    private func open(_ vault: WatchedVault, _ drafts: [ScheduledDraft], _ seed: UInt64) throws {
        try vault.eventually("the consultation is closed", seconds: 600) {
            try vault.cast.buyer.curl.get(vault.consultation.path + "/closing").status == 200
        }
        let (outcome, folder) = try vault.consultation.open(by: vault.cast.members[0], approvedBy: [])
        #expect(outcome.status == 0, "\(outcome)")
        for draft in drafts {
            let place = folder.appending(path: draft.bid)
            let files = (FileManager.default.enumerator(at: place, includingPropertiesForKeys: [.isRegularFileKey])?.allObjects ?? [])
                .compactMap { $0 as? URL }
                .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false }
            guard let receipt = draft.receipt, receipt.verdict != "late" else {
                #expect(files.isEmpty)
                continue
            }
            #expect(files.map(\.lastPathComponent).sorted() == draft.documents.map(\.name).sorted(), "SCEAU_SCHEDULE_SEED=\(seed)")
            for file in files {
                let sent = draft.documents.first { $0.name == file.lastPathComponent }
                #expect(try Data(contentsOf: file) == sent?.bytes, "other bytes: \(file.lastPathComponent), SCEAU_SCHEDULE_SEED=\(seed)")
            }
        }
    }
}
