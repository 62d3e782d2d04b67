/// Lower-case hexadecimal, as in RFC 4648 section 8 but for the case: one text for one value.
public enum Hex {
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.lazy.flatMap { [digit($0 >> 4), digit($0 & 15)] }, as: UTF8.self)
    }

    public static func decode(_ text: some StringProtocol) throws(CanonicalError) -> [UInt8] {
        try decode(Array(text.utf8))
    }

    static func decode(_ text: some RandomAccessCollection<UInt8>) throws(CanonicalError) -> [UInt8] {
        guard text.count.isMultiple(of: 2) else { throw CanonicalError(reason: "hexadecimal of odd length") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            let value = try value(character)
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(_ character: UInt8) throws(CanonicalError) -> UInt8 {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: throw CanonicalError(reason: "not lower-case hexadecimal")
        }
    }
}
