import Foundation
import Testing

/// Requests that the fuzzer started from, and those that it found worth keeping: `Tests/Fuzz/fuzz` adds to them.
@Suite struct CorpusTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/request").standardized

    @Test func everyFileIsReadAlikeHoweverItIsCut() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path(percentEncoded: false))
        #expect(names.count >= 20)
        for name in names {
            let wrong = disagreement(over: Array(try Data(contentsOf: Self.folder.appending(path: name))))
            #expect(wrong == nil, "\(name)")
        }
    }
}
