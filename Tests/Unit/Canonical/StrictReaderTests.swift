import Canonical
import Testing

struct StrictReaderTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
    }

    static let refused: [Sample] =
        ([
            ("nothing", ""), ("null", "null"), ("null in an array", "[null]"), ("null as a field", #"{"a":null}"#),
            ("a fraction", "1.0"), ("a fraction of zero", "0.0"), ("an exponent", "1e3"), ("an exponent E", "1E3"),
            ("minus zero", "-0"), ("plus", "+1"), ("a leading zero", "01"), ("a negative leading zero", "-01"),
            ("minus alone", "-"), ("2^53", "9007199254740992"), ("-2^53", "-9007199254740992"),
            ("2^64", "18446744073709551616"), ("100 digits", String(repeating: "9", count: 100)),
            ("hexadecimal", "0x10"), ("not a number", "NaN"), ("upper case", "TRUE"), ("a word cut", "tru"),
            ("a word too long", "truee"),
            ("a space before", " 1"), ("a space behind", "1 "), ("a line end behind", "1\n"), ("a second value", "1 2"),
            ("a space after a colon", #"{"a": 1}"#), ("a space after a comma", "[1, 2]"), ("a comment", "/**/1"),
            ("a comma too many", "[1,]"), ("a comma first", "[,1]"), ("a comma too many in an object", #"{"a":1,}"#),
            ("no end of an array", "[1"), ("no end of an object", #"{"a":1"#), ("no value", #"{"a":}"#),
            ("no colon", #"{"a"1}"#), ("brackets crossed", #"[{"a":1]}"#),
            ("a repeated key", #"{"a":1,"a":1}"#), ("a repeated key with another value", #"{"a":1,"a":2}"#),
            ("keys unsorted", #"{"b":1,"a":1}"#), ("keys sorted by letter, not by byte", #"{"a":1,"B":1}"#),
            ("a longer key first", #"{"ab":1,"a":1}"#), ("an empty key", #"{"":1}"#), ("a key with _", #"{"a_b":1}"#),
            ("a key of a capital", #"{"A":1}"#), ("a key of a digit", #"{"1":1}"#), ("a key with é", #"{"é":1}"#),
            ("a key that is escaped", #"{"\u0061":1}"#), ("a key without quotes", "{a:1}"),
            ("a key of a number", "{1:1}"),
            ("single quotes", "'a'"), ("a string without end", #""a"#), ("an escape without end", #""\"#),
            ("a needless escape", #""\u0041""#), ("an escaped slash", #""\/""#), ("an escaped é", #""\u00e9""#),
            ("upper-case hexadecimal", #""\u001F""#), ("a long form of a short escape", #""\u000a""#),
            ("a long form of a quotation mark", #""\u0022""#), ("an unknown escape", #""\x""#),
            ("an escape of three digits", #""\u00f""#), ("an escaped surrogate pair", #""\ud83c\udfeb""#),
            ("a lone surrogate", #""\ud800""#), ("a raw line end", "\"\n\""), ("a raw tab", "\"\t\""),
            ("a raw NUL", "\"\u{0}\""), ("a byte order mark", "\u{feff}1"),
            ("17 deep", String(repeating: "[", count: 17) + String(repeating: "]", count: 17)),
            ("100,000 deep", String(repeating: "[", count: 100_000)),
        ].map { ($0.0, Array($0.1.utf8)) } + [
            ("invalid UTF-8", [0x22, 0xff, 0x22]), ("UTF-8 cut", [0x22, 0xc3, 0x22]),
            ("an overlong slash", [0x22, 0xc0, 0xaf, 0x22]), ("an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]),
            ("beyond U+10FFFF", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]), ("UTF-16", [0xff, 0xfe, 0x31, 0x00]),
            ("a NUL behind", [0x31, 0x00]),
        ]).map { Sample(testDescription: $0.0, bytes: $0.1) }

    @Test(arguments: refused) func refuses(_ sample: Sample) {
        #expect(throws: CanonicalError.self) { try JSON(canonical: sample.bytes) }
    }

    static let accepted = [
        "0", "-1", "9007199254740991", "-9007199254740991", "true", "false", #""""#, "[]", "{}",
        #"{"a":1,"aB":2,"b":3}"#,
        #""\b\t\n\f\r\u0000\u001f\"\\/\#u{7f}é\#u{2028}""#, "[[],{},[{}]]",
        String(repeating: "[", count: 16) + String(repeating: "]", count: 16),
    ]

    @Test(arguments: accepted) func readsAndWritesTheSameBytes(_ text: String) throws {
        #expect(try JSON(canonical: Array(text.utf8)).encoded() == Array(text.utf8))
    }

    @Test func nothingIsNormalised() throws {
        let composed = JSON.string("\u{e9}")
        let decomposed = JSON.string("e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(try JSON(canonical: decomposed.encoded()) == decomposed)
        #expect(decomposed.encoded() == [0x22, 0x65, 0xcc, 0x81, 0x22])
    }

    @Test func valuesAreBounded() throws {
        let most = Array(("[" + Array(repeating: "1", count: JSON.mostValues - 1).joined(separator: ",") + "]").utf8)
        #expect(throws: Never.self) { try JSON(canonical: most) }
        #expect(throws: CanonicalError.self) { try JSON(canonical: most.dropLast() + Array(",1]".utf8)) }
        #expect(throws: CanonicalError(reason: "longer than 64 MiB")) {
            try JSON(canonical: [UInt8](repeating: 0x31, count: JSON.longest + 1))
        }
    }

    /// A reader that follows the canonical grammar never reads what the encoder would write otherwise.
    @Test func whateverIsReadIsWrittenAlike() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}[]",:-0123456789abtruefalse\nu"#.utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...12, using: &generator)).compactMap { _ in alphabet.randomElement() }
            if let value = try? JSON(canonical: bytes) { #expect(value.encoded() == bytes) }
        }
    }
}
