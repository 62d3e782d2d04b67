import Foundation
import Rehearsal
import Testing

/// Each attack of the page is replayed by tests that are there.
struct AttackPageTests {
    @Test func eachAttackHasItsTests() throws {
        let page = try String(contentsOfFile: Checkout.path("Sources/Sealing/Sealing.docc/Attacks.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count >= 15)
        let tests = try SourceFile.all(under: "Tests")
        for row in rows {
            let named = row.matches(of: #/`([A-Z][A-Za-z]*)\.([a-zA-Z]+)`/#)
            #expect(!named.isEmpty, "\(row)")
            for name in named {
                let isThere = tests.contains { file in
                    file.path.split(separator: "/").last?.hasPrefix(name.1) == true && file.text.contains("func \(name.2)(")
                }
                #expect(isThere, "\(name.0)")
            }
        }
    }
}
