import Canonical
import Foundation
import Linux
import OpenSSL
import Procurement
import Sealing

/// The keys that came after those that the configuration names: in one folder, `timelock-<first 16 digits of the certificate's SHA-256>.key`
/// and `.crt`, `recovery-<the same>.crt`; and `tsa-ca-<the same>.crt`, the timestamp authorities before the present one. The folder is `keys.added`, or where the time-lock certificate lies.
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
            Configuration.KeyPair(key: .file("\(path)/\(name).key"), certificate: "\(path)/\(name).crt", credential: credential)
        }
    }

    func recoveries() -> [String] { names(Self.recovery).map { "\(path)/\($0).crt" } }

    /// Certificates of former timestamp authorities: what is left of them.
    func authorities() -> [String] { names(Self.authority).map { "\(path)/\($0).crt" } }

    /// By name, for a backup.
    var certificates: [(name: String, path: String)] {
        (names(Self.timeLock) + names(Self.recovery) + names(Self.authority)).map { (name: $0, path: "\(path)/\($0).crt") }
    }

    /// Writes a time-lock key; its certificate last and whole, for a key without one is not looked at, and half a one stops the start.
    func add(timeLock pair: borrowing KeyMaking.Pair, credential: String?) throws {
        let folder = try DurableFolder(path: path)
        try removeUnfinished(folder)
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
    private func removeUnfinished(_ folder: DurableFolder) throws {
        for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where file.hasPrefix(Self.timeLock) && file.hasSuffix(".key") {
            let name = String(file.dropLast(4))
            if Self.isName(name, Self.timeLock), try !folder.exists(name + ".crt") { try folder.unlinkIfThere(file) }
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
        try folder.unlinkIfThere(name + ".key")
        try folder.unlinkIfThere(name + ".crt")
        try folder.sync()
    }
}
