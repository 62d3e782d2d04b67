import Testing

@testable import OpenSSL

/// Vectors made by others.
@Suite struct PrimitiveTests {
    static func hex(_ text: String) -> [UInt8] {
        let digits = Array(text.utf8).map { UInt8(strtoul($0)) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
    private static func strtoul(_ digit: UInt8) -> UInt8 { digit < 0x40 ? digit - 0x30 : digit - 0x57 }

    /// FIPS 180-4 examples.
    @Test func sha256() throws {
        let expected = Self.hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let digest = SHA256.hash(Array("abc".utf8))
        #expect(digest.indices.map { digest[$0] } == expected)
        var running = try SHA256()
        for byte in "abc".utf8 {
            let one = [byte]
            running.update(one.span)
        }
        let sum = running.finish()
        #expect(sum.indices.map { sum[$0] } == expected)
    }

    /// RFC 4231, test case 2.
    @Test func hmac() throws {
        let sum = try HMAC.sha256(key: Secret(copying: Array("Jefe".utf8)), Array("what do ya want for nothing?".utf8))
        #expect(
            try isTrue { sum.copied == Self.hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843") })
    }

    /// RFC 5869, test case 1.
    @Test func hkdf() throws {
        let key = try HKDF.sha256(
            Secret(copying: [UInt8](repeating: 0x0b, count: 22)), salt: Array(0...12), info: Array(0xf0...0xf9),
            count: 42)
        #expect(
            try isTrue {
                key.copied
                    == Self.hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
            })
    }

    /// GCM specification (McGrew and Viega), test case 14.
    @Test func aesGCM() throws {
        let key = Secret(count: 32) { _ in }
        let zero = [UInt8](repeating: 0, count: 16)
        let nonce = [UInt8](repeating: 0, count: 12)
        let sealed = try AEAD.seal(zero.span, key: key, nonce: nonce, associated: [])
        #expect(sealed == Self.hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"))
        #expect(try isTrue { try AEAD.open(sealed, key: key, nonce: nonce, associated: []).copied == zero })
        #expect(throws: OpenSSLError.self) { _ = try AEAD.open(sealed, key: key, nonce: nonce, associated: [1]) }
        #expect(throws: OpenSSLError.self) {
            _ = try AEAD.open(Array(sealed.dropLast()), key: key, nonce: nonce, associated: [])
        }
        #expect(throws: OpenSSLError.self) {
            _ = try AEAD.open(Array(sealed.prefix(15)), key: key, nonce: nonce, associated: [])
        }
    }

    @Test func secrets() throws {
        let a = Secret(copying: [1, 2, 3])
        #expect(try isTrue { a.equals(Secret(copying: [1, 2, 3])) })
        #expect(try isTrue { !a.equals(Secret(copying: [1, 2, 4])) })
        #expect(try isTrue { !a.equals(Secret(copying: [1, 2])) })
        #expect(try isTrue { a.xor(Secret(copying: [3, 2, 1])).copied == [2, 0, 2] })
        #expect(try isTrue { a.copy().copied == [1, 2, 3] })
        #expect(try isTrue { !(try Secret.random(32).equals(try Secret.random(32))) })
        #expect(Secret(copying: []).count == 0)
    }

    @Test func errorsAreDrainedWhereTheyHappen() throws {
        let error = #expect(throws: OpenSSLError.self) { _ = try Certificate(der: [0x30, 0x03, 0x02, 0x01, 0x00]) }
        #expect(error?.reasons.isEmpty == false)
        #expect(OpenSSLError.drain("look").reasons.isEmpty)
    }
}
