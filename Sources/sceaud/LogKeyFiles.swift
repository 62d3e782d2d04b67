import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records

/// The keys with which the logs' heads are signed, in the keys folder: `log-real.key`, `log-training.key`, and beside each
/// its public key in the text that verifiers read (`.vkey`).
enum LogKeyFiles {
    static func file(_ log: Procurement.Log) -> String { "log-\(log.rawValue).key" }

    static func publicFile(_ log: Procurement.Log) -> String { "log-\(log.rawValue).vkey" }

    static func load(_ configuration: Configuration) throws(DaemonError) -> LogKeys { try load(configuration) { _, path in path } }

    /// The keys as they are, but that of one log from another file.
    static func load(_ configuration: Configuration, _ log: Procurement.Log, from path: String) throws(DaemonError) -> LogKeys {
        try load(configuration) { $0 == log ? path : $1 }
    }

    /// - Parameter place: for a log and the file of its key, where to read it.
    static func load(
        _ configuration: Configuration, from place: (Procurement.Log, String) -> String
    ) throws(DaemonError) -> LogKeys {
        func moved(_ source: KeySource, _ log: Procurement.Log) -> KeySource {
            if case .file(let path) = source { .file(place(log, path)) } else { source }
        }
        return LogKeys(
            real: try load(moved(configuration.logs.real, .real), .real, configuration.credential),
            training: try load(moved(configuration.logs.training, .training), .training, configuration.credential))
    }

    private static func load(_ source: KeySource, _ log: Procurement.Log, _ credential: String?) throws(DaemonError) -> PrivateKey {
        let name = "the key of the log \(log.rawValue)"
        let key = try KeyFiles.key(source, named: name, credential: credential)
        guard key.kind == .ed25519 else {
            throw DaemonError("\(name) \(source.name) is of kind \(key.kind); Ed25519 is needed")
        }
        return key
    }

    /// Makes a key and writes it, under the credential's passphrase where the configuration has one. It has its name once it is whole: half a
    /// key there would stop each start.
    static func make(in folder: DurableFolder, as name: String, credential: String? = nil) throws -> PrivateKey {
        let key = try PrivateKey.generateEd25519()
        let part = ".\(name).part"
        try folder.unlinkIfThere(part)
        try KeyWriting.write(key, as: part, in: folder, credential: credential)
        try folder.rename(part, to: name)
        return key
    }

    /// Where the public texts do not say which keys the register names (an act was cut short, or `init --continue` began a generation), they do from now on.
    static func publishCurrent(_ configuration: Configuration) throws {
        for log in Procurement.Log.allCases {
            guard let path = configuration.logs.file(of: log) else { continue }
            let folder = try DurableFolder(path: URL(fileURLWithPath: path).deletingLastPathComponent().path)
            let current = try Register.currentKey(of: log, data: configuration.data)
            let there = try? folder.readAll(publicFile(log), max: DefaultLimits.keyFileBytes)
            if there != Array("\(current)\n".utf8) { try publish(current, log, in: folder) }
        }
    }

    /// Writes the public text of a key, in the place of an older one.
    static func publish(_ verifier: VerifierKey, _ log: Procurement.Log, in folder: DurableFolder) throws {
        try folder.replace(publicFile(log), with: Array("\(verifier)\n".utf8))
    }
}
