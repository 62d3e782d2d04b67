import Canonical
import Foundation
import OpenSSL
import Testing

@testable import Sealing

@Suite struct PaperLinesTests {
    /// Something as long as an encrypted key, that says so in its first bytes as DER does.
    private static let bytes: [UInt8] = [0x30, 0x81, 0xEC] + (0..<236).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    private let lines = PaperLines.encode(bytes)

    private func mistake(_ lines: [String]) -> PaperLines.Mistake? {
        do throws(PaperLines.Mistake) {
            _ = try PaperLines.decode(lines)
            return nil
        } catch { return error }
    }

    @Test func theExampleIsReadAndWritten() throws {
        let text = try Pages.text("Paper")
        let example = try String(decoding: #require(Pages.blocks("Paper", "lines").first), as: UTF8.self).split(separator: "\n").map(String.init)
        let bytes = try PaperLines.decode(example)
        #expect(text.contains(Hex.encode(bytes)))
        #expect(PaperLines.encode(bytes) == example)
        // With stock tools, as the page says.
        let shell = try Shell()
        try shell.write("lines", Array((example.joined(separator: "\n") + "\n").utf8))
        try shell.write("recipe", #require(Pages.blocks("Paper", "").first))
        #expect(try shell.run("sh", "-e", "recipe") == 0)
        #expect(try shell.read("key.der") == bytes)
    }

    @Test func linesAreReadAsPeopleTypeThem() throws {
        #expect(lines.count == 16)
        #expect(try PaperLines.decode(lines) == Self.bytes)
        #expect(try PaperLines.decode(lines.reversed()) == Self.bytes)
        #expect(try PaperLines.decode(lines.map { $0.lowercased() }) == Self.bytes)
        #expect(try PaperLines.decode(lines.map { $0.filter { $0 != " " } }) == Self.bytes)
        #expect(try PaperLines.decode(lines.map { "  " + $0.replacing(" ", with: "\t") + " \r" }) == Self.bytes)
        #expect(try PaperLines.decode(lines.map { $0.replacing("=", with: "") } + ["", "   "]) == Self.bytes)
        #expect(try PaperLines.decode(lines + [lines[3]]) == Self.bytes)
        let looks = lines.map { $0.prefix(2) + $0.dropFirst(2).replacing("O", with: "0").replacing("I", with: "1").replacing("B", with: "8") }
        #expect(try PaperLines.decode(looks.map(String.init)) == Self.bytes)
        // A number of one digit, with its space.
        #expect(try PaperLines.decode(lines.map { $0.hasPrefix("0") ? String($0.dropFirst()) : $0 }) == Self.bytes)
    }

    @Test func anyOtherLetterIsNamedByItsLine() throws {
        for (index, line) in lines.enumerated() {
            let characters = Array(line)
            for place in characters.indices where place > 2 && characters[place] != " " && characters[place] != "=" {
                var other = characters
                other[place] = characters[place] == "Q" ? "R" : "Q"
                var typed = lines
                typed[index] = String(other)
                #expect(mistake(typed) == .wrong(index + 1), "line \(index + 1), place \(place)")
            }
        }
    }

    @Test func otherMistakesAreNamed() {
        #expect(mistake(lines.filter { !$0.hasPrefix("07") }) == .missing(7))
        #expect(mistake(Array(lines.dropLast())) == .incomplete)
        #expect(mistake([]) == .incomplete)
        // Numbers exchanged.
        var typed = lines
        typed[2] = "04" + lines[2].dropFirst(2)
        #expect(mistake(typed) == .wrong(4))
        typed = lines
        typed[2] = String(lines[2].dropLast(5))
        #expect(mistake(typed) == .wrong(3))
        typed[2] = "what is this"
        #expect(mistake(typed) == .unreadable(3))
        typed[2] = "00" + lines[2].dropFirst(2)
        #expect(mistake(typed) == .unreadable(3))
        #expect(mistake(Array(repeating: lines[0], count: 10_000)) == .unreadable(199))
        // One more line behind the end.
        #expect(mistake(lines + [PaperLines.encode(Self.bytes + Self.bytes)[16]]) != nil)
    }

    @Test func anEncryptedKeyHasSixteenLinesOrSo() throws {
        let pem = try PrivateKey.generateP256().encryptedPEM(passphrase: Passphrase.generate())
        let body = String(decoding: pem, as: UTF8.self).split(separator: "\n").dropFirst().dropLast().joined()
        let der = try Base64.decode(body)
        let lines = PaperLines.encode(der)
        #expect((15...20).contains(lines.count))
        #expect(try PaperLines.decode(lines) == der)
    }

    @Test func wordsAreReadAsPeopleTypeThem() throws {
        func normalised(_ text: String) -> [UInt8]? {
            guard let secret = Passphrase.normalised(Secret(copying: Array(text.utf8).span)) else { return nil }
            return secret.copied
        }
        let words = Array("lusab-babad-gutih-tugad-mupok-vopod".utf8)
        for text in ["lusab-babad-gutih-tugad-mupok-vopod", "LUSAB BABAD GUTIH TUGAD MUPOK VOPOD", "lusabbabad gutih\ttugad, mupok. vopod\n"] {
            #expect(normalised(text) == words, "\(text)")
        }
        for text in ["", "lusab", "lusab-babad-gutih-tugad-mupok-vopo", "lusab-babad-gutih-tugad-mupok-vopodd"] {
            #expect(normalised(text) == nil, "\(text)")
        }
    }
}
