import Canonical
import Foundation
import Testing

@testable import Reception

/// Journals that the fuzzer started from, and those that it found worth keeping: `Tests/Fuzz/fuzz` adds to them.
@Suite struct JournalCorpusTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/journal").standardized

    @Test func everyFileIsReadInItsOneWriting() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path(percentEncoded: false))
        #expect(names.count >= 8)
        var read = 0
        for name in names {
            let bytes = Array(try Data(contentsOf: Self.folder.appending(path: name)))
            #expect(disagreement(overJournal: bytes) == nil, "\(name)")
            if let journal = try? DraftJournal(1, bytes: bytes), !journal.segments.isEmpty { read += 1 }
        }
        #expect(read >= 3, "some are journals")
    }

    /// The page's two lines are a journal, and with either line twice, or cut, they end where they should.
    @Test func onlyWhatFollowsIsBelieved() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../Sources/Reception/Reception.docc/Drafts.md").standardized, encoding: .utf8)
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("{") }.map { Array(($0 + "\n").utf8) }
        let (first, segment, piece) = (lines[0], lines[1], lines[2])
        #expect(try DraftJournal(1, bytes: first + segment)?.segments.count == 1)
        #expect(try DraftJournal(1, bytes: first + segment + segment)?.end == Int64(first.count + segment.count))
        #expect(try DraftJournal(1, bytes: first + piece)?.segments.count == 0, "a piece is of a document that comes sealed")
        #expect(try DraftJournal(1, bytes: first + segment.dropLast())?.segments.count == 0)
        #expect(try DraftJournal(1, bytes: first.dropLast()) == nil)
        #expect(throws: (any Error).self) { try DraftJournal(2, bytes: first) }
        #expect(throws: (any Error).self) { try DraftJournal(1, bytes: [0x0a]) }
    }
}
