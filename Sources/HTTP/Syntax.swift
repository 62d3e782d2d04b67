/// The character classes of RFC 9110 section 5.6 and RFC 3986, and the field line made of them.
public enum Syntax {
    /// `tchar`: letters, digits and ``!#$%&'*+-.^_`|~``.
    public static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// What a field value may hold: visible ASCII, space, tab, and bytes above 0x7F (checked as UTF-8 elsewhere).
    public static func isFieldValue(_ byte: UInt8) -> Bool {
        byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
    }

    public static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// 1 to 19 digits and nothing else, within Int64 (`Content-Length`, RFC 9110 section 8.6): no sign, space or list.
    public static func length(_ text: String) -> Int64? {
        let bytes = text.utf8
        guard (1...19).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// A field line without its CRLF, as name in lower case and trimmed value.
    ///
    /// Refused: a folded line, an empty name, whitespace before the colon (RFC 9112 section 5.1), a byte outside its
    /// class, a value that is not UTF-8.
    public static func fieldLine(_ line: ArraySlice<UInt8>) throws(SyntaxError) -> (name: String, value: String) {
        guard let first = line.first else { throw SyntaxError("empty field line") }
        guard first != 0x20, first != 0x09 else { throw SyntaxError("folded field line") }
        guard let colon = line.firstIndex(of: 0x3A) else { throw SyntaxError("field line without a colon") }
        guard colon > line.startIndex else { throw SyntaxError("field without a name") }
        let name = line[..<colon]
        if name.last == 0x20 || name.last == 0x09 { throw SyntaxError("whitespace before the colon of a field") }
        guard name.allSatisfy(isToken) else { throw SyntaxError("bad character in a field's name") }
        var value = line[(colon + 1)...]
        while let byte = value.first, byte == 0x20 || byte == 0x09 { value.removeFirst() }
        while let byte = value.last, byte == 0x20 || byte == 0x09 { value.removeLast() }
        guard value.allSatisfy(isFieldValue) else { throw SyntaxError("control character in a field's value") }
        guard let text = String(validating: value, as: UTF8.self) else { throw SyntaxError("field value is not UTF-8") }
        return (String(decoding: name, as: UTF8.self).lowercased(), text)
    }
}

/// Bytes that are not HTTP as we read it. The reason names the rule, never the bytes.
public struct SyntaxError: Error, Sendable {
    public let reason: StaticString

    public init(_ reason: StaticString) {
        self.reason = reason
    }
}
