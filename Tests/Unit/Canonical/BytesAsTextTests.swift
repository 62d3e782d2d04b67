import Canonical
import Testing

struct BytesAsTextTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]) func base64Vectors(_ plain: String, _ text: String) throws {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(try Base64.decode(text) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Zg", "Zg=", "Z===", "====", "=Zg=", "Zg==Zg==", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zm9v\u{0}aaa", "Zm-_",
        "é==",
        "Zm9vY===",
    ]) func base64Refused(_ text: String) {
        #expect(throws: CanonicalError.self) { try Base64.decode(text) }
    }

    @Test func everyByteInEveryPlace() throws {
        for count in 0...5 {
            for byte in UInt8.min...UInt8.max {
                let bytes = [UInt8](repeating: byte, count: count)
                #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
                #expect(try Hex.decode(Hex.encode(bytes)) == bytes)
            }
        }
        #expect(Hex.encode([0, 1, 0xab, 0xff]) == "0001abff")
    }

    @Test(arguments: ["0", "0G", "AB", "0x", " 0", "é"]) func hexRefused(_ text: String) {
        #expect(throws: CanonicalError.self) { try Hex.decode(text) }
    }

    @Test func digestsAndIdentifiersHaveOneText() throws {
        let hex = String(repeating: "0a", count: 32)
        #expect(try Digest(hex: hex).hex == hex)
        #expect(try Digest(hex: hex).bytes == [UInt8](repeating: 10, count: 32))
        #expect(try Digest(bytes: [UInt8](repeating: 10, count: 32)) == Digest(hex: hex))
        #expect(try Digest(hex: hex) != .zero)
        for wrong in [hex + "0a", String(hex.dropLast(2)), hex.uppercased(), ""] {
            #expect(throws: CanonicalError.self) { try Digest(hex: wrong) }
        }
        let text = String(repeating: "7f", count: 16)
        #expect(try Identifier(text).text == text)
        #expect(try Identifier(random: InlineArray(repeating: 0x7f)) == Identifier(text))
        for wrong in [text + "00", String(text.dropLast()), text.uppercased(), "../../../../../../etc/passwd----"] {
            #expect(throws: CanonicalError.self) { try Identifier(wrong) }
        }
    }
}
