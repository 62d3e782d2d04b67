/// A stable word of the log: a cause, a reason, an action. 1 to 64 lower-case letters, digits and hyphens, a letter first.
public enum Word {
    public static let longest = 64

    public static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.count <= longest && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2d }
    }

    /// The word that stands for a sentence of ours: `TLS handshake failed` is `tls-handshake-failed`. Facts put every cause
    /// through it, so that no caller can write a leaf that no reader takes.
    public static func standing(for text: String) -> String {
        var word: [UInt8] = []
        for byte in text.utf8 {
            let lower = (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
            if isLetter(lower) || (isDigit(lower) && !word.isEmpty) {
                word.append(lower)
            } else if let last = word.last, last != 0x2d {
                word.append(0x2d)
            }
            if word.count == longest { break }
        }
        while word.last == 0x2d { word.removeLast() }
        return word.isEmpty ? "other" : String(decoding: word, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
