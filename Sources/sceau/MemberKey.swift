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
        var bytes = try file.readAll(max: largest)
        defer { for index in bytes.indices { bytes[index] = 0 } }
        // DER begins so; PEM is text.
        let isPKCS12 = bytes.first == 0x30
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
        var bytes = try InputFile.read(path, max: 4096)
        defer { for index in bytes.indices { bytes[index] = 0 } }
        var count = bytes.count
        while count > 0, bytes[count - 1] == 0x0A || bytes[count - 1] == 0x0D { count -= 1 }
        guard count > 0 else { throw CommandError("'\(path)' holds no passphrase") }
        return Secret(copying: bytes.span.extracting(0..<count))
    }

    private static func open(
        _ bytes: [UInt8], isPKCS12: Bool, passphrase: consuming Secret?, _ path: String
    ) throws(CommandError) -> Member {
        do {
            if isPKCS12 {
                guard let passphrase = passphrase.take() else {
                    throw CommandError("a PKCS#12 file needs its passphrase")
                }
                let store = try PKCS12(bytes, passphrase: passphrase)
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

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        let pattern = Array(text.utf8)
        return indices.dropLast(Swift.max(0, pattern.count - 1)).contains { self[$0...].starts(with: pattern) }
    }
}
