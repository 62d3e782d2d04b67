import Foundation
import Rehearsal
import Testing

@Suite struct KeysTests {
    /// What a private key starts with: any PEM armour of one, or the DER of PKCS#8 (plain, encrypted), SEC 1 or PKCS#12.
    static func looksLikeAPrivateKey(_ bytes: Data) -> Bool {
        // The armour with a line of a key below it: the words alone may stand in a test.
        let armour = #"-----BEGIN [A-Z ]*PRIVATE KEY-----(\s|\\n)*([A-Za-z-]+: .*(\s|\\n)*)*[A-Za-z0-9+/]{40}"#
        if String(decoding: bytes, as: UTF8.self).range(of: armour, options: .regularExpression) != nil { return true }
        guard bytes.count > 16, bytes.first == 0x30, let inside = content(of: bytes) else { return false }
        let plain = inside.starts(with: [0x02, 0x01, 0x00, 0x30])  // PKCS#8: version 0, algorithm
        let old = inside.starts(with: [0x02, 0x01, 0x00, 0x02, 0x82])  // PKCS#1: version 0, modulus
        let curve = inside.starts(with: [0x02, 0x01, 0x01, 0x04, 0x20])  // SEC 1: version 1, 32 bytes
        let store = inside.starts(with: [0x02, 0x01, 0x03, 0x30])  // PKCS#12: version 3
        let encrypted = content(of: Data(inside))?.starts(
            with: [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D]) ?? false  // PBES2
        return plain || old || curve || store || encrypted
    }

    /// The content of the DER element that `bytes` start with.
    private static func content(of bytes: Data) -> Data? {
        let bytes = [UInt8](bytes)
        guard bytes.count > 2, bytes[0] == 0x30 else { return nil }
        let more = bytes[1] < 0x80 ? 0 : Int(bytes[1] & 0x7F)
        guard more <= 4, bytes.count > 2 + more else { return nil }
        return Data(bytes[(2 + more)...])
    }

    @Test func noPrivateKeyIsTracked() throws {
        for file in try Checkout.files() {
            let bytes = try Data(contentsOf: URL(filePath: Checkout.path(file)))
            #expect(!Self.looksLikeAPrivateKey(bytes), "\(file)")
        }
    }

    @Test func aPrivateKeyWouldBeSeen() throws {
        let folder = try TemporaryFolder()
        func made(_ arguments: String...) throws -> Data {
            let path = folder.path("key")
            try Shell.check("openssl", arguments + ["-out", path])
            return try Data(contentsOf: URL(filePath: path))
        }
        let pem = folder.path("pem")
        try Shell.check("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", pem])
        #expect(try Self.looksLikeAPrivateKey(Data(contentsOf: URL(filePath: pem))))
        #expect(try Self.looksLikeAPrivateKey(made("pkcs8", "-topk8", "-in", pem, "-nocrypt", "-outform", "DER")))
        #expect(try Self.looksLikeAPrivateKey(
            made("pkcs8", "-topk8", "-in", pem, "-passout", "pass:x", "-outform", "DER")))
        #expect(try Self.looksLikeAPrivateKey(made("ec", "-in", pem, "-outform", "DER")))
        #expect(try Self.looksLikeAPrivateKey(made("pkcs12", "-export", "-nocerts", "-inkey", pem, "-passout", "pass:x")))
        #expect(try !Self.looksLikeAPrivateKey(made("pkey", "-in", pem, "-pubout", "-outform", "DER")))
        #expect(try !Self.looksLikeAPrivateKey(made("req", "-x509", "-new", "-key", pem, "-subj", "/CN=x", "-outform", "DER")))
    }

    @Test(arguments: ["member.pem", "member.crt", "member.passphrase", "timelock.key", "card.p12", "a/b.pem"])
    func keysAreIgnoredByGit(name: String) throws {
        #expect(try Shell.run("git", ["-C", Checkout.path(""), "check-ignore", "-q", "Keys/\(name)"]).status == 0)
    }

    @Test(arguments: ["README.md", "member-p256.cnf", "recovery.cnf"])
    func profilesAreNot(name: String) throws {
        #expect(try Shell.run("git", ["-C", Checkout.path(""), "check-ignore", "-q", "Keys/\(name)"]).status == 1)
    }

    /// The commands of Keys/README.md, run as they stand there.
    @Test func theCommandsMakeWhatThePageSays() throws {
        let page = try String(contentsOfFile: Checkout.path("Keys/README.md"), encoding: .utf8)
        let commands = page.matches(of: #/```sh\n(.*?)```/#.dotMatchesNewlines()).map { String($0.1) }
        #expect(commands.count == 4)
        let folder = try TemporaryFolder()
        let told = try Shell.check(
            "sh", ["-euc", commands.joined()], environment: ["KEYS": Checkout.path("Keys")], folder: folder.url)
        #expect(told.text.contains("CN = Alice Martin"))

        let wanted = [
            ("member", "Digital Signature, Key Agreement", "256 bit"),
            ("member-rsa", "Digital Signature, Key Encipherment", "3072 bit"), ("recovery", "Key Agreement", "256 bit"),
        ]
        for (name, usage, size) in wanted {
            let text = try Shell.check("openssl", ["x509", "-in", folder.path("\(name).crt"), "-noout", "-text"]).text
            #expect(text.contains("X509v3 Key Usage: critical\n                \(usage)\n"), "\(name)")
            #expect(text.contains("Public-Key: (\(size))"), "\(name)")
            #expect(text.contains("CA:FALSE"), "\(name)")

            let key = folder.path("\(name).pem")
            let shape = try Shell.check("openssl", ["asn1parse", "-in", key]).text
            #expect(shape.contains(":PBKDF2") && shape.contains(":hmacWithSHA256") && shape.contains(":aes-256-cbc"))
            #expect(shape.contains("INTEGER           :0F4240"), "\(name): 1,000,000 iterations")
            let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
            #expect(try Shell.run("openssl", ["pkey", "-in", key, "-passin", "pass:wrong", "-noout"]).status != 0)
            #expect(
                try Shell.check("openssl", ["pkey", "-in", key, "-passin", "file:" + folder.path("\(name).passphrase"), "-pubout"]).text
                    == Shell.check("openssl", ["x509", "-in", folder.path("\(name).crt"), "-noout", "-pubkey"]).text)
        }
    }
}
