import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records

/// `sceaud key rotate`: a new key for a log. The log's last leaf under the old key names the new one; the old private key is
/// gone at the end. With or without the daemon.
///
/// The new key is written beside the old one first, the register changes in one transaction, and the file moves into place
/// last: whatever cuts this short, the key that the register names is there, and the next start, or a second run, ends what the first began.
struct KeyRotation {
    let configuration: Configuration
    let log: Procurement.Log
    private static let next = ".new"

    init(_ configuration: Configuration, _ log: Procurement.Log) {
        self.configuration = configuration
        self.log = log
    }

    /// - Parameter rotate: changes the register to these keys.
    /// - Returns: the new verifier key.
    func run(_ rotate: (LogKeys) throws -> VerifierKey) throws -> VerifierKey {
        guard let path else {
            throw DaemonError(
                "the key of the log \(log.rawValue) is not in a file", hint: "its token makes the new key, which this command cannot")
        }
        let (folder, name) = try place(path)
        if let ended = try finishCutShort() { return ended }
        try folder.unlinkIfThere(name + Self.next)
        _ = try LogKeyFiles.make(in: folder, as: name + Self.next, credential: configuration.credential)
        try folder.sync()
        return try finish(rotate(LogKeyFiles.load(configuration, log, from: path + Self.next)), folder, name: name)
    }

    /// Ends a rotation that the register has and the file has not.
    ///
    /// - Returns: nil where there is nothing to end.
    @discardableResult
    func finishCutShort() throws -> VerifierKey? {
        guard let path, FileManager.default.fileExists(atPath: path + Self.next) else { return nil }
        let (folder, name) = try place(path)
        let made = try LogKeyFiles.load(configuration, log, from: path + Self.next)
        let named = try Register.currentKey(of: log, data: configuration.data)
        guard try made.publicKey(log) == named.publicKey else { return nil }
        return try finish(named, folder, name: name)
    }

    private var path: String? { configuration.logs.file(of: log) }

    private func place(_ path: String) throws -> (DurableFolder, String) {
        let file = URL(fileURLWithPath: path)
        return (try DurableFolder(path: file.deletingLastPathComponent().path), file.lastPathComponent)
    }

    private func finish(_ verifier: VerifierKey, _ folder: DurableFolder, name: String) throws -> VerifierKey {
        // The public text first: while the new key waits, the next start knows that there is something to end.
        try LogKeyFiles.publish(verifier, log, in: folder)
        try folder.rename(name + Self.next, to: name)
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
