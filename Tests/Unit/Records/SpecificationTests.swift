import Canonical
import Foundation
import Procurement
import SQLite
import Testing

@testable import Records

/// The page that specifies the register is held against it.
struct SpecificationTests {
    static func page() throws -> String {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Records/Records.docc/Records.md")
        return try String(contentsOf: page, encoding: .utf8)
    }

    static func example() throws -> [UInt8] {
        let block = try #require(page().components(separatedBy: "```json\n").dropFirst().first)
        return Array(try #require(block.components(separatedBy: "\n```").first).utf8)
    }

    @Test func theExampleOfTheMarkIsRead() throws {
        let mark = try HighWater(canonical: Self.example())
        #expect(
            mark
                == HighWater(
                    instance: try Identifier("0123456789abcdef0123456789abcdef"),
                    logs: [
                        .real: LogHead(
                            count: 3, generation: 1,
                            root: try Digest(hex: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
                        .training: .empty,
                    ]))
        #expect(mark.canonicalBytes == (try Self.example()))
    }

    @Test(arguments: [
        (#""log":"training""#, #""log":"real""#), (#""count":3"#, #""count":-3"#), (#""count":0,"#, ""),
        (#""instance":"0"#, #""instance":""#), (#"{"format""#, #"{"extra":1,"format""#),
    ]) func aMarkHasNoOtherForm(_ part: String, _ other: String) throws {
        let text = String(decoding: try Self.example(), as: UTF8.self)
        let changed = text.replacingOccurrences(of: part, with: other)
        #expect(changed != text)
        #expect(throws: CanonicalError.self) { try HighWater(canonical: Array(changed.utf8)) }
    }

    @Test func aMarkLacksNoLog() throws {
        let text = String(decoding: try Self.example(), as: UTF8.self)
        let end = try #require(text.range(of: #",{"count":0"#))
        #expect(throws: CanonicalError.self) { try HighWater(canonical: Array((text[..<end.lowerBound] + "]}").utf8)) }
    }

    @Test func aRealMarkHasTheFormOfTheExample() throws {
        let data = try DataFolder()
        try data.opened { register in
            try register.commit { _ in [counted(1)] }
            let mark = try HighWater(canonical: Array(Data(contentsOf: data.mark)))
            #expect(mark.instance == data.instance.id)
            for log in Log.allCases { #expect(try mark.logs[log] == register.read { try $0.head(of: log) }) }
        }
    }

    /// Every table of record is in the page, and every other table is a view that can be dropped and is compared.
    @Test func thePageNamesTheTablesOfRecord() throws {
        let page = try Self.page()
        let data = try DataFolder()
        let connection = try Connection(path: data.database, .readOnly)
        let tables = try connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'") { $0.text(0) }
        let views = Set(ViewSchema.tables.map(\.name))
        #expect(views.isSubset(of: tables))
        for table in Set(tables).subtracting(views) { #expect(page.contains("| `\(table)` |"), "\(table)") }
        let strict = try connection.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict") {
            $0.text(0)
        }
        #expect(Set(strict) == Set(tables))
    }
}
