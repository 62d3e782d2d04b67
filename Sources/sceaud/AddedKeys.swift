import Canonical
import Foundation
import Linux
import OpenSSL
import Procurement
import Records
import Sealing

/// The keys that came after those that the configuration names: in one folder, `timelock-<first 16 digits of the certificate's SHA-256>.key`
/// (or, where a token has the key, `.uri` with its URI) and `.crt`, `recovery-<the same>.crt`; and `tsa-ca-<the same>.crt`, the timestamp authorities before the present one. The folder is `keys.added`, or where the time-lock certificate lies.
struct AddedKeys {
    private static let timeLock = "timelock-"
    private static let recovery = "recovery-"
    private static let authority = "tsa-ca-"
    /// More than one rotation a month for twenty years.
    private static let most = 256

    let path: String

    init(_ configuration: Configuration) { path = configuration.addedKeys }

    private static func name(_ prefix: String, _ certificate: Certificate) -> String { prefix + Digest(certificate).hex.prefix(16) }

    private static func isName(_ name: String, _ prefix: String) -> Bool {
        let digits = name.dropFirst(prefix.count).utf8
        return name.hasPrefix(prefix) && digits.count == 16
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Names without their ending; none where there is no folder.
    private func names(_ prefix: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return files.filter { file in
            file.hasSuffix(".crt") && Self.isName(String(file.dropLast(4)), prefix)
        }.sorted().prefix(Self.most).map { String($0.dropLast(4)) }
    }

    func timeLocks(credential: String?) -> [Configuration.KeyPair] {
        names(Self.timeLock).map { name in
            Configuration.KeyPair(key: source(name), certificate: "\(path)/\(name).crt", credential: credential)
        }
    }

    /// The key's own file, or what the one that names another place says: it may hold a PIN, and is as private.
    private func source(_ name: String) -> KeySource {
        let place = "\(path)/\(name).uri"
        guard let state = try? FileState(place, what: "a key's URI") else { return .file("\(path)/\(name).key") }
        guard state.mode & 0o077 == 0, let bytes = try? FileState.read(place, what: "a key's URI", max: Self.longestURI + 1),
            let uri = String(validating: bytes, as: UTF8.self)
        else {
            // Looked at as a key, it is refused by name.
            return .file(place)
        }
        return KeySource(uri.trimmingCharacters(in: .newlines), relativeTo: path)
    }

    private static let longestURI = 4096

    /// The file that says where the key of a pair is; nil for one that the configuration names.
    func place(of pair: Configuration.KeyPair) -> String? {
        guard pair.certificate.hasPrefix("\(path)/\(Self.timeLock)") else { return nil }
        return String(pair.certificate.dropLast(4)) + ".uri"
    }

    /// Notes where a time-lock key is, and then its certificate.
    ///
    /// - Parameter logged: what the log knows of keys.
    func add(timeLock certificate: Certificate, at uri: String, logged: [LoggedHostKey]) throws {
        guard (1...Self.longestURI).contains(uri.utf8.count), uri.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw DaemonError("the key's URI is empty, too long, or not plain ASCII")
        }
        let folder = try DurableFolder(path: path)
        try removeUnfinished(folder, logged)
        let name = Self.name(Self.timeLock, certificate)
        try folder.replace(name + ".uri", with: Array((uri + "\n").utf8))
        try KeyWriting.replace(certificate, as: name + ".crt", in: folder)
    }

    func recoveries() -> [String] { names(Self.recovery).map { "\(path)/\($0).crt" } }

    /// Certificates of former timestamp authorities: what is left of them.
    func authorities() -> [String] { names(Self.authority).map { "\(path)/\($0).crt" } }

    /// By name, for a backup.
    var certificates: [(name: String, path: String)] {
        (names(Self.timeLock) + names(Self.recovery) + names(Self.authority)).map { (name: $0, path: "\(path)/\($0).crt") }
    }

    /// Writes a time-lock key; its certificate last and whole, for a key without one is not looked at, and half a one stops the start.
    ///
    /// - Parameter logged: what the log knows of keys.
    func add(timeLock pair: borrowing KeyMaking.Pair, credential: String?, logged: [LoggedHostKey]) throws {
        let folder = try DurableFolder(path: path)
        try removeUnfinished(folder, logged)
        let name = Self.name(Self.timeLock, pair.certificate)
        try KeyWriting.write(pair.key, as: name + ".key", in: folder, credential: credential)
        try folder.sync()
        try KeyWriting.replace(pair.certificate, as: name + ".crt", in: folder)
    }

    func add(recovery certificate: Certificate) throws {
        let folder = try DurableFolder(path: path)
        try KeyWriting.replace(certificate, as: Self.name(Self.recovery, certificate) + ".crt", in: folder)
    }

    /// Keys of additions that were cut short before their certificate was there: nothing was ever sealed to them.
    /// One that the log knows has lost its certificate some other way, and stays.
    private func removeUnfinished(_ folder: DurableFolder, _ logged: [LoggedHostKey]) throws {
        for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where file.hasPrefix(Self.timeLock) && (file.hasSuffix(".key") || file.hasSuffix(".uri")) {
            let name = String(file.dropLast(4))
            let isKnown = logged.contains { $0.kind == .timeLock && Self.timeLock + $0.certificate.hex.prefix(16) == name }
            if Self.isName(name, Self.timeLock), !isKnown, try !folder.exists(name + ".crt") { try folder.unlinkIfThere(file) }
        }
    }

    /// Keeps the certificate of a timestamp authority that is to be replaced: the tokens under it are verified with it.
    func keep(authority certificate: Certificate) throws {
        try KeyWriting.replace(certificate, as: Self.name(Self.authority, certificate) + ".crt", in: DurableFolder(path: path))
    }

    /// Takes back what an act that failed has written.
    func remove(_ kind: HostKeyKind, _ certificate: Certificate) throws {
        let folder = try DurableFolder(path: path)
        let name = Self.name(kind == .timeLock ? Self.timeLock : Self.recovery, certificate)
        for end in [".key", ".uri", ".crt"] { try folder.unlinkIfThere(name + end) }
        try folder.sync()
    }
}
