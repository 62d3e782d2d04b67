import Foundation
import Glibc
import Procurement
import Rehearsal
import Testing

/// kill −9 at random moments while bids arrive, again and again, and then the opening: what a client was told stands.
///
/// `SCEAU_FAULT_ROUNDS` kills so often (5 unless told), `SCEAU_FAULT_SEED` repeats a run's sizes and moments.
@Suite(.serialized) struct KillTests {
    private struct Upload {
        let name: String
        let bytes: Data
        let folder: TemporaryFolder
        let job: Job

        /// Nobody waits for a whole answer: the daemon may have been killed in the middle of it.
        var answered: (status: Int, head: String, body: Data)? {
            guard job.wait(seconds: 120) != nil, let head = try? String(contentsOfFile: folder.path("head"), encoding: .utf8),
                let line = head.components(separatedBy: "\r\n").last(where: { $0.hasPrefix("HTTP/1.1 ") })
            else { return nil }
            let body = (try? Data(contentsOf: folder.url.appending(path: "body"))) ?? Data()
            return (Int(line.split(separator: " ")[1]) ?? 0, head, body)
        }
    }

    private static let sizes = [0, 1, 1000, 65_536, 300_000, (1 << 20) - 1, (1 << 20) + 1, 5_000_000, (16 << 20) + 1, 20 << 20]

    @Test func nothingAcknowledgedIsLost() throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["SCEAU_FAULT_ROUNDS"].flatMap(Int.init) ?? 5
        let seed = environment["SCEAU_FAULT_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        print("kill: \(rounds) rounds, SCEAU_FAULT_SEED=\(seed)")
        var random = SplitMix(state: seed)
        let vault = try WatchedVault(deadlineIn: 20)
        try vault.depositWorks()
        var deadline = vault.consultation.deadline

        for round in 1...rounds {
            deadline = try extended(vault, beyond: deadline)
            var uploads: [Upload] = []
            for number in 1...5 {
                let size = Self.sizes.randomElement(using: &random)!
                uploads.append(try start("\(round)-\(number).bin", Data.noise(size, using: &random), in: vault))
            }
            // Most of it happens early.
            let moment = Double.random(in: 0...1, using: &random)
            Thread.sleep(forTimeInterval: 0.3 * moment * moment)
            vault.instance.kill()
            let left = Set(vault.instance.envelopeFiles())
            for upload in uploads {
                guard let (status, head, body) = upload.answered, status == 201 else { continue }
                let location = head.firstMatch(of: #/(?i)location: \S*/([0-9a-f]{32})/#).map { String($0.1) }
                let json = try? JSONSerialization.jsonObject(with: body) as? [String: Any]
                try vault.remember(json: json ?? [:], location: location, upload.bytes, named: upload.name)
            }

            try vault.restart()
            // What was there is there, or was moved, and the start said so.
            let log = try LoggedEvents(of: vault.instance)
            for file in left.subtracting(vault.instance.envelopeFiles()) {
                #expect(vault.lostAndFound().contains(file.replacing("/", with: ".")), "deleted: \(file)")
                #expect(log.facts(SetAside.self).contains { $0.file == file })
                #expect(vault.instance.log.contains("moved aside, no event names it: \(file)"))
            }
            print("kill: round \(round): \(vault.receipts.count) acknowledged, \(log.bids.count) in the register, \(vault.lostAndFound().count) files aside")
        }
        try vault.depositWorks()
        try open(vault)
    }

    /// As companies upload. Two of them, so that the limits of one are not in the way.
    private func start(_ name: String, _ bytes: Data, in vault: WatchedVault) throws -> Upload {
        let folder = try TemporaryFolder()
        let file = try folder.write("document", bytes)
        let headers = try folder.write("headers", "Authorization: Bearer \(vault.cast.bidders.randomElement()!.token)\n")
        let job = try Job(
            "curl",
            ["-sS", "--max-time", "100", "--cacert", vault.instance.ca, "-H", "@" + headers, "-D", folder.path("head"), "-o",
                folder.path("body"), "-T", file, "\(vault.instance.url)\(vault.consultation.path)/bid/\(name)"],
            out: folder.url.appending(path: "out"), err: folder.url.appending(path: "err"))
        return Upload(name: name, bytes: bytes, folder: folder, job: job)
    }

    /// The deadline moves on before the rounds, so that however slow a machine is its bids are on time.
    private func extended(_ vault: WatchedVault, beyond deadline: String) throws -> String {
        let next = Rehearsal.Consultation.instant(seconds: 20)
        guard next > deadline else { return deadline }
        let answer = try vault.cast.buyer.curl.put(vault.consultation.path + "/deadline", ["deadline": next])
        #expect(answer.status == 200, "\(answer)")
        return answer.status == 200 ? next : deadline
    }

    /// Each acknowledged bid opens to the bytes that its client sent.
    private func open(_ vault: WatchedVault) throws {
        try vault.eventually("the consultation is closed", seconds: 90) {
            try vault.cast.buyer.curl.get(vault.consultation.path + "/closing").status == 200
        }
        let (outcome, folder) = try vault.consultation.open(by: vault.cast.members[0], approvedBy: [])
        #expect(outcome.status == 0, "\(outcome)")
        var opened = 0
        for receipt in vault.receipts where receipt.verdict != "late" {
            let place = folder.appending(path: receipt.bid)
            let files = (FileManager.default.enumerator(at: place, includingPropertiesForKeys: [.isRegularFileKey])?.allObjects ?? [])
                .compactMap { $0 as? URL }
                .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false }
            #expect(files.map(\.lastPathComponent) == [receipt.name], "\(receipt.bid)")
            if let file = files.first { #expect(try Data(contentsOf: file) == receipt.bytes, "other bytes: \(receipt.bid)") }
            opened += 1
        }
        #expect(opened > 0)
        print("kill: \(opened) acknowledged bids opened to their bytes")
        try vault.checkPromise()
    }
}

/// SplitMix64, so that a seed gives the same run again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
