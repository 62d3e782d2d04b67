import Testing

@testable import OpenSSL

@Suite struct CertificateTests {
    @Test func whatIsMadeSaysWhatWasAsked() throws {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: "Préfecture", alternativeNames: ["sceau.example", "127.0.0.1", "::1"], usage: .server,
            notBefore: 1_700_000_000,
            notAfter: 253_402_300_799)
        #expect(certificate.commonName == "Préfecture")
        #expect(certificate.notBefore == 1_700_000_000)
        #expect(certificate.notAfter == 253_402_300_799)
        #expect(certificate.isValid(atSecond: 1_700_000_000))
        #expect(!certificate.isValid(atSecond: 1_699_999_999))
        #expect(certificate.keyKind == .p256)
        #expect(certificate.isSelfSigned)
        #expect(try isTrue { certificate.matches(key) })
        #expect(try isTrue { !certificate.matches(Holder.alice.key) })
        #expect(try isTrue { try certificate.publicKey() == key.publicKey() })
        #expect(try Certificate(der: certificate.der) == certificate)
        #expect(try Certificate(pem: Array(certificate.pem.utf8)) == certificate)
        let stock = try Stock()
        try stock.write("cert", Array(certificate.pem.utf8))
        #expect(
            try stock.openssl(
                "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "sceau.example", "-CAfile",
                "cert", "cert") == 0)
        #expect(try stock.openssl("verify", "-verify_ip", "::1", "-CAfile", "cert", "cert") == 0)
        #expect(try stock.openssl("verify", "-verify_hostname", "other.example", "-CAfile", "cert", "cert") != 0)
    }

    @Test func namesAreBounded() throws {
        let key = try PrivateKey.generateP256()
        func make(_ name: String, _ names: [String] = []) throws {
            _ = try Certificate.selfSigned(
                key, commonName: name, alternativeNames: names, usage: .member, notBefore: 0, notAfter: 1)
        }
        try make(String(repeating: "a", count: 64))
        #expect(throws: OpenSSLError.self) { try make(String(repeating: "a", count: 65)) }
        #expect(throws: OpenSSLError.self) { try make("a", ["a b"]) }
        #expect(throws: OpenSSLError.self) { try make("a", [""]) }
    }

    @Test func onlyPlainDERIsRead() throws {
        let der = Holder.alice.certificate.der
        #expect(throws: OpenSSLError.self) { _ = try Certificate(der: der + [0]) }
        #expect(throws: OpenSSLError.self) { _ = try Certificate(der: Array(der.dropLast())) }
        #expect(throws: OpenSSLError.self) { _ = try Certificate(der: []) }
        // The same certificate with its outer length written in one byte too many.
        var long = der
        #expect(long[1] == 0x82)
        long.replaceSubrange(1..<2, with: [0x83, 0])
        #expect(throws: OpenSSLError.self) { _ = try Certificate(der: long) }
        #expect(throws: OpenSSLError.self) { _ = try Certificate(der: [UInt8](repeating: 0x30, count: 20_000)) }
    }
}

@Suite struct SignatureTests {
    @Test(arguments: [Holder.alice, Holder.rsa]) func holds(_ holder: Holder) throws {
        let message = Array("the object".utf8)
        let signature = try Signature.sign(message, with: holder.key)
        #expect(Signature.isValid(signature, of: message, by: holder.certificate))
        #expect(!Signature.isValid(signature, of: message + [0], by: holder.certificate))
        #expect(!Signature.isValid(signature, of: message, by: Holder.bob.certificate))
        #expect(!Signature.isValid(signature + [0], of: message, by: holder.certificate))
        #expect(!Signature.isValid([], of: message, by: holder.certificate))
        let stock = try Stock()
        try stock.write("cert", Array(holder.certificate.pem.utf8))
        try stock.write("message", message)
        try stock.write("signature", signature)
        #expect(try stock.openssl("x509", "-in", "cert", "-pubkey", "-noout", "-out", "public") == 0)
        let padding =
            holder.key.kind == .p256 ? [] : ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
        #expect(
            try stock.openssl(
                ["dgst", "-sha256", "-verify", "public"] + padding + ["-signature", "signature", "message"]) == 0)
    }

    @Test func shortSaltsAndShortKeysAreRefused() throws {
        let message = Array("the object".utf8)
        let stock = try Stock()
        try stock.write("key", try Holder.rsa.key.pem().copied)
        try stock.write("message", message)
        for (salt, holds) in [("32", true), ("20", false), ("0", false)] {
            #expect(
                try stock.openssl([
                    "dgst", "-sha256", "-sign", "key", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                    "rsa_pss_saltlen:\(salt)", "-out", "signature", "message",
                ]) == 0)
            #expect(Signature.isValid(try stock.read("signature"), of: message, by: Holder.rsa.certificate) == holds)
        }
        #expect(try stock.openssl("dgst", "-sha256", "-sign", "key", "-out", "signature", "message") == 0)
        #expect(!Signature.isValid(try stock.read("signature"), of: message, by: Holder.rsa.certificate), "PKCS#1 v1.5")
        let weak = Holder(try PrivateKey.generateRSA(bits: 2048), "weak")
        #expect(!Signature.isValid(try Signature.sign(message, with: weak.key), of: message, by: weak.certificate))
    }
}
