import Testing

@testable import OpenSSL

@Suite struct SegmentTests {
    static let text = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    static func seal(_ plaintext: [UInt8], to certificate: Certificate) throws -> (header: [UInt8], ciphertext: [UInt8])
    {
        var sealer = try SegmentSealer(to: certificate)
        var ciphertext: [UInt8] = []
        for start in stride(from: 0, to: plaintext.count, by: 16_384) {
            ciphertext += try sealer.update(plaintext[start..<min(start + 16_384, plaintext.count)].span)
        }
        return (try sealer.finish(), ciphertext)
    }

    @Test(arguments: [Holder.alice, Holder.rsa]) func stockOpenSSLOpensASegment(_ holder: Holder) throws {
        let stock = try Stock()
        let (header, ciphertext) = try Self.seal(Self.text, to: holder.certificate)
        #expect(ciphertext.count == Self.text.count)
        try stock.write("header", header)
        try stock.write("ciphertext", ciphertext)
        try stock.write("cert", Array(holder.certificate.pem.utf8))
        try stock.write("key", holder.key.pem().copied)
        let status = try stock.openssl(
            "cms", "-decrypt", "-inform", "DER", "-in", "header", "-content", "ciphertext", "-recip", "cert", "-inkey",
            "key",
            "-out", "opened")
        #expect(status == 0)
        #expect(try stock.read("opened") == Self.text)
    }

    @Test(arguments: [Holder.alice, Holder.rsa]) func weOpenOurSegments(_ holder: Holder) throws {
        for plaintext in [Self.text, [7], []] {
            let (header, ciphertext) = try Self.seal(plaintext, to: holder.certificate)
            #expect(header.count == (try SegmentOpener.headerCount(for: holder.certificate)))
            var content = ciphertext
            try SegmentOpener.open(header: header, content: &content, certificate: holder.certificate, key: holder.key)
            #expect(content == plaintext)
        }
    }

    @Test func nothingAlteredIsSeen() throws {
        let holder = Holder.alice
        let (header, ciphertext) = try Self.seal(Self.text, to: holder.certificate)
        func open(_ header: [UInt8], _ ciphertext: [UInt8], _ holder: Holder = .alice) throws -> [UInt8] {
            var content = ciphertext
            defer { if content != Self.text { #expect(content.isEmpty) } }
            try SegmentOpener.open(header: header, content: &content, certificate: holder.certificate, key: holder.key)
            return content
        }
        #expect(try open(header, ciphertext) == Self.text)
        var flipped = ciphertext
        flipped[50_000] ^= 1
        #expect(throws: CMSError.unopened) { try open(header, flipped) }
        #expect(throws: CMSError.unopened) { try open(header, Array(ciphertext.dropLast())) }
        #expect(throws: CMSError.unopened) { try open(header, ciphertext + [0]) }
        var tag = header
        tag[tag.count - 1] ^= 1
        #expect(throws: CMSError.unopened) { try open(tag, ciphertext) }
        #expect(throws: CMSError.self) { try open(header, ciphertext, .bob) }
    }
}
