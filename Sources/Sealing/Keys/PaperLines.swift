internal import Canonical

/// An encrypted key file in lines that people type: base32 (RFC 4648), fifteen bytes a line in six groups of four letters, then a
/// group of four that checks the line and its number. `Paper.md` specifies it.
public enum PaperLines {
    /// Bytes in a line.
    static let width = 15
    /// An encrypted P-256 key takes 17.
    public static let most = 99

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// What is wrong with a typed line.
    public enum Mistake: Error, Sendable, Equatable, CustomStringConvertible {
        /// A line that cannot be read at all, by its place among the typed ones, from 1.
        case unreadable(Int)
        /// A line whose check does not hold, by its number.
        case wrong(Int)
        case missing(Int)
        case twice(Int)
        case incomplete

        public var description: String {
            switch self {
            case .unreadable(let place): "the line typed as number \(place) is no line of the sheet: a number, then seven groups of four letters"
            case .wrong(let number): "line \(number) is not as printed: a letter in it, or its number, is another"
            case .missing(let number): "line \(number) is missing"
            case .twice(let number): "line \(number) stands there twice, and not alike"
            case .incomplete: "the lines end before the key does"
            }
        }
    }

    /// One line each, as printed: `01 MIGJ A4GB … C4QA`.
    public static func encode(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count, by: width).enumerated().map { index, start in
            let piece = Array(bytes[start..<min(start + width, bytes.count)])
            // The last line has what padding base32 wants, so that stock tools read it.
            let text = base32(piece)
            let padding = String(repeating: "=", count: (8 - text.utf8.count % 8) % 8)
            let groups = grouped(text + padding) + [check(index + 1, piece)]
            return (index + 1 < 10 ? "0" : "") + "\(index + 1) " + groups.joined(separator: " ")
        }
    }

    /// Reads typed lines: small letters or capitals, with any spaces or none, in any order; empty ones are passed over.
    public static func decode(_ lines: [String]) throws(Mistake) -> [UInt8] {
        var pieces: [Int: [UInt8]] = [:]
        var place = 0
        for line in lines {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            place += 1
            guard place <= 2 * most else { throw .unreadable(place) }
            let (number, piece) = try read(line, place)
            if let other = pieces.updateValue(piece, forKey: number), other != piece { throw .twice(number) }
        }
        guard let last = pieces.keys.max() else { throw .incomplete }
        var bytes: [UInt8] = []
        for number in 1...last {
            guard let piece = pieces[number] else { throw .missing(number) }
            guard number == last || piece.count == width else { throw .wrong(number) }
            bytes += piece
        }
        guard length(of: bytes) == bytes.count else { throw .incomplete }
        return bytes
    }

    /// Reads one line, for whoever asks for them one by one.
    ///
    /// - Parameter place: where it was typed, for the message.
    public static func read(_ line: String, _ place: Int) throws(Mistake) -> (number: Int, bytes: [UInt8]) {
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let words = line.utf8.split { $0 == UInt8(ascii: " ") || $0 == 0x09 || $0 == 0x0D || $0 == 0xA0 || $0 == 0xC2 }
        var characters = words.flatMap(Array.init)[...]
        // Two digits as printed; one where a space follows it.
        let isShort = words.first.map { $0.count == 1 } ?? false
        let digits = characters.prefix(isShort ? 1 : 2)
        guard digits.allSatisfy(isDigit), let number = Int(String(decoding: digits, as: UTF8.self)), (1...most).contains(number)
        else { throw .unreadable(place) }
        characters = characters.dropFirst(digits.count).filter { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "-") }[...]
        guard characters.count > 4, characters.count <= 28 else { throw .wrong(number) }
        let text = String(decoding: characters.map(plain), as: UTF8.self)
        guard let piece = bytes(String(text.dropLast(4))), !piece.isEmpty, piece.count <= width,
            check(number, piece) == text.suffix(4)
        else { throw .wrong(number) }
        return (number, piece)
    }

    /// A capital of the alphabet, with what is mistaken for one put right.
    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
        case UInt8(ascii: "0"): UInt8(ascii: "O")
        case UInt8(ascii: "1"): UInt8(ascii: "I")
        case UInt8(ascii: "8"): UInt8(ascii: "B")
        default: byte
        }
    }

    /// Four letters: the first twenty bits of SHA-256 of the line's number (one byte) and its bytes.
    private static func check(_ number: Int, _ piece: [UInt8]) -> String {
        let digest = Digest(of: [UInt8(number)] + piece).bytes
        return String(base32(Array(digest.prefix(5))).prefix(4))
    }

    private static func grouped(_ text: String) -> [String] {
        stride(from: 0, to: text.utf8.count, by: 4).map { start in String(text.dropFirst(start).prefix(4)) }
    }

    /// Without padding.
    private static func base32(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (held, bits) = (UInt32(0), UInt32(0))
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(held >> bits & 31)])
                held &= (1 << bits) - 1
            }
        }
        if bits > 0 { text.append(alphabet[Int(held << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (held, bits) = (UInt32(0), UInt32(0))
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            held = held << 5 | UInt32(value)
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> bits))
            held &= (1 << bits) - 1
        }
        return held == 0 && bits < 5 ? bytes : nil
    }

    /// What a DER SEQUENCE says of its own length, its head included.
    private static func length(of der: [UInt8]) -> Int? {
        guard der.count >= 2, der[0] == 0x30 else { return nil }
        if der[1] < 0x80 { return 2 + Int(der[1]) }
        let more = Int(der[1] & 0x7F)
        guard (1...2).contains(more), der.count >= 2 + more else { return nil }
        return 2 + more + der[2..<(2 + more)].reduce(0) { $0 << 8 | Int($1) }
    }
}
