import Canonical
import Evidence
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Testing

@testable import sceau

/// An export in a folder that somebody else filled: what is not a plain file where one belongs is named, and nothing outside is read.
struct FolderExportTests {
    private let top: URL

    /// A vault in which nothing has happened yet.
    init() throws {
        top = FileManager.default.temporaryDirectory.appendingPathComponent("sceau-export-\(UUID().uuidString)")
        let instance = Identifier(random: InlineArray(repeating: 7))
        for log in Log.allCases {
            let name = "sceau/\(instance)/\(log.rawValue)"
            let signer = try NoteSigner(name: name, key: PrivateKey.generateEd25519())
            let event = Event(
                log: log, at: Instant(milliseconds: 1_795_453_200_000), nonce: [UInt8](repeating: 1, count: 16),
                fact: LogOpened(instance: instance)
            ).canonicalBytes
            let leaf = MerkleTree.leaf(event)
            try write("log/\(log.rawValue)/key", Array("\(signer.verifier)\n".utf8))
            try write(
                "log/\(log.rawValue)/checkpoint",
                signer.sign(Checkpoint(origin: name, size: 1, root: leaf).note()).encoded)
            try write("log/\(log.rawValue)/entries/000.p/1", event + [0x0a])
            try write("log/\(log.rawValue)/tile/0/000.p/1", leaf.bytes)
        }
        try write(
            "export.json",
            ExportIndex(
                instance: instance, generations: Log.allCases.map { .init(log: $0, number: 1, base: 0, size: 1) }
            ).canonicalBytes)
    }

    private func place(_ path: String) -> URL { top.appendingPathComponent(path) }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(at: place(path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: place(path))
    }

    private func failures() throws -> [String] {
        var verifier = ExportVerifier(try FolderExport(top.path))
        return verifier.verify().checks.filter { $0.outcome == .fails }.map(\.line)
    }

    /// The failures after a change, which is taken back with the folder.
    private func named(_ path: String, _ change: () throws -> Void) throws -> String {
        let copy = top.appendingPathExtension("copy")
        try FileManager.default.copyItem(at: top, to: copy)
        defer {
            try? FileManager.default.removeItem(at: top)
            try? FileManager.default.moveItem(at: copy, to: top)
        }
        try change()
        let found = try failures().filter { $0.contains(path) }
        return try found.first ?? "nothing is said of \(path): \(failures())"
    }

    private func remove(_ path: String) throws { try FileManager.default.removeItem(at: place(path)) }

    private static let files = [
        "export.json", "log/real/key", "log/real/checkpoint", "log/real/entries/000.p/1", "log/training/tile/0/000.p/1",
    ]

    @Test func anHonestFolderHolds() throws {
        defer { try? remove("") }
        #expect(try failures() == [])
        #expect(try FolderExport(top.path).paths().count == 9)
        #expect(try FolderExport(top.path).read("log/real/key", at: 4, max: 3) == Array("u/0".utf8))
        #expect(try FolderExport(top.path).read("log/real/key", at: 4000, max: 3) == [])
    }

    @Test(arguments: files) func whatIsNoPlainFileIsNamed(_ path: String) throws {
        defer { try? remove("") }
        let outside = FileManager.default.temporaryDirectory.appendingPathComponent("sceau-outside-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: place(path), to: outside)
        defer { try? FileManager.default.removeItem(at: outside) }
        let isMissing = try named(path) { try remove(path) }
        #expect(isMissing.contains("missing"), "\(isMissing)")
        // A link, although what it leads to has the right bytes.
        let link = try named(path) {
            try remove(path)
            try FileManager.default.createSymbolicLink(at: place(path), withDestinationURL: outside)
        }
        #expect(link.hasPrefix("FAILS: "), "\(link)")
        let folder = try named(path) {
            try remove(path)
            try FileManager.default.createDirectory(at: place(path), withIntermediateDirectories: false)
        }
        #expect(folder.hasPrefix("FAILS: "), "\(folder)")
        // A pipe without a writer must not keep the verifier waiting.
        let pipe = try named(path) {
            try remove(path)
            #expect(mkfifo(place(path).path, 0o600) == 0)
        }
        #expect(pipe.hasPrefix("FAILS: "), "\(pipe)")
        // Larger than any such file may be; it takes no room, here or in memory.
        let huge = try named(path) { #expect(truncate(place(path).path, 1 << 40) == 0) }
        #expect(huge.hasPrefix("FAILS: "), "\(huge)")
        let empty = try named(path) { #expect(truncate(place(path).path, 0) == 0) }
        #expect(empty.hasPrefix("FAILS: "), "\(empty)")
        if geteuid() != 0 {
            let unreadable = try named(path) { #expect(chmod(place(path).path, 0) == 0) }
            #expect(unreadable.hasPrefix("FAILS: "), "\(unreadable)")
        }
    }

    @Test func aFolderThatIsALinkIsNotFollowed() throws {
        defer { try? remove("") }
        let found = try named("log/real") {
            let outside = top.appendingPathExtension("outside")
            try FileManager.default.moveItem(at: place("log/real"), to: outside)
            try FileManager.default.createSymbolicLink(at: place("log/real"), withDestinationURL: outside)
        }
        try? FileManager.default.removeItem(at: top.appendingPathExtension("outside"))
        #expect(found.hasPrefix("FAILS: key: log/real/key: log/real/key cannot be read"), "\(found)")
    }

    @Test(arguments: ["notes.txt", "log/real/.hidden", "log/real-2/key", "objects/x/y", "log/real/published/007", "log/real/published/1.bak"])
    func aStrangeFileIsNamed(_ path: String) throws {
        defer { try? remove("") }
        #expect(try named(path) { try write(path, []) } == "FAILS: files: \(path): nothing in the export names this file")
    }

    @Test func anEmptyOrBottomlessFolderIsNamed() throws {
        defer { try? remove("") }
        #expect(
            try named("log/real/empty/") {
                try FileManager.default.createDirectory(at: place("log/real/empty"), withIntermediateDirectories: false)
            } == "FAILS: files: log/real/empty/: nothing in the export names this file")
        let deep = "deep/" + (0..<40).map { "\($0)" }.joined(separator: "/")
        #expect(try named("deep") { try write(deep + "/x", []) }.contains("is deeper than an export is"))
    }

    @Test func whatIsNoFolderIsRefused() throws {
        defer { try? remove("") }
        #expect(FolderExport.isFolder(top.path) && !FolderExport.isFolder(place("export.json").path))
        #expect(throws: CommandError.self) { _ = try FolderExport(place("export.json").path) }
        #expect(throws: CommandError.self) { _ = try FolderExport(place("none").path) }
    }
}
