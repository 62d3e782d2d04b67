import Foundation

/// The pages of the documentation and the examples in them.
enum Pages {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/Sealing/Sealing.docc")

    static func text(_ page: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent("\(page).md"), encoding: .utf8)
    }

    /// The contents of each fenced block with this language, without the last line feed.
    static func blocks(_ page: String, _ language: String = "json") throws -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        var lines: [Substring] = []
        var inside: Substring?
        for line in try text(page).split(separator: "\n", omittingEmptySubsequences: false) {
            if let opened = inside {
                guard line == "```" else {
                    lines.append(line)
                    continue
                }
                if opened == language { blocks.append(Array(lines.joined(separator: "\n").utf8)) }
                inside = nil
                lines = []
            } else if line.hasPrefix("```") {
                inside = line.dropFirst(3)
            }
        }
        return blocks
    }

    /// The first example of a page.
    static func example(_ page: String) throws -> [UInt8] { try blocks(page)[0] }
}
