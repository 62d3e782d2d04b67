public import OpenSSL

/// Passphrases that the tool makes, never a person: 96 random bits as six proquints (arXiv:0901.4016), five letters each that
/// can be read aloud and typed, joined by hyphens.
public enum Passphrase {
    /// 35 bytes of ASCII, as `lusab-babad-gutih-tugad-mupok-vopod`.
    public static func generate() throws(SealingError) -> Secret {
        let random = try naming(.cryptography, "a passphrase") { try Secret.random(12) }
        return random.withBytes { encode($0) }
    }

    /// What somebody typed, as it was generated: small letters, words joined by hyphens, whatever stood between them. Nil where it is not
    /// six words of five letters.
    public static func normalised(_ typed: borrowing Secret) -> Secret? {
        typed.withBytes { bytes -> Secret? in
            var letters = 0
            let text = Secret(count: 35) { text in
                for index in bytes.indices {
                    let byte = bytes[index] | 0x20
                    guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) else { continue }
                    if letters < 30 {
                        text[letters + letters / 5] = byte
                        if letters % 5 == 4, letters < 29 { text[letters + letters / 5 + 1] = UInt8(ascii: "-") }
                    }
                    letters += 1
                }
            }
            guard letters == 30 else { return nil }
            return .some(text)
        }
    }

    static func encode(_ bytes: Span<UInt8>) -> Secret {
        let words = bytes.count / 2
        return Secret(count: words * 6 - 1) { text in
            for index in 0..<words {
                let value = UInt16(bytes[2 * index]) << 8 | UInt16(bytes[2 * index + 1])
                text[6 * index] = consonant(value >> 12)
                text[6 * index + 1] = vowel(value >> 10)
                text[6 * index + 2] = consonant(value >> 6)
                text[6 * index + 3] = vowel(value >> 4)
                text[6 * index + 4] = consonant(value)
                if index + 1 < words { text[6 * index + 5] = UInt8(ascii: "-") }
            }
        }
    }

    private static func consonant(_ value: UInt16) -> UInt8 { pick(Array("bdfghjklmnprstvz".utf8), value & 15) }
    private static func vowel(_ value: UInt16) -> UInt8 { pick(Array("aiou".utf8), value & 3) }

    /// Reads every letter, whichever is wanted: no secret index reaches memory.
    private static func pick(_ letters: [UInt8], _ wanted: UInt16) -> UInt8 {
        letters.indices.reduce(0) {
            $0 | letters[$1] & (0 &- UInt8(truncatingIfNeeded: ((UInt16($1) ^ wanted) &- 1) >> 15))
        }
    }
}
