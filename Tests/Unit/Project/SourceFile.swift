import Foundation
import Rehearsal

/// One Swift file of this checkout, read as text.
struct SourceFile {
    let path: String
    let text: String

    /// The target it belongs to: the folder below Sources.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The modules it imports, whatever the access level or attribute before the word.
    var imports: Set<String> {
        // Only lines that hold the word are matched: the expression is slow, and the sources are many.
        Set(lines.lazy.filter { $0.utf8.count < 200 && $0.contains("import ") }.compactMap { line in
            line.firstMatch(of: #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|func|var|protocol)\s+)?(\w+)/#)
                .map { String($0.1) }
        })
    }

    /// The lines without what stands behind `//`.
    var code: String {
        lines.map { line in line.range(of: "//").map { line[..<$0.lowerBound] } ?? line }.joined(separator: "\n")
    }

    static func all(under folder: String) throws -> [SourceFile] {
        try Checkout.files().filter { $0.hasPrefix(folder + "/") && $0.hasSuffix(".swift") }.map {
            SourceFile(path: $0, text: try String(contentsOfFile: Checkout.path($0), encoding: .utf8))
        }
    }
}
