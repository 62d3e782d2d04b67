import Testing

@testable import OpenSSL

@Suite struct KeyTests {
    static let passphrase = Array("lusab-babad-gutih-tugad-mupok-vopod".utf8)

    @Test func encryptedFilesOpenWithTheirPassphraseOnly() throws {
        let passphrase = Secret(copying: Self.passphrase)
        let pem = try Holder.alice.key.encryptedPEM(passphrase: passphrase, iterations: 1000)
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        let key = try PrivateKey(pem: pem, passphrase: passphrase)
        #expect(try isTrue { Holder.alice.certificate.matches(key) })
        #expect(throws: OpenSSLError.self) {
            _ = try PrivateKey(pem: pem, passphrase: Secret(copying: Array("wrong".utf8)))
        }
        // Without one it fails, rather than ask a terminal.
        #expect(throws: OpenSSLError.self) { _ = try PrivateKey(pem: pem, passphrase: nil) }
        #expect(throws: OpenSSLError.self) { _ = try Holder.alice.key.encryptedPEM(passphrase: Secret(copying: [])) }
    }

    @Test func theFileIsWrittenAsTheDesignSays() throws {
        let stock = try Stock()
        try stock.write("key", try Holder.alice.key.encryptedPEM(passphrase: Secret(copying: Self.passphrase)))
        #expect(
            try stock.openssl(
                "pkey", "-in", "key", "-passin", "pass:" + String(decoding: Self.passphrase, as: UTF8.self), "-out",
                "plain") == 0)
        #expect(
            try isTrue { Holder.alice.certificate.matches(try PrivateKey(pem: stock.read("plain"), passphrase: nil)) })
        #expect(try stock.openssl("asn1parse", "-in", "key", "-out", "der", "-noout") == 0)
        let der = try stock.read("der")
        func holds(_ bytes: [UInt8]) -> Bool { der.indices.contains { der[$0...].starts(with: bytes) } }
        #expect(holds([0x02, 0x03, 0x0f, 0x42, 0x40]), "1,000,000 iterations")
        #expect(holds([0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09]), "hmacWithSHA256")
        #expect(holds([0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a]), "aes256-CBC")
    }

    @Test func oneFileHoldsCertificateAndKey() throws {
        let file = Array(Holder.alice.certificate.pem.utf8) + (try Holder.alice.key.pem().copied)
        #expect(try isTrue { Holder.alice.certificate.matches(try PrivateKey(pem: file, passphrase: nil)) })
        #expect(try Certificate(pem: file) == Holder.alice.certificate)
        #expect(throws: OpenSSLError.self) { _ = try PrivateKey(pem: Array("nothing".utf8), passphrase: nil) }
    }

    @Test func storeAndPKCS12() throws {
        let stock = try Stock()
        try stock.write(
            "key", try Holder.alice.key.encryptedPEM(passphrase: Secret(copying: Self.passphrase), iterations: 1000))
        try stock.write("plain", try Holder.alice.key.pem().copied)
        try stock.write("cert", Array(Holder.alice.certificate.pem.utf8))
        let loaded = try PrivateKey.load(uri: "file:" + stock.path("key"), passphrase: Secret(copying: Self.passphrase))
        #expect(try isTrue { Holder.alice.certificate.matches(loaded) })
        #expect(
            try isTrue {
                Holder.alice.certificate.matches(
                    try PrivateKey.load(uri: "file:" + stock.path("plain"), passphrase: nil))
            })
        #expect(throws: OpenSSLError.self) {
            _ = try PrivateKey.load(uri: "file:" + stock.path("cert"), passphrase: nil)
        }
        #expect(throws: OpenSSLError.self) {
            _ = try PrivateKey.load(uri: "file:" + stock.path("key"), passphrase: nil)
        }
        #expect(throws: OpenSSLError.self) {
            _ = try PrivateKey.load(uri: "file:" + stock.path("none"), passphrase: nil)
        }
        #expect(
            try stock.openssl(
                "pkcs12", "-export", "-in", "cert", "-inkey", "plain", "-passout", "pass:secret", "-out", "p12") == 0)
        let file = try PKCS12(stock.read("p12"), passphrase: Secret(copying: Array("secret".utf8)))
        #expect(file.certificate == Holder.alice.certificate)
        #expect(try isTrue { Holder.alice.certificate.matches(file.key) })
        let bytes = try stock.read("p12")
        #expect(throws: OpenSSLError.self) { _ = try PKCS12(bytes, passphrase: Secret(copying: Array("wrong".utf8))) }
    }

    @Test func pkcs8IsWholeOrRefused() throws {
        let encoded = try Holder.alice.key.pkcs8()
        #expect(try isTrue { Holder.alice.certificate.matches(try PrivateKey(pkcs8: encoded)) })
        #expect(throws: OpenSSLError.self) { _ = try PrivateKey(pkcs8: Secret(copying: encoded.copied + [0])) }
        #expect(throws: OpenSSLError.self) {
            _ = try PrivateKey(pkcs8: Secret(copying: Array(encoded.copied.dropLast())))
        }
    }

    @Test func otherCurvesAndShortKeysAreNotAccepted() throws {
        let stock = try Stock()
        for (curve, accepted) in [("P-256", true), ("P-384", false), ("secp256k1", false)] {
            #expect(
                try stock.openssl(
                    "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-out", "key") == 0)
            #expect(try isTrue { try PrivateKey(pem: stock.read("key"), passphrase: nil).kind.isAccepted == accepted })
        }
        #expect(
            try stock.openssl(
                "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
                "ec_param_enc:explicit", "-out", "key") == 0)
        #expect(
            try isTrue { !(try PrivateKey(pem: stock.read("key"), passphrase: nil).kind.isAccepted) },
            "explicit parameters")
        #expect(try isTrue { !(try PrivateKey.generateRSA(bits: 2048).kind.isAccepted) })
        #expect(try isTrue { Holder.rsa.key.kind == .rsa(bits: 3072) })
        let weak = Holder(try PrivateKey.generateRSA(bits: 2048), "weak")
        #expect(throws: OpenSSLError.self) { _ = try SealedObject.seal([1].span, to: weak.certificate) }
    }
}

extension Secret {
    /// For tests.
    var copied: [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
    init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { span in for index in bytes.indices { span[index] = bytes[index] } }
    }
}
