import Canonical
import Foundation
import Sealing
import Testing

@testable import sceau

@Suite struct BidFileTests {
    private let folder = NSTemporaryDirectory() + "sceau-files-\(UUID().uuidString)"

    private func write(_ name: String, _ text: String = "x") throws {
        let url = URL(filePath: folder + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private func message(_ paths: [String]) -> String? {
        do throws(CommandError) {
            _ = try BidFile.all(paths)
            return nil
        } catch { return error.message }
    }

    @Test func aFolderIsTakenUnderItsNameWithAllThatIsInIt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["b.txt", "dossier/é.txt", "dossier/a/a/z.txt", "dossier/.caché", "dossier/10.txt", "dossier/9.txt"] { try write(name) }
        let files = try BidFile.all([folder + "/b.txt", folder + "/dossier/"])
        #expect(files.map(\.label) == ["b.txt", "dossier/.caché", "dossier/10.txt", "dossier/9.txt", "dossier/a/a/z.txt", "dossier/é.txt"])
        #expect(files.map(\.folder) == [nil, "dossier", "dossier", "dossier", "dossier/a/a", "dossier"])
        #expect(files.allSatisfy { $0.length == 1 && $0.modified > 1_600_000_000_000 })
        // A way of writing a folder is none of its name.
        #expect(try BidFile.all([folder + "/dossier/a/../a/."]).map(\.label) == ["a/a/z.txt"])
    }

    @Test func whatWouldBeMissingOrAmbiguousIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write("a/x.txt")
        try write("b/x.txt")
        try FileManager.default.createDirectory(atPath: folder + "/empty", withIntermediateDirectories: false)
        #expect(message([folder + "/a/x.txt", folder + "/b/x.txt"])?.contains("two of the files would be 'x.txt'") == true)
        #expect(message([folder + "/a", folder + "/b"]) == nil)
        #expect(message([folder + "/empty"])?.contains("there is no file") == true)
        #expect(message([folder + "/nothing"])?.contains("cannot read") == true)
        try FileManager.default.createSymbolicLink(atPath: folder + "/a/link", withDestinationPath: folder + "/b/x.txt")
        #expect(message([folder + "/a"])?.contains("neither a file nor a folder") == true)
        // Named by its person a link is followed.
        #expect(message([folder + "/a/link"]) == nil)
    }

    @Test func whatIsKeptReadsBackAndNothingElse() throws {
        let id = try Identifier(String(repeating: "a", count: 32))
        let bid = UnfinishedBid(
            consultation: id, bid: id, code: id, begun: Instant(milliseconds: 1), files: [.init(path: "/é", length: 3, modified: 5)])
        #expect(try UnfinishedBid(canonical: bid.canonicalBytes) == bid)
        #expect(throws: CanonicalError.self) { try UnfinishedBid(canonical: bid.canonicalBytes + [0x0a]) }
        let home = try Home(environment: ["SCEAU_HOME": folder + "/home"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = UnfinishedBids(home, of: id, words: ["a", "b"])
        try store.keep(bid)
        #expect(try store.load() == bid && UnfinishedBids.all(home) == [bid])
        // Other words, other bid: no joining of words makes them the same.
        #expect(try UnfinishedBids(home, of: id, words: ["ab"]).load() == nil)
        let lock = try store.lock()
        #expect(throws: CommandError.self) { try store.lock() }
        withExtendedLifetime(lock) {}
        try store.remove()
        try store.remove()
        #expect(try store.load() == nil)
    }

    @Test func aCandidateIsHeldToTheManifestsBounds() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func read(_ text: String) throws -> String? {
            try write("c.json", text)
            do throws(CommandError) {
                return try CandidateFile.read(folder + "/c.json").lead.name
            } catch { return nil }
        }
        #expect(try read(#" {"lead": {"siret": "55210022400011", "name": "Alpes Béton"}, "signatories": [{"name": "A. B."}]} "#) == "Alpes Béton")
        for text in [#"{"lead": {}}"#, #"{"lead": {"name": "A", "siret": "1"}}"#, #"{"lead": {"name": "A"}, "boss": "B"}"#, #"{"lead": {"name": 1}}"#, "[]", "lead"] {
            #expect(try read(text) == nil, "\(text)")
        }
    }
}
