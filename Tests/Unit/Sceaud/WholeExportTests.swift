import Canonical
import Evidence
import Foundation
import Merkle
import OpenSSL
import Procurement
import Synchronization
import Testing

@testable import sceaud

/// An export of a vault with a history: procedures that were closed and stamped, a rotated key, a loss after which it went on, a
/// witness that cosigned.
struct WholeExportTests {
    private let export: ExportInMemory
    private let witness: VerifierKey
    private let report: Report

    init() throws {
        let made = try InitialisedFolder()
        let witness = try NoteSigner(name: "witness.example", key: PrivateKey.generateEd25519(), kind: .cosignature)
        self.witness = witness.verifier
        try made.procedure()
        try made.publish(seenBy: witness)
        try made.rotate()
        try made.procedure("another")
        try made.publish(seenBy: witness)
        try made.loseOneAndContinue()
        _ = try made.receive(Array("after it".utf8))
        try made.publish(seenBy: witness)
        let target = made.place.path + "/export"
        report = try Exportation(configuration: made.configuration, target: target).run().report
        export = try ExportInMemory(target)
    }

    private func lines(_ report: Report, _ name: String, _ outcome: Check.Outcome) -> [String] {
        report.checks.filter { $0.name == name && $0.outcome == outcome }.map { "\($0.subject): \($0.text)" }
    }

    @Test func theWholeHistoryHolds() throws {
        #expect(report.isGood && export.report().isGood, "\(report.text)")
        let index = try ExportIndex(canonical: export.files["export.json"] ?? [])
        #expect(index.generations.filter { $0.log == .real }.map(\.number) == [1, 2, 3])
        #expect(lines(report, "closing", .holds) == ["log/real: 2 closing statements and 2 bidders' lines say what the events say"])
        // The checkpoint that was found had the lost bid's three events more than were there.
        let loss = lines(report, "generation", .note)
        #expect(loss.contains { $0.hasPrefix("log/real-3: a loss: the last known checkpoint had") }, "\(loss)")
        let known = try loss.compactMap { try $0.firstMatch(of: Regex("had (\\d+) entries"))?[1].substring.flatMap { Int64($0) } }
        #expect(known.contains((index.generations.first { $0.log == .real && $0.number == 2 }?.size ?? 0) + 3), "\(loss)")
        #expect(lines(report, "timestamp", .operatorsWord).contains { $0.contains("4 are of the platform's own authority") })
        #expect(lines(report, "timestamp", .operatorsWord).contains { $0.contains("1 bids and closings are not stamped yet") })
        // Cosigned in each generation; by a key that the reader has, or has not.
        #expect(lines(report, "witnesses", .note).count { $0.contains("a key that the reader did not give") } == 5)
        #expect(lines(export.report(keys: [witness]), "witnesses", .note).count { $0.contains("the key that was given") } == 5)
    }

    /// One byte in so many of each kind of file: of a smaller export every byte is turned (``ExportTests``).
    @Test func noChangedByteOfItGoesUnnoticed() throws {
        let steps: [(String, Int)] = [
            ("/key", 13), ("/checkpoint", 29), ("/published/", 23), ("/witnesses", 13), ("/entries/", 211), ("/tile/", 97),
            ("objects/", 97), ("envelopes/", 401), ("export.json", 41),
        ]
        var places: [(String, Int)] = []
        for (path, bytes) in export.files {
            let step = try #require(steps.first { path.contains($0.0) }?.1, "\(path)")
            places += stride(from: path.utf8.count % step, to: bytes.count, by: step).map { (path, $0) }
        }
        for (kind, _) in steps { #expect(places.contains { $0.0.contains(kind) }, "\(kind)") }
        let unnoticed = Mutex<[String]>([])
        let unnamed = Mutex<[String]>([])
        DispatchSerial.eachInParallel(places) { [export] path, offset in
            var changed = export
            changed.files[path]?[offset] ^= 1 << (offset % 8)
            let failures = changed.failures()
            if failures.isEmpty { unnoticed.withLock { $0.append("\(path) at \(offset)") } }
            // The file, its log, or the place of the event that it belongs to.
            let log = path.split(separator: "/").prefix(2).joined(separator: "/")
            if !path.hasPrefix("export"), !failures.contains(where: { $0.contains(path.hasPrefix("log") ? log : path.dropExtension) }) {
                unnamed.withLock { $0.append("\(path) at \(offset): \(failures)") }
            }
        }
        #expect(unnoticed.withLock { $0 } == [], "of \(places.count)")
        #expect(unnamed.withLock { $0.prefix(3) } == [])
        #expect(places.count > 300)
    }

    /// Generations are one chain: none is left out, exchanged, or begun by somebody else.
    @Test func theChainOfGenerationsIsHeld() throws {
        func exchanged(_ one: String, _ other: String) -> ExportInMemory {
            var changed = export
            for path in export.paths() where path.hasPrefix(one + "/") || path.hasPrefix(other + "/") { changed.files[path] = nil }
            for path in export.paths() {
                if path.hasPrefix(one + "/") { changed.files[other + path.dropFirst(one.count)] = export.files[path] }
                if path.hasPrefix(other + "/") { changed.files[one + path.dropFirst(other.count)] = export.files[path] }
            }
            return changed
        }
        for (one, other) in [("log/real", "log/real-2"), ("log/real-2", "log/real-3"), ("log/real", "log/training")] {
            #expect(exchanged(one, other).failures().contains { $0.contains("is the key of another log") }, "\(one)")
        }
        // The second, signed anew by somebody whose key the first did not name.
        var forged = export
        let key = try PrivateKey.generateEd25519()
        let name = try VerifierKey(String(decoding: export.files["log/real-2/key"]?.dropLast() ?? [], as: UTF8.self)).name
        let verifier = try VerifierKey(name: name, publicKey: key.ed25519PublicKey())
        let old = try Checkpoint(Note(export.files["log/real-2/checkpoint"] ?? []))
        forged.files["log/real-2/key"] = Array("\(verifier)\n".utf8)
        forged.files["log/real-2/checkpoint"] = try old.note().signed(as: verifier, with: key).encoded
        #expect(forged.failures().contains { $0.hasPrefix("FAILS: entry: log/real-2/entries/") && $0.contains("names another key than the one that signed this generation") })
    }

    @Test func aCosignatureIsHeld() throws {
        let path = try #require(export.paths().first { $0.hasPrefix("log/real-2/published/") })
        let note = try Note(export.files[path] ?? [])
        #expect(note.signatures.count == 2)
        var changed = export
        // A witness's signature under another checkpoint of the same log is none of this one.
        let other = try #require(export.paths().first { $0.hasPrefix("log/real/published/") })
        let strange = try #require(try Note(export.files[other] ?? []).signatures.last)
        changed.files[path] = try Note(text: note.text, signatures: [note.signatures[0], strange]).encoded
        #expect(changed.failures().contains { $0.hasPrefix("FAILS: published: \(path)") }, "\(changed.failures())")
        changed = export
        changed.files["log/real-2/witnesses"] = nil
        #expect(changed.failures().contains { $0.contains("bears a signature of nobody it names") })
        changed = export
        let unheard = try VerifierKey(name: "nobody.example", kind: .cosignature, publicKey: PrivateKey.generateEd25519().ed25519PublicKey())
        changed.files["log/real-2/witnesses"]? += Array("\(unheard)\n".utf8)
        #expect(changed.failures().contains { $0.contains("nobody.example cosigned nothing") })
    }
}

extension String {
    /// An envelope is named without the number of its file.
    fileprivate var dropExtension: String { hasPrefix("envelopes/") ? split(separator: ".").first.map(String.init) ?? self : self }
}
