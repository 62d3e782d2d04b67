import Foundation
import OpenSSL

/// The certificate of the holder's offline key, to which a second copy of the platform's half is sealed.
enum RecoveryCertificate {
    /// - Parameter now: seconds since 1970; nil where it may be out of its time, for what was sealed to it long ago.
    static func read(_ path: String, now: Int64?) throws(DaemonError) -> Certificate {
        let bytes = try FileState.read(path, what: "the recovery certificate", max: DefaultLimits.keyFileBytes)
        return try check(bytes, named: "the recovery certificate \(path)", now: now)
    }

    /// The same of a file's bytes.
    static func check(_ bytes: [UInt8], named what: String, now: Int64?) throws(DaemonError) -> Certificate {
        // With the key on the host, the host's thief needs no safe.
        guard !String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY") else {
            throw DaemonError(
                "\(what) holds a private key: the recovery key must never be on this host",
                hint: "bring the certificate alone, and destroy this copy of the key")
        }
        return try KeyFiles.sealingCertificate(bytes, named: what, now: now)
    }
}
