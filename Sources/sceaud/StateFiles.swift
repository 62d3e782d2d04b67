import Foundation
import Linux
import Procurement

/// What a restore needs besides register and envelopes: the configuration, the certificates and the logs' public keys. Never a private key.
struct StateFiles {
    let configuration: Configuration
    /// The configuration's file.
    let file: String

    /// Into the folder of a mirror's state; what is there is replaced, stays where it is the same, and goes where it is no more.
    func write(to state: DurableFolder) throws {
        let text = try FileState.read(file, what: "the configuration", max: JSON5.longest)
        // As in a backup: the PIN of a token is kept with the keys.
        if !String(decoding: text, as: UTF8.self).lowercased().contains("pin-value") {
            try put(DataFolder.configuration, text, in: state)
        }
        let keys = try FileCopy.folder(DataFolder.keys, in: state)
        // As the file says now: SIGHUP may have brought other keys.
        let files = try Self.keys(of: (try? Configuration.read(file)) ?? configuration)
        for (name, bytes) in files { try put(name, bytes, in: keys) }
        let names = Set(files.map(\.name))
        for name in try keys.list(max: 1000) where Self.isPublic(name) && !names.contains(name) { try keys.unlink(name) }
        try keys.sync()
    }

    private func put(_ name: String, _ bytes: [UInt8], in folder: DurableFolder) throws(LinuxError) {
        if let there = try? folder.readAll(name, max: max(bytes.count, 1)), there == bytes { return }
        try folder.replace(name, with: bytes)
    }

    /// The certificates, and the logs' public keys where they lie beside their key files, by the names that a data folder's `keys/` has.
    static func keys(of configuration: Configuration) throws -> [(name: String, bytes: [UInt8])] {
        let certificates = try configuration.certificates.map { name, path in
            let bytes = try FileState.read(path, what: "the certificate", max: DefaultLimits.keyFileBytes)
            return (name: "\(name).crt", bytes: Backup.certificatesAlone(bytes))
        }
        let logs = try Procurement.Log.allCases.compactMap { log in
            guard let path = configuration.logs.file(of: log) else { return (name: String, bytes: [UInt8])?.none }
            let name = LogKeyFiles.publicFile(log)
            let published = URL(fileURLWithPath: path).deletingLastPathComponent().appending(path: name).path
            guard FileManager.default.fileExists(atPath: published) else { return nil }
            return (name, try FileState.read(published, what: "the log's public key", max: DefaultLimits.keyFileBytes))
        }
        return certificates + logs
    }

    /// Of a state's `keys/`.
    static func isPublic(_ name: String) -> Bool { name.hasSuffix(".crt") || name.hasSuffix(".vkey") }
}
