import Procurement
import Testing

@testable import Reception

@Suite("Names of documents")
struct FileNameTests {
    private func answer(_ name: String) -> Refusal.Kind? {
        do throws(Refusal) {
            try FileName.check(name)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test(arguments: [
        "offre.zip", "Mémoire technique (v2) — été.pdf", "e\u{301}te\u{301}.pdf", "🏫 plan.dwg", ".bashrc", "...", "a..b",
        "-rf", "价格.xlsx", "مناقصة.pdf", "a b\u{a0}c", "%2e%2e%2fetc", "con", "~", "$(reboot)", "*",
    ])
    func isText(_ name: String) {
        #expect(answer(name) == nil)
    }

    @Test(arguments: [
        "", ".", "..", "../a", "a/b", "/etc/passwd", "a\\b", "a\u{0}b", "a\nb", "a\tb", "a\u{1b}[2J", "a\u{7f}", "a\u{85}",
        "a\u{9f}", "annexe\u{202e}fdp.exe", "\u{200f}a", "\u{200e}a", "a\u{2066}b", "a\u{2069}", "\u{61c}a", "\u{feff}a",
        "a\u{2028}b", "a\u{fff9}b",
    ])
    func isRefused(_ name: String) {
        #expect(answer(name) == .name)
    }

    @Test func hasAtMost255Bytes() {
        #expect(answer(String(repeating: "a", count: 255)) == nil)
        #expect(answer(String(repeating: "a", count: 256)) == .name)
        #expect(answer(String(repeating: "é", count: 127)) == nil)
        #expect(answer(String(repeating: "é", count: 128)) == .name)
    }
}
