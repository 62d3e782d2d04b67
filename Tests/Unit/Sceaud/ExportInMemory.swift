import Canonical
import Evidence
import Foundation
import Merkle
import OpenSSL
import Procurement
import Testing

/// An export in memory, so that any byte of it can be changed.
struct ExportInMemory: ExportFiles {
    var files: [String: [UInt8]] = [:]

    init(_ folder: String) throws {
        for path in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            guard (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(path)")) == nil else { continue }
            files[path] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
        }
    }

    func paths() -> [String] { files.keys.sorted() }

    func read(_ path: String, at offset: Int64, max: Int) throws -> [UInt8] {
        guard let bytes = files[path] else { throw EvidenceError("\(path) is missing") }
        return offset < Int64(bytes.count) ? Array(bytes[Int(offset)...].prefix(max)) : []
    }

    func report(keys: [VerifierKey] = [], trust: [Certificate] = [], checkpoints: [Note] = []) -> Report {
        var verifier = ExportVerifier(self, keys: keys, trust: trust, checkpoints: checkpoints)
        return verifier.verify()
    }

    func failures() -> [String] { report().checks.filter { $0.outcome == .fails }.map(\.line) }

    /// The real log's first generation, its entries changed and all that follows from them made anew, as whoever holds the key
    /// could.
    func rewritten(
        _ key: borrowing PrivateKey, _ change: (inout [[UInt8]]) throws -> Void
    ) throws -> ExportInMemory {
        var changed = self
        let index = try ExportIndex(canonical: files["export.json"] ?? [])
        let old = try #require(index.generations.first { $0.log == .real })
        let path = "log/real/" + ExportLayout.entries(0, width: Int(old.size))
        var entries = (files[path] ?? []).split(separator: 0x0a).map { Array($0) }
        try change(&entries)
        for path in files.keys where path.hasPrefix("log/real/entries") || path.hasPrefix("log/real/tile") { changed.files[path] = nil }
        changed.files["log/real/" + ExportLayout.entries(0, width: entries.count)] = entries.flatMap { $0 + [0x0a] }
        var edge = RightEdge()
        for entry in entries { edge.append(MerkleTree.leaf(entry)) }
        for tile in edge.takeChanges() { changed.files["log/real/\(tile.path)"] = tile.bytes }
        let verifier = try VerifierKey(String(decoding: files["log/real/key"]?.dropLast() ?? [], as: UTF8.self))
        changed.files["log/real/checkpoint"] = try Checkpoint(origin: verifier.name, size: edge.size, root: edge.root).note()
            .signed(as: verifier, with: key).encoded
        changed.files["export.json"] = ExportIndex(
            instance: index.instance,
            generations: index.generations.map { $0.log == .real ? .init(log: .real, number: 1, base: 0, size: Int64(edge.size)) : $0 }
        ).canonicalBytes
        return changed
    }
}
