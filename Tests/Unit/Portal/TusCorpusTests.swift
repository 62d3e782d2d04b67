import Foundation
import HTTP
import Testing

@testable import Portal

/// Heads of uploads that the fuzzer started from, and those that it found worth keeping: `Tests/Fuzz/fuzz` adds to them.
@Suite struct TusCorpusTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus/tus").standardized

    @Test func everyFileIsReadWithinItsBounds() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path(percentEncoded: false))
        #expect(names.count >= 10)
        var documents = 0
        for name in names {
            let bytes = Array(try Data(contentsOf: Self.folder.appending(path: name)))
            #expect(disagreement(overTus: bytes) == nil, "\(name)")
            var (parser, position) = (RequestParser(maximumHead: 16 * 1024, maximumFields: 64), 0)
            if case .head(let request)? = try? parser.next(bytes.span, from: &position), (try? Tus.document(request)) != nil { documents += 1 }
        }
        #expect(documents >= 3, "some ask for documents")
    }
}
