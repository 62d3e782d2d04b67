import Canonical
import Foundation
import Testing

/// Texts that the fuzzer started from, and those that it found worth keeping: `Tests/Fuzz/fuzz` adds to them.
@Suite struct CorpusTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/canonical").standardized

    @Test func whatIsReadIsWrittenAlike() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path(percentEncoded: false))
        #expect(names.count >= 8)
        var read = 0
        for name in names {
            let text = Array(try Data(contentsOf: Self.folder.appending(path: name)))
            guard let value = try? JSON(canonical: text) else { continue }
            read += 1
            #expect(value.encoded() == text, "\(name)")
        }
        #expect(read >= 2 && read < names.count)
    }
}
