import Testing

@testable import OpenSSL

/// Everything that OpenSSL's CMS reader would take and we must not.
@Suite struct ShapeTests {
    static let secret: [UInt8] = Array(0..<32)

    static func isRefused(_ sealed: [UInt8], length: Int? = 32, for holder: Holder = .alice) -> Bool {
        do {
            try SealedObject.check(sealed, length: length, for: holder.certificate)
            return false
        } catch .shape {
            // Nor opened by whoever forgets to check first.
            let opened = try? SealedObject.open(
                sealed, length: length, certificate: holder.certificate, key: holder.key)
            return opened == nil
        } catch { return false }
    }

    /// One change to a good object.
    static func altered(_ change: (inout DERTree) -> Void) throws -> [UInt8] {
        var tree = DERTree(try SealedObject.seal(secret.span, to: Holder.alice.certificate))
        change(&tree)
        return tree.encoded
    }

    @Test func whatWeSealHasTheShapeAndOpens() throws {
        for holder in [Holder.alice, .rsa] {
            for count in [0, 1, 32, 127, 128, 255, 256, 5000, 70_000] {
                let content = [UInt8](repeating: 7, count: count)
                let sealed = try SealedObject.seal(content.span, to: holder.certificate)
                try SealedObject.check(sealed, length: count, for: holder.certificate)
                try SealedObject.check(sealed, length: nil, for: holder.certificate)
                #expect(try SealedObject.openBytes(sealed, certificate: holder.certificate, key: holder.key) == content)
            }
        }
        #expect(!Self.isRefused(try Self.altered { _ in }))
    }

    @Test func aSecondLengthIsRefused() throws {
        let sealed = try SealedObject.seal(Self.secret.span, to: Holder.alice.certificate)
        #expect(Self.isRefused(sealed, length: 31))
        #expect(Self.isRefused(sealed, length: 33))
    }

    @Test func aShortTagIsRefusedThoughOpenSSLOpensIt() throws {
        let sealed = try Self.altered { $0.message.children[3].bytes.removeLast(15) }
        #expect(Self.isRefused(sealed))
        #expect(try opensWithStock(sealed))
    }

    @Test func bytesBehindTheEndAreRefusedThoughOpenSSLOpensThem() throws {
        let sealed = try Self.altered { _ in } + [0x30, 0x00]
        #expect(Self.isRefused(sealed))
        #expect(try opensWithStock(sealed))
    }

    @Test func changesToTheStructureAreRefused() throws {
        let changes: [(String, (inout DERTree) -> Void)] = [
            ("nonce of 11 bytes", { $0.message.children[2].children[1].children[1].children[0].bytes.removeLast() }),
            ("nonce of 13 bytes", { $0.message.children[2].children[1].children[1].children[0].bytes.append(0) }),
            ("ICV length 12", { $0.message.children[2].children[1].children[1].children[1].bytes = [12] }),
            ("ICV length absent", { $0.message.children[2].children[1].children[1].children.removeLast() }),
            ("tag of 17 bytes", { $0.message.children[3].bytes.append(0) }),
            ("authenticated attributes", { $0.message.children.insert(.node(0xa1, []), at: 3) }),
            ("unauthenticated attributes", { $0.message.children.append(.node(0xa2, [])) }),
            ("originator information", { $0.message.children.insert(.node(0xa0, []), at: 1) }),
            ("version 2", { $0.message.children[0].bytes = [2] }),
            ("recipient twice", { $0.message.children[1].children.append($0.message.children[1].children[0]) }),
            ("no recipient", { $0.message.children[1].children.removeAll() }),
            (
                "a further recipient key",
                {
                    let keys = $0.message.children[1].children[0].children[3]
                    $0.message.children[1].children[0].children[3].children.append(keys.children[0])
                }
            ),
            (
                "user keying material",
                { $0.message.children[1].children[0].children.insert(.node(0xa1, [.leaf(0x04, [1])]), at: 2) }
            ),
            (
                "compressed point",
                { tree in
                    var point = tree.message.children[1].children[0].children[1].children[0].children[1]
                    point.bytes = [0, 2] + point.bytes[2..<34]
                    tree.message.children[1].children[0].children[1].children[0].children[1] = point
                }
            ),
            (
                "wrapped key of 48 bytes",
                {
                    $0.message.children[1].children[0].children[3].children[0].children[1].bytes += [UInt8](
                        repeating: 0, count: 8)
                }
            ),
            ("content type", { $0.message.children[2].children[0].bytes[8] ^= 1 }),
            ("another cipher", { $0.message.children[2].children[1].children[0].bytes[8] = 0x2a }),
            (
                "constructed ciphertext",
                { tree in
                    let ciphertext = tree.message.children[2].children[2].bytes
                    tree.message.children[2].children[2] = .node(0xa0, [.leaf(0x04, ciphertext)])
                }
            ),
            ("detached", { $0.message.children[2].children.removeLast() }),
        ]
        for (name, change) in changes {
            #expect(Self.isRefused(try Self.altered(change)), "\(name)")
            #expect(Self.isRefused(try Self.altered(change), length: nil), "\(name), unknown length")
        }
    }

    @Test func aLengthWrittenLongIsRefused() throws {
        var sealed = try SealedObject.seal(Self.secret.span, to: Holder.alice.certificate)
        // 30 82 01 43 … → 30 83 00 01 43 …
        #expect(sealed[1] == 0x82)
        sealed.replaceSubrange(1..<2, with: [0x83, 0])
        #expect(Self.isRefused(sealed))
        #expect(Self.isRefused(sealed, length: nil))
    }

    @Test func everyByteButTheHolesIsFixed() throws {
        let sealed = try SealedObject.seal(Self.secret.span, to: Holder.alice.certificate)
        var free = 0
        for index in sealed.indices {
            var flipped = sealed
            flipped[index] ^= 0x01
            if !Self.isRefused(flipped) {
                free += 1
                // What has the shape still does not open.
                #expect(throws: CMSError.self) {
                    _ = try SealedObject.open(
                        flipped, length: 32, certificate: Holder.alice.certificate, key: Holder.alice.key)
                }
            }
        }
        #expect(free == 64 + 40 + 12 + 32 + 16)
    }

    @Test func anotherRecipientIsRefused() throws {
        let toBob = try SealedObject.seal(Self.secret.span, to: Holder.bob.certificate)
        let toRosa = try SealedObject.seal(Self.secret.span, to: Holder.rsa.certificate)
        #expect(Self.isRefused(toBob))
        #expect(Self.isRefused(toRosa))
        #expect(Self.isRefused(toBob, for: .rsa))
        // A certificate of the same name and serial is the same recipient to a shape; the key is what tells them apart.
        #expect(throws: CMSError.unopened) {
            _ = try SealedObject.open(toBob, length: 32, certificate: Holder.bob.certificate, key: Holder.alice.key)
        }
    }

    /// What stock `openssl` makes: only the one way that has the shape is taken.
    @Test func stockMessages() throws {
        let stock = try Stock()
        try stock.write("secret", Self.secret)
        for (name, holder) in [("alice", Holder.alice), ("bob", .bob), ("rosa", .rsa)] {
            try stock.write(name, Array(holder.certificate.pem.utf8))
        }
        func seal(_ arguments: String...) throws -> [UInt8] {
            let all = ["cms", "-encrypt", "-binary", "-in", "secret", "-outform", "DER", "-out", "sealed"] + arguments
            #expect(try stock.openssl(all) == 0)
            return try stock.read("sealed")
        }
        let kdf = ["-keyopt", "ecdh_kdf_md:sha256"]
        #expect(!Self.isRefused(try seal("-aes-256-gcm", "-recip", "alice", kdf[0], kdf[1])))
        #expect(Self.isRefused(try seal("-aes-256-gcm", "-recip", "alice")), "KDF SHA-1")
        #expect(Self.isRefused(try seal("-aes-128-gcm", "-recip", "alice", kdf[0], kdf[1])), "AES-128")
        #expect(Self.isRefused(try seal("-aes-256-cbc", "-recip", "alice", kdf[0], kdf[1])), "CBC")
        #expect(Self.isRefused(try seal("-aes-256-gcm", "-keyid", "-recip", "alice", kdf[0], kdf[1])), "key identifier")
        #expect(
            Self.isRefused(try seal("-aes-256-gcm", "-recip", "alice", kdf[0], kdf[1], "-recip", "bob")),
            "second recipient")
        let indefinite = try seal("-aes-256-gcm", "-stream", "-recip", "alice", kdf[0], kdf[1])
        #expect(indefinite[1] == 0x80)
        #expect(Self.isRefused(indefinite), "indefinite length")
        #expect(Self.isRefused(indefinite, length: nil), "indefinite length")
        #expect(try opensWithStock(indefinite))
        let oaep = [
            "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256",
        ]
        #expect(
            !Self.isRefused(
                try seal("-aes-256-gcm", "-recip", "rosa", oaep[0], oaep[1], oaep[2], oaep[3], oaep[4], oaep[5]),
                for: .rsa))
        #expect(
            Self.isRefused(try seal("-aes-256-gcm", "-recip", "rosa", oaep[0], oaep[1]), for: .rsa), "OAEP with SHA-1")
        #expect(Self.isRefused(try seal("-aes-256-gcm", "-recip", "rosa"), for: .rsa), "PKCS#1 v1.5")
    }

    @Test func underAKey() throws {
        let key = Secret(copying: Self.secret.span)
        let content = Secret(copying: [9, 8, 7])
        let sealed = try SealedObject.seal(content, under: key)
        try SealedObject.checkUnderKey(sealed, length: 3)
        #expect(try isTrue { try SealedObject.open(sealed, length: nil, under: key).equals(content) })
        #expect(throws: CMSError.unopened) {
            _ = try SealedObject.open(sealed, length: 3, under: Secret(copying: Array(1..<33)))
        }
        #expect(throws: CMSError.self) { try SealedObject.checkUnderKey(sealed + [0], length: nil) }
        var tree = DERTree(sealed)
        tree.message.children[1].children[0].children[1].children[0].bytes = Array("sceau/part-key/2".utf8)
        #expect(throws: CMSError.self) { try SealedObject.checkUnderKey(tree.encoded, length: nil) }
        #expect(throws: CMSError.self) {
            try SealedObject.checkUnderKey(SealedObject.seal(content, to: Holder.alice.certificate), length: nil)
        }
        // As the recovery script opens it.
        let stock = try Stock()
        try stock.write("sealed", sealed)
        let hex = Self.secret.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let status = try stock.openssl([
            "cms", "-decrypt", "-inform", "DER", "-in", "sealed", "-secretkey", hex, "-secretkeyid",
            "73636561752f706172742d6b65792f31", "-out", "opened",
        ])
        #expect(status == 0)
        #expect(try stock.read("opened") == [9, 8, 7])
    }

    /// Whether stock `openssl` opens it with Alice's key: that what we refuse is a danger.
    private func opensWithStock(_ sealed: [UInt8]) throws -> Bool {
        let stock = try Stock()
        try stock.write("sealed", sealed)
        try stock.write("cert", Array(Holder.alice.certificate.pem.utf8))
        try stock.write("key", Holder.alice.key.pem().copied)
        return try stock.openssl(
            "cms", "-decrypt", "-inform", "DER", "-in", "sealed", "-recip", "cert", "-inkey", "key", "-out", "opened")
            == 0
    }
}
