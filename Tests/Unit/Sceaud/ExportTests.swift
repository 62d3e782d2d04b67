import Canonical
import Evidence
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records
import Synchronization
import Testing

@testable import sceaud

/// What the verifier says of an export in which something was changed.
struct ExportTests {
    private static func export(_ made: InitialisedFolder, _ name: String = "export") throws -> ExportInMemory {
        let target = made.place.path + "/" + name
        let result = try Exportation(configuration: made.configuration, target: target).run()
        #expect(result.report.isGood, "\(result.report.text)")
        return try ExportInMemory(target)
    }

    private static func small() throws -> ExportInMemory {
        let made = try InitialisedFolder()
        _ = try made.receive(Array("a price".utf8))
        return try export(made)
    }

    @Test func anExportHolds() throws {
        let made = try InitialisedFolder()
        for number in 0..<3 { _ = try made.receive([UInt8](repeating: 7, count: number)) }
        let export = try Self.export(made)
        let report = export.report()
        #expect(report.isGood, "\(report.text)")
        // The key was not given, and the reader is told so.
        #expect(report.checks.contains { $0.name == "key" && $0.outcome == .note })
        let keys = try ["real", "training"].map { log in
            try VerifierKey(String(decoding: export.files["log/\(log)/key"]?.dropLast() ?? [], as: UTF8.self))
        }
        // Nor is any of the bids stamped.
        #expect(export.report(keys: keys).checks.filter { $0.outcome != .holds }.map(\.name) == ["timestamp"])
        let other = try VerifierKey(name: keys[0].name, publicKey: PrivateKey.generateEd25519().ed25519PublicKey())
        #expect(export.report(keys: [other, keys[1]]).checks.contains { $0.name == "key" && $0.outcome == .fails })
        // Into a new folder only.
        #expect(throws: DaemonError.self) { _ = try Self.export(made) }
    }

    /// Every byte of every file, each in turn; every one of the ciphertext too, since it is short.
    @Test func noChangedByteGoesUnnoticed() throws {
        let export = try Self.small()
        #expect(export.failures().isEmpty)
        let places = export.files.sorted { $0.key < $1.key }.flatMap { file in file.value.indices.map { (file.key, $0) } }
        let unnoticed = Mutex<[String]>([])
        let random = UInt8.random(in: 1...255)
        DispatchSerial.eachInParallel(places) { path, offset in
            var changed = export
            changed.files[path]?[offset] ^= offset % 2 == 0 ? 1 : random
            if changed.report().isGood { unnoticed.withLock { $0.append("\(path) at \(offset)") } }
        }
        #expect(unnoticed.withLock { $0 } == [], "of \(places.count)")
        #expect(places.count > 5000)
    }

    @Test func aMissingCutOrStrangeFileIsNamed() throws {
        let export = try Self.small()
        for path in export.paths() {
            var changed = export
            changed.files[path] = nil
            #expect(!changed.failures().isEmpty, "without \(path)")
            changed = export
            changed.files[path]?.removeLast()
            #expect(!changed.failures().isEmpty, "\(path) cut")
            changed = export
            changed.files[path]?.append(0x0a)
            #expect(!changed.failures().isEmpty, "\(path) longer")
        }
        for path in ["objects/\(Digest.zero)", "log/real/tile/0/001.p/1", "envelopes/x", "log/real/published/007", "notes"] {
            var changed = export
            changed.files[path] = [1]
            #expect(changed.failures().contains { $0.contains(path) }, "\(path)")
        }
    }

    // MARK: A log whose keeper has the key

    @Test func aRowDeletedSwappedOrBackdatedIsNamedAlthoughAllIsSignedAnew() throws {
        let made = try InitialisedFolder()
        _ = try made.receive(Array("a price".utf8))
        usleep(20_000)
        _ = try made.receive(Array("another".utf8))
        let export = try Self.export(made)
        let key = try KeyFiles.key(made.configuration.logs.real, named: "log")
        let kept = try Note(export.files["log/real/checkpoint"] ?? [])
        let same = try export.rewritten(key) { _ in }
        #expect(same.failures() == [], "a rewriting that changes nothing")

        // Two events of different instants.
        let swapped = try export.rewritten(key) { $0.swapAt($0.count - 1, 1) }
        #expect(swapped.failures().contains { $0.contains("FAILS: entry") && $0.contains("before the one in front of it") })

        let past = try export.rewritten(key) { entries in
            let event = try Event(canonical: entries[1])
            let forged = Event(log: .real, at: event.at, nonce: [UInt8](repeating: 1, count: 16), fact: Blank())
            entries.append(forged.canonicalBytes)
        }
        #expect(past.failures().contains { $0.contains("is dated") && $0.contains("position") }, "\(past.failures())")

        // A deleted one leaves no trace in what is signed anew: the checkpoint that somebody kept has one.
        let shorter = try export.rewritten(key) { $0.removeLast() }
        #expect(shorter.failures().contains { $0.contains("nothing in the export names this file") }, "its envelope stays behind")
        var clean = shorter
        for path in shorter.files.keys where shorter.failures().contains(where: { $0.contains(path) }) { clean.files[path] = nil }
        #expect(clean.failures() == [])
        let caught = clean.report(checkpoints: [kept])
        #expect(caught.checks.contains { $0.name == "checkpoint-kept" && $0.outcome == .fails })
        #expect(export.report(checkpoints: [kept]).isGood)
    }

    @Test func aBidLoggedLateRestsOnTheOperator() throws {
        let made = try InitialisedFolder()
        _ = try made.receive(Array("a price".utf8), receivedBefore: 6)
        let report = try Self.export(made).report()
        #expect(report.isGood && report.checks.contains { $0.name == "instants" && $0.outcome == .operatorsWord }, "\(report.text)")
    }

    /// A vault that went on after a loss verifies, and says what was lost.
    @Test func aLossIsSaid() throws {
        let made = try InitialisedFolder()
        _ = try made.receive(Array("a price".utf8))
        let continuations = try Continuing(configuration: made.configuration, checkpoints: [], isWhole: false).run()
        #expect(continuations.map(\.generation) == [2, 2])
        _ = try made.receive(Array("another".utf8))
        let export = try Self.export(made)
        #expect(export.files["log/real-2/key"] != nil)
        let report = export.report()
        #expect(report.isGood, "\(report.text)")
        #expect(report.checks.contains { $0.name == "generation" && $0.outcome == .note && $0.text.contains("a loss") })
        // The second generation cannot be left out, nor begin elsewhere.
        var index = try ExportIndex(canonical: export.files["export.json"] ?? [])
        index = ExportIndex(instance: index.instance, generations: index.generations.filter { $0.number == 1 })
        var changed = export
        changed.files["export.json"] = index.canonicalBytes
        #expect(changed.failures().contains { $0.contains("log/real-2") })
    }

    @Test func theSpecificationsExampleReads() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Evidence/Evidence.docc/Export.md")
        let line = try #require(
            String(contentsOf: page, encoding: .utf8).split(separator: "\n").first { $0.contains("\"format\":\"sceau/export/1\"") })
        let index = try ExportIndex(canonical: Array(line.utf8))
        #expect(index.canonicalBytes == Array(line.utf8) && index.generations.map(\.size) == [4, 1])
    }
}

/// Two threads, so that a test of thousands of verifications is done in its time.
enum DispatchSerial {
    static func eachInParallel<Item: Sendable>(_ items: [Item], _ body: @escaping @Sendable (Item) -> Void) {
        let next = Mutex(0)
        let take: @Sendable () -> Item? = { next.withLock { index in
            guard index < items.count else { return nil }
            index += 1
            return items[index - 1]
        } }
        let threads = (0..<2).compactMap { _ in
            try? OSThread.start(name: "verify") { while let item = take() { body(item) } }
        }
        threads.forEach { $0.join() }
    }
}
