import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records

/// `sceaud key rotate`: a new key for a log. The log's last leaf under the old key names the new one; the old private key is
/// gone at the end.
///
/// The new key is written beside the old one first, the register changes in one transaction, and the file moves into place
/// last: whatever cuts this short, the key that the register names is there, and a second run ends what the first began.
struct KeyRotation {
    let configuration: Configuration
    let log: Procurement.Log

    init(_ arguments: Arguments) throws(DaemonError) {
        guard let log = Procurement.Log(rawValue: arguments.required("log")) else {
            throw .usage("'\(arguments.required("log"))' is not a log", hint: "logs are real, training")
        }
        self.log = log
        configuration = try Configuration.read(arguments.required("config"))
    }

    /// - Returns: the new verifier key.
    func run() throws -> VerifierKey {
        let data = try DataFolder(configuration.data)
        guard let lock = try data.locked() else {
            throw DaemonError("a sceaud runs on \(data.path)", hint: "stop it first: the key is read at its start only")
        }
        guard case .file(let path) = log == .real ? configuration.logs.real : configuration.logs.training else {
            throw DaemonError(
                "the key of the log \(log.rawValue) is not in a file", hint: "its token makes the new key, which this command cannot")
        }
        let file = URL(fileURLWithPath: path)
        let folder = try DurableFolder(path: file.deletingLastPathComponent().path)
        let verifier = try rotate(data, folder, name: file.lastPathComponent, path: path)
        _ = consume lock
        return verifier
    }

    private func rotate(_ data: DataFolder, _ folder: DurableFolder, name: String, path: String) throws -> VerifierKey {
        let next = name + ".new"
        if try folder.exists(next) {
            let made = try LogKeyFiles.load(configuration, log, from: path + ".new")
            let named = try Register.currentKey(of: log, data: data.path)
            if try made.publicKey(log) == named.publicKey { return try finish(named, folder, name: name) }
            try folder.unlink(next)
        }
        _ = try LogKeyFiles.make(in: folder, as: next, credential: configuration.credential)
        try folder.sync()
        let verifier: VerifierKey
        do {
            verifier = try Register.rotateKey(
                of: log, data: data.path, highWater: configuration.highWater,
                to: LogKeyFiles.load(configuration, log, from: path + ".new"),
                Surroundings(clock: .system, keys: LogKeyFiles.load(configuration)))
        } catch let error as RegisterError {
            throw DaemonError("the register of \(data.path) cannot be used: \(error)", hint: "`sceaud check` says what else does not hold")
        }
        return try finish(verifier, folder, name: name)
    }

    private func finish(_ verifier: VerifierKey, _ folder: DurableFolder, name: String) throws -> VerifierKey {
        try folder.rename(name + ".new", to: name)
        try LogKeyFiles.publish(verifier, log, in: folder)
        try folder.sync()
        return verifier
    }
}

extension Register {
    /// The key that the register names as the one of a log's current generation.
    static func currentKey(of log: Procurement.Log, data: String) throws -> VerifierKey {
        var key: VerifierKey?
        try inspect(data: data) { read in try read { key = try $0.verifierKeys(log).last } }
        guard let key else { throw RegisterError.head(log) }
        return key
    }
}
