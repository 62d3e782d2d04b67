import Foundation
import OpenSSL

/// A private key and its certificate, checked before the daemon relies on them.
struct KeyFiles: ~Copyable {
    let key: PrivateKey
    let certificate: Certificate
    /// The certificate file as it is: the certificate first, then its issuers.
    let chain: [UInt8]

    /// What a pair is for, and how errors call it.
    enum Purpose {
        case tls, timeLock, timestamp

        var name: String {
            switch self {
            case .tls: "TLS"
            case .timeLock: "time-lock"
            case .timestamp: "timestamp"
            }
        }

        var usage: CertificateUsage {
            switch self {
            case .tls: .server
            case .timeLock: .sealing
            case .timestamp: .timestamping
            }
        }
    }

    /// - Parameter now: seconds since 1970.
    /// - Throws: where the key can be read by others, or the certificate does not match, is out of its time, or lacks its
    ///   usage: which file, and what to do. A time-lock certificate may be out of its time: see ``HostKeyRing``.
    init(_ pair: Configuration.KeyPair, for purpose: Purpose, now: Int64) throws(DaemonError) {
        let what = "the \(purpose.name) certificate"
        let chain = try FileState.read(pair.certificate, what: what, max: DefaultLimits.keyFileBytes)
        let certificate: Certificate
        do { certificate = try Certificate(pem: chain) } catch {
            throw DaemonError("\(what) \(pair.certificate) is not a certificate in PEM")
        }
        let key = try KeyFiles.key(pair.key, named: "the \(purpose.name) key", credential: pair.credential)
        if !certificate.matches(key), KeyWriting.finish(pair, key: key) {
            self = try KeyFiles(pair, for: purpose, now: now)
            return
        }
        try KeyFiles.check(
            certificate, named: "\(what) \(pair.certificate)", usage: purpose.usage, now: purpose == .timeLock ? nil : now)
        if purpose != .tls, certificate.keyKind != .p256 {
            throw DaemonError("\(what) \(pair.certificate) holds a key of kind \(certificate.keyKind); P-256 is needed")
        }
        guard certificate.matches(key) else {
            throw DaemonError(
                "\(what) \(pair.certificate) does not belong to the key \(pair.key.name)",
                hint: "give the certificate that was made for this key, or the key of this certificate")
        }
        self.key = key
        self.certificate = certificate
        self.chain = chain
    }

    /// Gives the key away.
    consuming func intoKey() -> PrivateKey { key }

    /// A certificate to which the platform's half is sealed, whose key is not here.
    ///
    /// - Parameter now: nil where it may be out of its time.
    static func sealingCertificate(_ bytes: [UInt8], named what: String, now: Int64?) throws(DaemonError) -> Certificate {
        let certificate: Certificate
        do { certificate = try Certificate(pem: bytes) } catch {
            throw DaemonError("\(what) is not a certificate in PEM")
        }
        guard certificate.keyKind == .p256 else {
            throw DaemonError("\(what) holds a key of kind \(certificate.keyKind); P-256 is needed")
        }
        try check(certificate, named: what, usage: .sealing, now: now)
        return certificate
    }

    /// A certificate's time, strength and usage.
    ///
    /// - Parameter now: nil where it may be out of its time.
    static func check(
        _ certificate: Certificate, named name: String, usage: CertificateUsage, now: Int64?
    ) throws(DaemonError) {
        if let now {
            guard certificate.notBefore <= now else {
                throw DaemonError("\(name) is not valid yet", hint: "is this machine's clock right?")
            }
            guard now <= certificate.notAfter else {
                throw DaemonError(
                    "\(name) has expired", hint: "\(renewal(usage)); is this machine's clock right?")
            }
        }
        if case .rsa(let bits) = certificate.keyKind, bits < 3072 {
            throw DaemonError("\(name) holds an RSA key of \(bits) bits, which is weak: 3072 or more, or P-256", hint: "make a new key")
        }
        guard !certificate.isWeaklySigned else {
            throw DaemonError("\(name) is signed with SHA-1 or MD5, which is weak", hint: "have it made again, with SHA-256")
        }
        guard certificate.allows(usage) else {
            let needed =
                switch usage {
                case .server: "digitalSignature and serverAuth"
                case .sealing: "keyAgreement"
                case .member: "digitalSignature and keyAgreement or keyEncipherment"
                case .signing: "digitalSignature"
                case .authority: "keyCertSign, of a certificate authority"
                case .timestamping: "digitalSignature, and timeStamping as its one extended usage, critical"
                }
            throw DaemonError("\(name) lacks the key usage it needs: \(needed)", hint: "have it made again with that usage")
        }
    }

    private static func renewal(_ usage: CertificateUsage) -> String {
        switch usage {
        case .server: "sceaud key add tls makes a new one, also while the daemon is down"
        case .timestamping: "sceaud key add timestamp makes a new one, also while the daemon is down"
        default: "renew it, for the same key or with a new one"
        }
    }

    /// A private key that only the daemon's user can read.
    ///
    /// - Parameter credential: whose passphrase opens it, where it is encrypted.
    static func key(_ source: KeySource, named what: String, credential: String? = nil) throws(DaemonError) -> PrivateKey {
        let uri: String
        switch source {
        case .file(let path):
            let state = try FileState(path, what: what)
            guard state.isRegular, state.length <= Int64(DefaultLimits.keyFileBytes) else {
                throw DaemonError("\(what) \(path) is not an ordinary file")
            }
            guard state.mode & 0o077 == 0 else {
                throw DaemonError(
                    "\(what) \(path) can be read by others (mode \(String(state.mode, radix: 8)))",
                    hint: "chmod 600 \(path), and make a new key if somebody may have read it")
            }
            guard state.owner == geteuid() || state.owner == 0 else {
                throw DaemonError(
                    "\(what) \(path) belongs to another user (\(state.owner))", hint: "chown \(geteuid()) \(path)")
            }
            uri = path
        case .uri(let text):
            uri = text
        }
        // Not encrypted, it needs no credential; a token's PIN is in its URI.
        if let key = try? PrivateKey.load(uri: uri, passphrase: nil) { return key }
        guard let credential else {
            throw DaemonError(
                "\(what) \(source.name) cannot be loaded",
                hint: "it must be a private key; for an encrypted one `keys.credential` names the passphrase's credential")
        }
        do {
            return try PrivateKey.load(uri: uri, passphrase: Credential.passphrase(credential))
        } catch let error as DaemonError {
            throw DaemonError("\(what) \(source.name) is encrypted: \(error.message)", hint: error.hint)
        } catch {
            throw DaemonError(
                "\(what) \(source.name) cannot be loaded: wrong passphrase in the credential \(credential), or no private key",
                hint: "the credential's first line is the passphrase of every encrypted key file")
        }
    }
}
