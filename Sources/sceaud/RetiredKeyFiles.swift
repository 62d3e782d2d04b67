import Canonical
import Foundation
import Linux
import Procurement
import Records
import Sealing

/// Files of keys that the log says are retired. A retirement that was cut short leaves some: its second half is done at the next start, or when
/// it is asked for again, so that no private key outlives the word that it is gone.
struct RetiredKeyFiles {
    let configuration: Configuration
    let logged: [LoggedHostKey]

    init(_ configuration: Configuration, _ logged: [LoggedHostKey]) {
        self.configuration = configuration
        self.logged = logged
    }

    /// Keys first: a certificate without one tells the next start what is still to be done.
    ///
    /// - Returns: the private keys that were removed. The certificates that the configuration names stay.
    @discardableResult
    func remove() throws -> [String] {
        var removed: [String] = []
        let added = AddedKeys(configuration)
        for pair in [configuration.timeLock] + added.timeLocks(credential: nil) where try isRetired(.timeLock, pair.certificate) {
            // What another file or a token holds is its holder's to destroy: here goes the word where it is.
            if let uri = added.place(of: pair), FileManager.default.fileExists(atPath: uri) {
                try KeyWriting.remove(uri)
                removed.append(uri)
            } else if case .file(let path) = pair.key, FileManager.default.fileExists(atPath: path) {
                try KeyWriting.remove(path)
                removed.append(path)
            }
        }
        for pair in added.timeLocks(credential: nil)
        where try isRetired(.timeLock, pair.certificate) && pair.certificate != configuration.timeLock.certificate {
            try KeyWriting.remove(pair.certificate)
        }
        for path in added.recoveries() where try isRetired(.recovery, path) && path != configuration.recovery {
            try KeyWriting.remove(path)
        }
        return removed
    }

    private func isRetired(_ kind: HostKeyKind, _ path: String) throws -> Bool {
        // The configuration may name one that is gone since.
        guard FileManager.default.fileExists(atPath: path) else { return false }
        return logged.isRetired(kind, Digest(try HostKeyRing.certificate(path, kind)))
    }
}
