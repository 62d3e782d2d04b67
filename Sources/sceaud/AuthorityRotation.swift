import Canonical
import Foundation
import Linux
import OpenSSL

/// A new authority for the embedded timestamps, and the key that it issues a certificate to: four files that change as one.
///
/// All four lie beside the old ones first, durably, and the authority's certificate last: from then on ``finish(_:)`` moves whatever is left of
/// them, also at the next start. Cut short before, the old four are in use.
enum AuthorityRotation {
    /// The authority's key lies beside its certificate, until somebody moves it away.
    static func pair(_ configured: Configuration.Timestamp) -> Configuration.KeyPair {
        let path = URL(fileURLWithPath: configured.authority).deletingPathExtension().path + ".key"
        return Configuration.KeyPair(key: .file(path), certificate: configured.authority, credential: configured.pair.credential)
    }

    /// Makes both and puts them in place. The certificate before is kept, for the tokens under it hold as they did.
    ///
    /// - Parameters:
    ///   - name, instance: of the vault.
    ///   - former: nil where there is none that reads.
    static func renew(_ configuration: Configuration, named name: String, instance: Identifier, keeping former: Certificate?, now: Int64) throws {
        let authority = try KeyMaking.authority(name, instance: instance, now: now)
        let timestamp = try KeyMaking.timestamp(name, issuer: authority.certificate, signedWith: authority.key, now: now)
        if let former { try AddedKeys(configuration).keep(authority: former) }
        try replace(configuration.timestamp, authority: authority, timestamp: timestamp)
    }

    static func replace(
        _ configured: Configuration.Timestamp, authority: borrowing KeyMaking.Pair, timestamp: borrowing KeyMaking.Pair
    ) throws {
        let (authorityKey, authorityCertificate) = try KeyWriting.places(of: pair(configured))
        let (key, certificate) = try KeyWriting.places(of: configured.pair)
        // What an earlier act left goes, that which decides first.
        for place in [authorityCertificate, authorityKey, key, certificate] {
            try place.folder.unlinkIfThere(place.name + KeyWriting.next)
            try place.folder.sync()
        }
        let credential = configured.pair.credential
        try KeyWriting.write(authority.key, as: authorityKey.name + KeyWriting.next, in: authorityKey.folder, credential: credential)
        try KeyWriting.write(timestamp.key, as: key.name + KeyWriting.next, in: key.folder, credential: credential)
        try KeyWriting.write(timestamp.certificate, as: certificate.name + KeyWriting.next, in: certificate.folder)
        for place in [authorityKey, key, certificate] { try place.folder.sync() }
        try KeyWriting.write(authority.certificate, as: authorityCertificate.name + KeyWriting.next, in: authorityCertificate.folder)
        try authorityCertificate.folder.sync()
        try finish(configured)
    }

    /// Ends a rotation that was decided: each file that still waits moves into place, the one that decided last.
    static func finish(_ configured: Configuration.Timestamp) throws {
        guard isDecided(configured) else { return }
        let (authorityKey, authorityCertificate) = try KeyWriting.places(of: pair(configured))
        let (key, certificate) = try KeyWriting.places(of: configured.pair)
        for place in [key, certificate, authorityKey, authorityCertificate] {
            if try place.folder.exists(place.name + KeyWriting.next) {
                try place.folder.rename(place.name + KeyWriting.next, to: place.name)
            }
            try place.folder.sync()
        }
    }

    /// Whether the new authority's certificate waits, whole: then the other three waited before it.
    private static func isDecided(_ configured: Configuration.Timestamp) -> Bool {
        guard let bytes = try? FileState.read(
            configured.authority + KeyWriting.next, what: "the authority", max: DefaultLimits.keyFileBytes)
        else { return false }
        return (try? Certificate(pem: bytes)) != nil
    }
}
