import Foundation
import Linux
import OpenSSL

/// Puts keys and certificates into files: new ones, or both files of a pair in the place of older ones.
enum KeyWriting {
    /// PKCS#8 in PEM, under the credential's passphrase where the configuration has one; mode 0600, and nothing of that name before.
    static func write(_ key: borrowing PrivateKey, as name: String, in folder: DurableFolder, credential: String?) throws {
        var file = try folder.create(name)
        if let credential {
            try file.write(all: key.encryptedPEM(passphrase: Credential.passphrase(credential)))
        } else {
            try key.pem().withBytes { (bytes) throws(LinuxError) in try file.write(all: bytes) }
        }
        try file.sync()
    }

    static func write(_ certificate: Certificate, as name: String, in folder: DurableFolder) throws {
        var file = try folder.create(name)
        try file.write(all: Array(certificate.pem.utf8))
        try file.sync()
    }

    /// The same, whole or not at all, also in the place of what an act that was cut short has left.
    static func replace(_ certificate: Certificate, as name: String, in folder: DurableFolder) throws {
        try folder.replace(name, with: Array(certificate.pem.utf8))
    }

    /// The file of a key that is retired; its certificate, which the configuration names, stays.
    static func remove(_ path: String) throws {
        let place = try Place(path)
        try place.folder.unlinkIfThere(place.name)
        try place.folder.sync()
    }

    static let next = ".new"

    /// Replaces a key and its certificate. Both lie beside the old ones first; the key moves into place, then the certificate. Cut short
    /// between the two, ``finish(_:)`` ends it; cut short before, the old pair is whole.
    static func replace(_ pair: Configuration.KeyPair, with new: borrowing KeyMaking.Pair) throws {
        let (key, certificate) = try places(of: pair)
        for place in [key, certificate] { try place.folder.unlinkIfThere(place.name + next) }
        try write(new.key, as: key.name + next, in: key.folder, credential: pair.credential)
        try write(new.certificate, as: certificate.name + next, in: certificate.folder)
        try key.folder.sync()
        try certificate.folder.sync()
        try key.folder.rename(key.name + next, to: key.name)
        try key.folder.sync()
        try certificate.folder.rename(certificate.name + next, to: certificate.name)
        try certificate.folder.sync()
    }

    /// Ends what a crash left between the two moves: the key is new, its certificate still waits beside the old one.
    ///
    /// - Returns: whether there was anything to end.
    static func finish(_ pair: Configuration.KeyPair, key: borrowing PrivateKey) -> Bool {
        guard let (_, certificate) = try? places(of: pair),
            let bytes = try? certificate.folder.readAll(certificate.name + next, max: DefaultLimits.keyFileBytes),
            let waiting = try? Certificate(pem: bytes), waiting.matches(key)
        else { return false }
        do {
            try certificate.folder.rename(certificate.name + next, to: certificate.name)
            try certificate.folder.sync()
            return true
        } catch { return false }
    }

    struct Place {
        let folder: DurableFolder
        let name: String

        init(_ path: String) throws {
            let url = URL(fileURLWithPath: path)
            folder = try DurableFolder(path: url.deletingLastPathComponent().path)
            name = url.lastPathComponent
        }
    }

    static func places(of pair: Configuration.KeyPair) throws -> (key: Place, certificate: Place) {
        guard case .file(let path) = pair.key else {
            throw DaemonError("the key \(pair.key.name) is not in a file", hint: "its token makes the next one; then name it in the configuration")
        }
        for path in [path, pair.certificate] {
            // Whatever renews it by swapping links goes on doing so.
            guard (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil else {
                throw DaemonError("\(path) is a link", hint: "whatever made it renews it; then send SIGHUP")
            }
        }
        guard path != pair.certificate else {
            throw DaemonError("\(path) holds key and certificate in one", hint: "replace the file, then send SIGHUP")
        }
        return (try Place(path), try Place(pair.certificate))
    }
}
