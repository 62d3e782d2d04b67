import Foundation
import Linux
import OpenSSL
import Sealing

/// The recovery key, from a file that its holder brings (on removable storage, or through stdin), read into memory that is wiped and never
/// written anywhere.
struct RecoveryKeyFile {
    /// `-` is stdin.
    let path: String
    /// A file that holds the passphrase, or nil to ask on the terminal.
    let passphraseFile: String?
    /// Name of a systemd credential.
    let credential: String?
    /// PEM; nil where the key's own file has it, or the configuration knows it.
    let certificate: String?

    init(_ arguments: Arguments) throws(DaemonError) {
        path = arguments.required("recovery")
        passphraseFile = arguments.value("passphrase-file")
        credential = arguments.value("passphrase-credential")
        certificate = arguments.value("certificate")
        guard passphraseFile == nil || credential == nil else {
            throw .usage("--passphrase-file and --passphrase-credential exclude each other")
        }
    }

    static let options = [
        Option("recovery", "FILE", .required, "the recovery key (PEM, encrypted), outside the data and keys folders; - is stdin"),
        Option("certificate", "FILE", .optional, "its certificate, where neither that file nor the configuration has it"),
        Option("passphrase-file", "FILE", .optional, "the passphrase is its first line (default: asked for on the terminal)"),
        Option("passphrase-credential", "NAME", .optional, "the passphrase is this systemd credential"),
    ]

    func load(_ configuration: Configuration) throws -> RecoveryKey {
        // Before any of it is in memory. Swap is the administrator's to turn off where memory cannot be locked.
        try ProcessProtection.forbidDumps()
        _ = try? ProcessProtection.lockMemory()
        let what = "the recovery key"
        let pem = try read(what, configuration)
        let key = try decrypt(pem, what)
        let certificate = try matching(pem, key, configuration)
        do { return try RecoveryKey(key: key, certificate: certificate) } catch {
            throw DaemonError("\(what) cannot be used: \(error)")
        }
    }

    private func read(_ what: String, _ configuration: Configuration) throws -> Secret {
        if path == "-" { return try SecretFile.read(0, what: what, max: DefaultLimits.keyFileBytes) }
        let state = try FileState(path, what: what)
        guard state.isRegular, state.length <= Int64(DefaultLimits.keyFileBytes) else {
            throw DaemonError("\(what) is not an ordinary file of at most \(DefaultLimits.keyFileBytes) bytes")
        }
        guard state.mode & 0o077 == 0 else {
            throw DaemonError("\(what) can be read by others (mode \(String(state.mode, radix: 8)))", hint: "chmod 600 \(path)")
        }
        let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        for folder in [configuration.data, configuration.addedKeys] {
            guard !place.hasPrefix(URL(fileURLWithPath: folder).resolvingSymlinksInPath().path + "/") else {
                throw DaemonError(
                    "\(what) lies in \(folder): a copy of it on this host is what it must never have",
                    hint: "destroy that copy; give the key from removable storage, or through stdin")
            }
        }
        return try SecretFile.read(path, what: what, max: DefaultLimits.keyFileBytes)
    }

    private func decrypt(_ pem: borrowing Secret, _ what: String) throws -> PrivateKey {
        if let key = try? PrivateKey(pem: pem, passphrase: nil) { return key }
        guard Self.holds("PRIVATE KEY", pem) else { throw DaemonError("\(what) is not a private key in PEM") }
        let passphrase: Secret
        if let credential {
            passphrase = try Credential.passphrase(credential)
        } else if let passphraseFile {
            let name = "the passphrase of the recovery key"
            let state = try FileState(passphraseFile, what: name)
            guard state.mode & 0o077 == 0 else {
                throw DaemonError("\(name) can be read by others", hint: "chmod 600 \(passphraseFile)")
            }
            passphrase = try SecretFile.read(passphraseFile, what: name, max: 1024).firstLine(name)
        } else {
            passphrase = try Self.ask("Passphrase of the recovery key: ")
        }
        do { return try PrivateKey(pem: pem, passphrase: Optional(passphrase.copy())) } catch {
            throw DaemonError("\(what) does not open: wrong passphrase", hint: "nothing was changed")
        }
    }

    private static func holds(_ text: String, _ pem: borrowing Secret) -> Bool {
        let wanted = Array(text.utf8)
        return pem.withBytes { bytes in
            guard bytes.count >= wanted.count else { return false }
            return (0...(bytes.count - wanted.count)).contains { start in wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] } }
        }
    }

    /// The one that belongs to the key: of its own file, of the option, of the configuration.
    private func matching(_ pem: borrowing Secret, _ key: borrowing PrivateKey, _ configuration: Configuration) throws -> Certificate {
        if let own = try? Certificate(pem: pem), own.matches(key) { return own }
        let known = (certificate.map { [$0] } ?? []) + (configuration.recovery.map { [$0] } ?? []) + AddedKeys(configuration).recoveries()
        for path in known {
            guard let found = try? RecoveryCertificate.read(path, now: nil) else { continue }
            if found.matches(key) { return found }
        }
        throw DaemonError("no certificate of the recovery key is known here", hint: "--certificate FILE gives it")
    }

    /// A line of the terminal, without echo.
    private static func ask(_ prompt: String) throws(DaemonError) -> Secret {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else {
            throw DaemonError(
                "there is no terminal to ask for the passphrase on", hint: "--passphrase-file FILE, or --passphrase-credential NAME")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw DaemonError("the terminal does not answer") }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            _ = write(terminal, "\n", 1)
        }
        _ = prompt.withCString { write(terminal, $0, strlen($0)) }
        var count = 0
        let line: Secret
        do {
            line = try Secret(count: 1024) { (span) throws(LinuxError) in
                count = try SpanReading.fill(&span, from: terminal, isTerminal: true)
            }
        } catch {
            throw DaemonError("the terminal cannot be read: \(error)")
        }
        guard count > 0 else { throw DaemonError("no passphrase was given") }
        return try line.prefix(count).firstLine("the passphrase")
    }
}
