import Foundation
import Testing

@testable import sceau

/// Names that bidders chose, and what becomes of them.
private let nasty: [(String, String)] = [
    ("offre.pdf", "offre.pdf"),
    ("Offre technique — lot n° 2.pdf", "Offre technique — lot n° 2.pdf"),
    ("été à Besançon 🏗️.zip", "été à Besançon 🏗️.zip"),
    ("", "document"),
    (".", "document"),
    ("..", "document"),
    ("...", "document"),
    (" ", "document"),
    (" . . ", "document"),
    ("/", "_"),
    ("../../etc/passwd", "_.._etc_passwd"),
    ("..\\..\\windows\\system32", "_.._windows_system32"),
    ("/etc/cron.d/x", "_etc_cron.d_x"),
    ("a/../b", "a_.._b"),
    ("C:\\x.exe", "C__x.exe"),
    ("file.txt:stream", "file.txt_stream"),
    (".bashrc", "bashrc"),
    (".ssh", "ssh"),
    ("-rf", "_rf"),
    ("--help", "_-help"),
    ("nom.", "nom"),
    ("nom. . .", "nom"),
    ("a\u{0}b.pdf", "ab.pdf"),
    ("a\nb\r.pdf", "ab.pdf"),
    ("\u{1B}[31mred.pdf", "[31mred.pdf"),
    ("a\u{7F}\u{9B}b", "ab"),
    ("facture\u{202E}fdp.exe", "facturefdp.exe"),
    ("\u{2066}x\u{2069}.pdf", "x.pdf"),
    ("\u{200E}\u{200F}\u{061C}a.pdf", "a.pdf"),
    ("a\u{200B}\u{2060}\u{FEFF}b.pdf", "ab.pdf"),
    ("\u{2028}a\u{2029}", "a"),
    ("\u{E000}a", "a"),
    ("a\u{2044}b\u{2215}c\u{FF0F}d\u{FF3C}e", "a_b_c_d_e"),
    ("\u{FF0E}\u{FF0E}\u{FF0F}x", "___x"),
    ("\u{2024}\u{2024}", "__"),
    ("\u{3164}\u{2800}\u{115F}", "document"),
    ("a\u{3000}b\u{2003}c", "a_b_c"),
    ("a*b?c\"d<e>f|g", "a_b_c_d_e_f_g"),
    ("CON", "_CON"),
    ("con.txt", "_con.txt"),
    ("NUL.tar.gz", "_NUL.tar.gz"),
    ("com1", "_com1"),
    ("LPT9.pdf", "_LPT9.pdf"),
    ("COM¹", "_COM¹"),
    ("aux ", "_aux"),
    ("console.log", "console.log"),
    ("COM10", "COM10"),
    ("\u{E0041}\u{E0042}a", "a"),
    (".\u{200B}.\u{200B}.", "document"),
    (".\u{0}./x", "_x"),
    ("\u{202E}..", "document"),
]

@Suite struct SafeNameTests {
    @Test(arguments: nasty) func nastyNamesBecomeHarmless(untrusted: String, safe: String) {
        #expect(SafeName(untrusted).text == safe)
    }

    @Test(arguments: nasty.map(\.0)) func aSafeNameStaysAsItIs(untrusted: String) {
        let once = SafeName(untrusted).text
        #expect(SafeName(once).text == once)
    }

    /// Whatever the scalars: one component, bounded, nothing hidden, nothing an option.
    @Test func everyNameKeepsThePromise() {
        var random = SystemRandomNumberGenerator()
        let alphabet: [Unicode.Scalar] = Array(
            "aé.-/\\ :_\u{0}\u{202E}\u{200D}\u{301}漢👩🏽‍🚒\n\u{FF0F}CONcom1".unicodeScalars)
        for _ in 0..<5000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                scalars.append(alphabet.randomElement(using: &random)!)
            }
            let name = SafeName(String(scalars)).text
            #expect(holds(name), "\(String(scalars).debugDescription) became \(name.debugDescription)")
            #expect(holds(SafeName(String(scalars)).numbered(2).text))
        }
    }

    private func holds(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= SafeName.longest
            && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0) && !name.contains("\\")
            && !name.hasPrefix(".") && !name.hasPrefix("-") && !name.hasSuffix(".") && !name.hasSuffix(" ")
            && name.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
            }
    }

    @Test func longNamesAreCutBetweenCharactersAndKeepTheirExtension() {
        let long = SafeName(String(repeating: "é", count: 500) + ".pdf").text
        #expect(long.utf8.count <= 200 && long.utf8.count > 190)
        #expect(long.hasSuffix("é.pdf"))
        let flags = SafeName(String(repeating: "👩🏽", count: 300)).text
        #expect(flags.utf8.count <= 200 && flags.allSatisfy { $0 == "👩🏽" })
        // One character longer than any name may be.
        let piled = SafeName("a" + String(repeating: "\u{301}", count: 5000)).text
        #expect(!piled.isEmpty && piled.utf8.count <= 200)
        #expect(SafeName("x." + String(repeating: "y", count: 300)).text.utf8.count == 200)
        #expect(SafeName(String(repeating: "a", count: 1_000_000)).text.utf8.count == 200)
    }

    @Test func namesThatMeetAreNumbered() {
        var names = SafeNames()
        #expect(names.take("offre.pdf").text == "offre.pdf")
        #expect(names.take("offre.pdf").text == "offre (2).pdf")
        #expect(names.take("OFFRE.PDF").text == "OFFRE (3).PDF")
        #expect(names.take("offre\u{200B}.pdf").text == "offre (4).pdf")
        #expect(names.take("offre (2).pdf").text == "offre (2) (2).pdf")
        // Two ways to write one character, which some file systems do not tell apart.
        #expect(names.take("\u{E9}t\u{E9}").text != names.take("e\u{301}te\u{301}").text)
        #expect(names.take("").text == "document")
        #expect(names.take("..").text == "document (2)")
    }

    /// Each is numbered from where the last one ended, not by trying all numbers before it.
    @Test func tenThousandOfOneNameAreNumberedInOnePass() {
        var names = SafeNames()
        for _ in 1..<10_000 { _ = names.take("offre.pdf") }
        #expect(names.take("offre.pdf").text == "offre (10000).pdf")
        #expect(names.tried == 10_000 + 9_999)
    }

    @Test func numbersNeverMakeANameTooLong() {
        var names = SafeNames()
        let long = String(repeating: "é", count: 300) + ".pdf"
        var taken: Set<String> = []
        for _ in 0..<200 {
            let name = names.take(long).text
            #expect(name.utf8.count <= SafeName.longest)
            #expect(taken.insert(name).inserted)
        }
    }
}
