import Linux
import Merkle
import OpenSSL
import Procurement
import Records

/// The keys with which the logs' heads are signed, in the keys folder: `log-real.key`, `log-training.key`, and beside each
/// its public key in the text that verifiers read (`.vkey`).
enum LogKeyFiles {
    static func file(_ log: Procurement.Log) -> String { "log-\(log.rawValue).key" }

    static func load(_ configuration: Configuration) throws(DaemonError) -> LogKeys {
        LogKeys(
            real: try load(configuration.logs.real, .real), training: try load(configuration.logs.training, .training))
    }

    /// The keys as they are, but that of one log from another file.
    static func load(_ configuration: Configuration, _ log: Procurement.Log, from path: String) throws(DaemonError) -> LogKeys {
        LogKeys(
            real: try load(log == .real ? .file(path) : configuration.logs.real, .real),
            training: try load(log == .training ? .file(path) : configuration.logs.training, .training))
    }

    private static func load(_ source: KeySource, _ log: Procurement.Log) throws(DaemonError) -> PrivateKey {
        let name = "the key of the log \(log.rawValue)"
        let key = try KeyFiles.key(source, named: name)
        guard key.kind == .ed25519 else {
            throw DaemonError("\(name) \(source.name) is of kind \(key.kind); Ed25519 is needed")
        }
        return key
    }

    /// Makes a key and writes it.
    static func make(in folder: DurableFolder, as name: String) throws -> PrivateKey {
        let key = try PrivateKey.generateEd25519()
        var file = try folder.create(name)
        try key.pem().withBytes { (bytes) throws(LinuxError) in try file.write(all: bytes) }
        try file.sync()
        return key
    }

    /// Writes the public text of a key, in the place of an older one.
    static func publish(_ verifier: VerifierKey, _ log: Procurement.Log, in folder: DurableFolder) throws {
        try folder.replace("log-\(log.rawValue).vkey", with: Array("\(verifier)\n".utf8))
    }
}
