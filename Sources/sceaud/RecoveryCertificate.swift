import Foundation
import OpenSSL

/// The certificate of the holder's offline key, to which a second copy of the platform's half is sealed.
enum RecoveryCertificate {
    /// - Parameter now: seconds since 1970.
    static func read(_ path: String, now: Int64) throws(DaemonError) -> Certificate {
        let what = "the recovery certificate"
        let bytes = try FileState.read(path, what: what, max: DefaultLimits.keyFileBytes)
        // With the key on the host, the host's thief needs no safe.
        guard !String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY") else {
            throw DaemonError(
                "\(path) holds a private key: the recovery key must never be on this host",
                hint: "bring the certificate alone, and destroy this copy of the key")
        }
        let certificate: Certificate
        do { certificate = try Certificate(pem: bytes) } catch {
            throw DaemonError("\(what) \(path) is not a certificate in PEM")
        }
        guard certificate.keyKind == .p256 else {
            throw DaemonError("\(what) \(path) holds a key of kind \(certificate.keyKind); P-256 is needed")
        }
        try KeyFiles.check(certificate, named: "\(what) \(path)", usage: .sealing, now: now)
        return certificate
    }
}
