import Testing

@testable import OpenSSL

@Suite struct Ed25519Tests {
    static func bytes(_ hex: String) -> [UInt8] {
        var digits = hex[...]
        var bytes: [UInt8] = []
        while let byte = UInt8(digits.prefix(2), radix: 16) {
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    /// RFC 8032, section 7.1: secret key, public key, message, signature.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func theVectorsOfTheRFC(secret: String, publicKey: String, message: String, signature: String) throws {
        // PKCS#8 of RFC 8410, section 7, around the 32 bytes.
        let key = try PrivateKey(
            pkcs8: Secret(copying: Self.bytes("302e020100300506032b657004220420") + Self.bytes(secret)))
        let (message, signature) = (Self.bytes(message), Self.bytes(signature))
        #expect(try isTrue { try key.ed25519PublicKey() == Self.bytes(publicKey) })
        #expect(try isTrue { try Ed25519.sign(message, with: key) == signature })
        #expect(Ed25519.isValid(signature, of: message, by: Self.bytes(publicKey)))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!Ed25519.isValid(changed, of: message, by: Self.bytes(publicKey)))
        }
        #expect(!Ed25519.isValid(signature, of: message + [0], by: Self.bytes(publicKey)))
        #expect(!Ed25519.isValid(signature + [0], of: message, by: Self.bytes(publicKey)))
        #expect(!Ed25519.isValid(signature, of: message, by: Self.bytes(publicKey) + [0]))
        #expect(!Ed25519.isValid([], of: message, by: Self.bytes(publicKey)))
    }

    @Test func keysTravelAsPEM() throws {
        let key = try PrivateKey.generateEd25519()
        let again = try PrivateKey(pem: try key.pem(), passphrase: nil)
        #expect(try isTrue { try again.ed25519PublicKey() == key.ed25519PublicKey() })
        let stock = try Stock()
        try stock.write("key", try key.pem().copied)
        #expect(try stock.openssl("pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "public") == 0)
        #expect(try isTrue { try Array(stock.read("public").suffix(32)) == key.ed25519PublicKey() })
    }

    /// A log's key is no member's: nothing is sealed to it, and it makes no signature that a member's would be taken for.
    @Test func itIsNoMembersKey() throws {
        let holder = try Stock()
        #expect(
            try holder.openssl(
                "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "key", "-out", "cert", "-subj", "/CN=x", "-days", "9")
                == 0)
        let certificate = try Certificate(pem: holder.read("cert"))
        let key = try PrivateKey(pem: holder.read("key"), passphrase: nil)
        #expect(try isTrue { key.kind == .ed25519 && !key.kind.isAccepted && !certificate.keyKind.isAccepted })
        #expect(throws: OpenSSLError.self) { _ = try Signature.sign([1], with: key) }
        #expect(throws: OpenSSLError.self) { _ = try SealedObject.seal([1].span, to: certificate) }
        let signature = try Ed25519.sign([1], with: key)
        #expect(!Signature.isValid(signature, of: [1], by: certificate))
        #expect(throws: OpenSSLError.self) { _ = try Ed25519.sign([1], with: PrivateKey.generateP256()) }
        #expect(throws: OpenSSLError.self) { _ = try PrivateKey.generateP256().ed25519PublicKey() }
    }
}
