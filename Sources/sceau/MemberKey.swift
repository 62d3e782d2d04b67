import OpenSSL
import Sealing

extension Option {
    static let memberKey: [Option] = [
        .required("key", "FILE", "your key: PEM with certificate and key, or PKCS#12"),
        .optional("passphrase-file", "FILE", "its passphrase; without it the terminal is asked"),
    ]
}

/// A member's key file: PEM with certificate and PKCS#8 key, or PKCS#12.
enum MemberKey {
    private static let largest = 256 * 1024

    static func load(_ invocation: Invocation) throws(CommandError) -> Member {
        let path = try invocation.required("key")
        let file = try InputFile(path)
        let bytes = try file.readSecret(max: largest)
        // DER begins so; PEM is text.
        let isPKCS12 = bytes.withBytes { $0.count > 0 && $0[0] == 0x30 }
        let isEncrypted = isPKCS12 || bytes.contains("ENCRYPTED")
        if file.isOpenToOthers, !isEncrypted {
            invocation.terminal.warn("other users of this machine can read your unencrypted key: chmod 600 '\(path)'")
        }
        guard isEncrypted else { return try open(bytes, isPKCS12: false, passphrase: nil, path) }
        if let passphrasePath = invocation.value("passphrase-file") {
            return try open(bytes, isPKCS12: isPKCS12, passphrase: passphrase(in: passphrasePath), path)
        }
        for _ in 0..<2 {
            let typed = try Prompt.passphrase("Passphrase of \(path):")
            do { return try open(bytes, isPKCS12: isPKCS12, passphrase: typed, path) } catch {
                invocation.terminal.note("that is not its passphrase; once more")
            }
        }
        return try open(bytes, isPKCS12: isPKCS12, passphrase: Prompt.passphrase("Passphrase of \(path):"), path)
    }

    /// The file's bytes without the line end that an editor adds.
    private static func passphrase(in path: String) throws(CommandError) -> Secret {
        let file = try InputFile(path).readSecret(max: 4096)
        let line = file.withBytes { bytes in
            var count = bytes.count
            while count > 0, bytes[count - 1] == 0x0A || bytes[count - 1] == 0x0D { count -= 1 }
            return Secret(copying: bytes.extracting(0..<count))
        }
        guard line.count > 0 else { throw CommandError("'\(path)' holds no passphrase") }
        return line
    }

    private static func open(
        _ bytes: borrowing Secret, isPKCS12: Bool, passphrase: consuming Secret?, _ path: String
    ) throws(CommandError) -> Member {
        do {
            if isPKCS12 {
                guard let passphrase = passphrase.take() else {
                    throw CommandError("a PKCS#12 file needs its passphrase")
                }
                // Encrypted: no secret.
                let file = bytes.withBytes { bytes in bytes.indices.map { bytes[$0] } }
                let store = try PKCS12(file, passphrase: passphrase)
                return try Member(key: PrivateKey(pkcs8: store.key.pkcs8()), certificate: store.certificate)
            }
            let key = try PrivateKey(pem: bytes, passphrase: passphrase)
            return try Member(key: key, certificate: Certificate(pem: bytes))
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(
                "'\(path)' does not open: \(error)",
                hint: "it must hold a certificate and its private key, and the passphrase must be that file's")
        }
    }
}

extension Secret {
    /// Of a file's own words, such as a PEM's.
    fileprivate borrowing func contains(_ text: StaticString) -> Bool {
        let pattern = Array("\(text)".utf8)
        return withBytes { bytes in
            guard bytes.count >= pattern.count else { return false }
            return (0...(bytes.count - pattern.count)).contains { start in
                pattern.indices.allSatisfy { bytes[start + $0] == pattern[$0] }
            }
        }
    }
}
