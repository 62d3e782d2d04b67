import Foundation

/// `API.md`, read as people read it.
struct Specification {
    let text: String

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/Portal/Portal.docc/API.md").standardizedFileURL
        text = try String(contentsOf: file, encoding: .utf8)
    }

    /// The cells of the table whose head begins with `head`.
    func rows(under head: String) -> [[String]] {
        guard let start = text.range(of: "\n\(head)") else { return [] }
        return text[start.lowerBound...].split(separator: "\n").prefix { $0.hasPrefix("|") }.dropFirst(2).map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// From a heading to the next of any level.
    func section(_ heading: String) -> String {
        guard let start = text.range(of: "\n\(heading)\n") else { return "" }
        return text[start.upperBound...].components(separatedBy: "\n#")[0]
    }

    /// What stands between backticks.
    static func words(_ text: String) -> [String] {
        text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
}

/// One row of the table of calls.
struct DocumentedCall: CustomStringConvertible {
    let method: String
    let path: String
    let role: String
    let request: String

    init(row: [String]) {
        let call = Specification.words(row[0])[0].split(separator: " ")
        method = String(call[0])
        path = String(call[1])
        role = row[1]
        request = row[2]
    }

    var description: String { "\(method) \(path)" }

    /// With identifiers in place of names in braces.
    var segments: [String] {
        path.replacing("…", with: "/api/v1/consultations/{id}").split(separator: "/").map { segment in
            switch segment {
            case "{id}", "{opening}", "{bid}", "{attempt}", "{copy}": String(repeating: "0a", count: 16)
            case "{document}": String(repeating: "0a", count: 16) + "-1"
            case "{filename}": "../offre 🏫.zip"
            case "{n}": "1"
            case "{certificate}": String(repeating: "0a", count: 32)
            case "{name}": "cao"
            case "{level}": "0"
            case "{index}": "000"
            default: String(segment)
            }
        }
    }

    static func all() throws -> [DocumentedCall] {
        try Specification().rows(under: "| call |").map(DocumentedCall.init(row:))
    }
}
