import Foundation
import Testing

/// The examples in this target's documentation.
enum Pages {
    static func text(_ page: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(
            contentsOf: folder.appendingPathComponent("../../../Sources/Evidence/Evidence.docc/\(page).md"), encoding: .utf8)
    }

    /// The contents of each fenced block with this language, the last line's end left out.
    static func blocks(_ page: String, _ language: String) throws -> [String] {
        try text(page).components(separatedBy: "\n```").enumerated().compactMap { index, block in
            guard !index.isMultiple(of: 2), block.hasPrefix(language + "\n") else { return nil }
            return String(block.dropFirst(language.count + 1))
        }
    }
}
