internal import OpenSSL

/// Base64 (RFC 4648, 4) of secrets: no table, no branch on a value, no text left in memory.
enum SecretBase64 {
    static func length(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    static func encode(_ bytes: Span<UInt8>, into text: inout MutableSpan<UInt8>, at start: Int) {
        var output = start
        for group in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - group)
            var value: UInt32 = 0
            for index in 0..<3 { value = value << 8 | (index < count ? UInt32(bytes[group + index]) : 0) }
            for index in 0..<4 {
                text[output] =
                    index <= count ? character(Int32(value >> (18 - 6 * UInt32(index)) & 63)) : UInt8(ascii: "=")
                output += 1
            }
        }
    }

    /// nil for anything but the one text of `count` bytes.
    static func decode(_ text: Span<UInt8>, count: Int) -> Secret? {
        guard text.count == length(count) else { return nil }
        var wrong: Int32 = 0
        let secret = Secret(count: count) { bytes in
            var output = 0
            for group in stride(from: 0, to: text.count, by: 4) {
                var value: UInt32 = 0
                let kept = min(3, count - output)
                for index in 0..<4 {
                    if index <= kept {
                        let digit = digit(Int32(text[group + index]))
                        wrong |= digit >> 31
                        value = value << 6 | UInt32(bitPattern: digit & 63)
                    } else {
                        wrong |= Int32(text[group + index] ^ UInt8(ascii: "="))
                        value <<= 6
                    }
                }
                for index in 0..<kept {
                    bytes[output + index] = UInt8(truncatingIfNeeded: value >> (16 - 8 * UInt32(index)))
                }
                // Bits beyond the last byte are zero.
                wrong |= Int32(bitPattern: value & (UInt32(1) << (24 - 8 * UInt32(kept)) - 1))
                output += kept
            }
        }
        guard wrong == 0 else { return nil }
        return secret
    }

    /// All ones if a < b, else zero; for values far from overflow.
    private static func less(_ a: Int32, _ b: Int32) -> Int32 { (a - b) >> 31 }

    private static func character(_ value: Int32) -> UInt8 {
        // A–Z, then the distance to a–z, 0–9, +, /.
        var result = value + 65
        result += ~less(value, 26) & 6
        result -= ~less(value, 52) & 75
        result -= ~less(value, 62) & 15
        result += ~less(value, 63) & 3
        return UInt8(truncatingIfNeeded: result)
    }

    /// The value of a character, or −1.
    private static func digit(_ c: Int32) -> Int32 {
        func within(_ low: Int32, _ high: Int32) -> Int32 { ~less(c, low) & less(c, high + 1) }
        var result: Int32 = -1
        result += within(65, 90) & (c - 65 + 1)
        result += within(97, 122) & (c - 71 + 1)
        result += within(48, 57) & (c + 4 + 1)
        result += within(43, 43) & (62 + 1)
        result += within(47, 47) & (63 + 1)
        return result
    }
}
