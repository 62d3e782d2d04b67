import OpenSSL
import Sealing

/// A private key and its certificate, as a file gave them.
struct KeyFile: ~Copyable {
    private static let largest = 256 * 1024

    let key: PrivateKey
    let certificate: Certificate

    /// - Parameters:
    ///   - option: names the file: PEM with certificate and PKCS#8 key, or PKCS#12.
    ///   - passphraseOption: names the file with its passphrase; without it the terminal is asked, where one is needed.
    static func load(
        _ invocation: Invocation, _ option: String, _ passphraseOption: String
    ) throws(CommandError) -> KeyFile {
        let path = try invocation.required(option)
        let file = try InputFile(path)
        let bytes = try file.readSecret(max: largest)
        // DER begins so; PEM is text.
        let isPKCS12 = bytes.withBytes { $0.count > 0 && $0[0] == 0x30 }
        let isEncrypted = isPKCS12 || bytes.contains("ENCRYPTED")
        if file.isOpenToOthers, !isEncrypted {
            invocation.terminal.warn("other users of this machine can read your unencrypted key: chmod 600 '\(path)'")
        }
        guard isEncrypted else { return try open(bytes, isPKCS12: false, passphrase: nil, path) }
        if let passphrasePath = invocation.value(passphraseOption) {
            return try open(bytes, isPKCS12: isPKCS12, typed: passphrase(in: passphrasePath), path)
        }
        for _ in 0..<2 {
            let typed = try Prompt.passphrase("Passphrase of \(path):")
            do { return try open(bytes, isPKCS12: isPKCS12, typed: typed, path) } catch {
                invocation.terminal.note("that is not its passphrase; once more")
            }
        }
        return try open(bytes, isPKCS12: isPKCS12, typed: Prompt.passphrase("Passphrase of \(path):"), path)
    }

    /// The same of a PEM in memory.
    static func open(pem: [UInt8], passphraseFile: String, _ path: String) throws(CommandError) -> KeyFile {
        try open(Secret(copying: pem.span), isPKCS12: false, typed: passphrase(in: passphraseFile), path)
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

    /// Six words of the tool's own making may come in capitals, or with spaces between them.
    private static func open(
        _ bytes: borrowing Secret, isPKCS12: Bool, typed: borrowing Secret, _ path: String
    ) throws(CommandError) -> KeyFile {
        do { return try open(bytes, isPKCS12: isPKCS12, passphrase: typed.copy(), path) } catch {
            guard let words = Passphrase.normalised(typed), !words.equals(typed) else { throw error }
            return try open(bytes, isPKCS12: isPKCS12, passphrase: words, path)
        }
    }

    private static func open(
        _ bytes: borrowing Secret, isPKCS12: Bool, passphrase: consuming Secret?, _ path: String
    ) throws(CommandError) -> KeyFile {
        do {
            if isPKCS12 {
                guard let passphrase = passphrase.take() else {
                    throw CommandError("a PKCS#12 file needs its passphrase")
                }
                // Encrypted: no secret.
                let file = bytes.withBytes { bytes in bytes.indices.map { bytes[$0] } }
                let store = try PKCS12(file, passphrase: passphrase)
                return try KeyFile(key: PrivateKey(pkcs8: store.key.pkcs8()), certificate: store.certificate, path)
            }
            let key = try PrivateKey(pem: bytes, passphrase: passphrase)
            return try KeyFile(key: key, certificate: Certificate(pem: bytes), path)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(
                "'\(path)' does not open: \(error)",
                hint: "it must hold a certificate and its private key, and the passphrase must be that file's")
        }
    }

    private init(key: consuming PrivateKey, certificate: Certificate, _ path: String) throws(CommandError) {
        guard certificate.matches(key) else {
            throw .refused(
                "the certificate in '\(path)' is not that of the key beside it",
                hint: "it holds the certificate of another key; the right one comes first, and is the one that was given to the buyer")
        }
        self.key = key
        self.certificate = certificate
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
