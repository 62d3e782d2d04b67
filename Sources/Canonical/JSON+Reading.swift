extension JSON {
    /// Reads canonical bytes, and nothing else: what was decoded is encoded again and compared, so that one value
    /// has one digest and one signature.
    ///
    /// Refused: null, fractions and exponents, `-0`, leading zeros, integers of 2^53 or more, keys unsorted, repeated
    /// or outside `[a-z][A-Za-z0-9]*`, needless or upper-case escapes, lone surrogates, invalid UTF-8, a byte order
    /// mark, any space between tokens, anything behind the value, more than ``deepest``, ``longest``, ``mostValues``.
    public init(canonical bytes: [UInt8]) throws(CanonicalError) {
        guard bytes.count <= Self.longest else { throw CanonicalError(reason: "longer than 64 MiB") }
        var parser = Parser(bytes: bytes)
        let value = try parser.value(depth: 0)
        guard parser.position == bytes.count else { throw CanonicalError(reason: "bytes behind the value") }
        guard value.encoded() == bytes else { throw CanonicalError(reason: "not in canonical form") }
        self = value
    }
}

/// A JSON parser that knows the canonical grammar only. It is not trusted alone: its caller compares the bytes.
private struct Parser {
    let bytes: [UInt8]
    var position = 0
    var values = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func wrong(_ reason: String) -> CanonicalError { CanonicalError(reason: "\(reason) at byte \(position)") }

    private mutating func take(_ character: Unicode.Scalar) throws(CanonicalError) {
        guard next == UInt8(ascii: character) else { throw wrong("expected `\(character)`") }
        position += 1
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(CanonicalError) -> JSON {
        for character in word.description.unicodeScalars { try take(character) }
        return value
    }

    mutating func value(depth: Int) throws(CanonicalError) -> JSON {
        values += 1
        guard values <= JSON.mostValues else { throw CanonicalError(reason: "too many values") }
        guard let first = next else { throw wrong("expected a value") }
        switch first {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            guard depth < JSON.deepest else { throw wrong("nested too deeply") }
            return first == UInt8(ascii: "[") ? try array(depth: depth + 1) : try object(depth: depth + 1)
        default: throw wrong("expected a value")
        }
    }

    private mutating func array(depth: Int) throws(CanonicalError) -> JSON {
        try take("[")
        var elements: [JSON] = []
        if skip("]") { return .array(elements) }
        repeat { elements.append(try value(depth: depth)) } while skip(",")
        try take("]")
        return .array(elements)
    }

    private mutating func object(depth: Int) throws(CanonicalError) -> JSON {
        try take("{")
        var fields: [String: JSON] = [:]
        if skip("}") { return .object(fields) }
        var last = ""
        repeat {
            let key = try string()
            guard JSON.isKey(key) else { throw wrong("a key is not [a-z][A-Za-z0-9]*") }
            guard last.utf8.lexicographicallyPrecedes(key.utf8) else { throw wrong("a key repeated or out of order") }
            last = key
            try take(":")
            fields[key] = try value(depth: depth)
        } while skip(",")
        try take("}")
        return .object(fields)
    }

    private mutating func integer() throws(CanonicalError) -> Int64 {
        let negative = skip("-")
        let start = position
        var number: Int64 = 0
        while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            number = number * 10 + Int64(digit - UInt8(ascii: "0"))
            guard number <= JSON.largestInteger else { throw wrong("an integer of 2^53 or more") }
            position += 1
        }
        guard position > start else { throw wrong("expected a digit") }
        guard bytes[start] != UInt8(ascii: "0") || (position == start + 1 && !negative) else {
            throw wrong("a zero before an integer, or -0")
        }
        return negative ? -number : number
    }

    private mutating func string() throws(CanonicalError) -> String {
        try take("\"")
        var text: [UInt8] = []
        while true {
            guard let byte = next else { throw wrong("a string without its end") }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw wrong("invalid UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                text.append(try escape())
            case 0x00..<0x20: throw wrong("a control character")
            default:
                text.append(byte)
                position += 1
            }
        }
    }

    private mutating func escape() throws(CanonicalError) -> UInt8 {
        guard let byte = next else { throw wrong("an escape without its end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count else { throw wrong("an escape without its end") }
            let code = try Hex.decode(bytes[position..<position + 4])
            guard code[0] == 0, code[1] < 0x20 else { throw wrong("a needless escape") }
            position += 4
            return code[1]
        default: throw wrong("an escape that is not canonical")
        }
    }
}
