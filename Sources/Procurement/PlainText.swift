/// Text that people will read on a screen, a receipt, in minutes: titles, names of accounts and of persons.
public enum PlainText {
    /// Refuses what would show as something else, or as nothing: controls, line breaks, marks that turn the direction of
    /// text, invisible separators, and blanks alone.
    ///
    /// - Parameter max: bytes of UTF-8.
    public static func check(_ text: String, _ field: String, max: Int) throws(Refusal) {
        guard (1...max).contains(text.utf8.count), text.unicodeScalars.allSatisfy(isPlain) else {
            throw Refusal(.invalid, "\(field): 1 to \(max) bytes without control or direction characters.")
        }
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw Refusal(.invalid, "\(field): it is blank.")
        }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff, 0xfff9...0xfffb: false
        default: true
        }
    }
}
