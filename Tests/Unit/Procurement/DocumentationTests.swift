import Canonical
import Foundation
import Procurement
import Testing

/// The specification is read by these tests as it is by people: what it says, the code does.
@Suite("Procurement.docc")
struct DocumentationTests {
    static func text(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/Procurement/Procurement.docc")
        return try String(contentsOf: folder.appending(path: name).standardizedFileURL, encoding: .utf8)
    }

    /// The lines between ```json and ```.
    static func examples(_ text: String) -> [String] {
        text.components(separatedBy: "```json\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
    }

    /// The cells of the tables whose head begins with `head`.
    static func rows(_ text: String, under head: String) -> [[String]] {
        var rows: [[String]] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            if line.hasPrefix(head) {
                isInside = true
            } else if isInside, !line.hasPrefix("|---") {
                rows.append(line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) })
            }
        }
        return rows
    }

    @Test("the example is an event, and the vector of its type")
    func example() throws {
        let examples = DocumentationTests.examples(try DocumentationTests.text("Events.md"))
        let bytes = Array(try #require(examples.first).utf8)
        #expect(try Event(canonical: bytes).fact is DeadlineExtended)
        #expect(bytes == (try Vector.bytes("deadline-extended")))
        #expect(try Person(canonical: Array(try #require(examples.last).utf8)).name == "Zoé")
        #expect(examples.count == 2)
    }

    @Test("the tables name every type and every field, and which may be absent")
    func types() throws {
        let rows = DocumentationTests.rows(try DocumentationTests.text("Events.md"), under: "| type |")
        var types: Set<String> = []
        for row in rows {
            let type = row[0].replacing("`", with: "")
            types.insert(type)
            let said = row[1] == "–" ? [] : Set(row[1].components(separatedBy: ", ").map { $0.replacing("`", with: "") })
            let facts = Samples.all.filter { $0.name.split(separator: ".")[0] == type }.map { Set($0.event.fact.fields.keys) }
            let always = facts.reduce(facts.first ?? []) { $0.intersection($1) }
            let ever = facts.reduce(Set<String>()) { $0.union($1) }
            #expect(said == always.union(ever.subtracting(always).map { $0 + "?" }), "\(type)")
        }
        #expect(types == Set(Event.types.keys) && types.count == rows.count)
    }

    @Test("the table of permissions is the code's, in every cell")
    func permissions() throws {
        let rows = DocumentationTests.rows(try DocumentationTests.text("Rules.md"), under: "| action | roles |")
        #expect(Set(rows.map { $0[0] }) == Set(Action.allCases.map { "`\($0.rawValue)`" }))
        for action in Action.allCases {
            let own = rows.filter { $0[0] == "`\(action.rawValue)`" }
            for role in Role.allCases {
                for phase in Phase.allCases {
                    let isSaid = own.contains { row in
                        row[1].components(separatedBy: ", ").contains(role.rawValue)
                            && (row[2] == "–" || row[2].components(separatedBy: ", ").contains(phase.rawValue))
                    }
                    #expect(Permission.allows(action, to: [role], in: phase) == isSaid, "\(action) \(role) \(phase)")
                }
            }
        }
    }

    @Test("every kind of refusal that is named exists")
    func kinds() throws {
        let rows = DocumentationTests.rows(try DocumentationTests.text("Rules.md"), under: "| action | refused where |")
        #expect(!rows.isEmpty)
        for row in rows {
            #expect(Action(rawValue: row[0].replacing("`", with: "")) != nil)
            for kind in row[2].components(separatedBy: ", ") {
                #expect(Refusal.Kind(rawValue: kind.replacing("`", with: "")) != nil, "\(kind)")
            }
        }
    }
}
