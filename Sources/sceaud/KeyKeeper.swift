import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Reception
import Records
import Sealing
import Synchronization

/// Rotates the host's keys under a vault that runs: files first, then the log, then the vault takes them. One act at a time.
final class KeyKeeper: HostKeyKeeping {
    private let vault: Vault
    private let name: String
    private let configuration: Mutex<Configuration>
    /// Puts the TLS files into use, where there is a server.
    private let server = Mutex<(@Sendable () throws -> Void)?>(nil)
    private let acting = Mutex(())

    /// - Parameter name: of the vault, for certificates.
    init(_ vault: Vault, _ configuration: Configuration, name: String) {
        self.vault = vault
        self.name = name
        self.configuration = Mutex(configuration)
    }

    func serve(_ reload: @escaping @Sendable () throws -> Void) { server.withLock { $0 = reload } }

    private var now: Int64 { WallClock.system.now.second }

    /// Takes the keys as their files are now, and records those of which the log does not know. What is wrong leaves all as it was.
    func reload(_ new: Configuration? = nil) throws {
        try acting.withLock { _ in
            if let new { configuration.withLock { $0 = new } }
            try take()
        }
    }

    private func take() throws {
        let configuration = configuration.withLock { $0 }
        let ring = try HostKeyRing(configuration, logged: vault.loggedHostKeys(), now: now)
        let stamps = try TimestampKeys(configuration.timestamp, now: now)
        try vault.note(ring.keys.reversed())
        vault.use(ring.timeLock, keys: ring.keys)
        vault.stamping.use(stamps.authority, ca: stamps.ca)
        vault.refreshMirror()
    }

    func add(_ kind: HostKeyKind, certificate: String?, key uri: String?, hosts: [String]) throws -> HostKey {
        try acting.withLock { _ in
            let configuration = configuration.withLock { $0 }
            guard uri == nil || kind == .timeLock else {
                throw Refusal(.invalid, "key: of a time-lock key; where the others are the configuration says.")
            }
            guard (certificate != nil) == (kind == .recovery || uri != nil) else {
                throw Refusal(.invalid, "certificate: of a recovery key, or of a key that is elsewhere, and of no other.")
            }
            do {
                switch kind {
                case .timeLock where uri != nil:
                    // That the key is its own is found out when both are loaded.
                    let certificate = try KeyFiles.sealingCertificate(Array((certificate ?? "").utf8), named: "the time-lock certificate", now: now)
                    if let known = vault.hostKeys.first(where: { $0.kind == .timeLock && $0.certificate == certificate }) {
                        // Added by an act whose answer was lost, and in use since.
                        guard !known.isCurrent else { break }
                        throw Refusal(.alreadyDone, "This time-lock key is here already, and another came after it.")
                    }
                    try AddedKeys(configuration).add(timeLock: certificate, at: uri ?? "", logged: vault.loggedHostKeys())
                    try takeOrRemove(.timeLock, certificate, configuration)
                case .timeLock:
                    let pair = try KeyMaking.timeLock(now: now)
                    try AddedKeys(configuration).add(timeLock: pair, credential: configuration.timeLock.credential, logged: vault.loggedHostKeys())
                    try takeOrRemove(.timeLock, pair.certificate, configuration)
                case .recovery:
                    let certificate = try RecoveryCertificate.check(Array((certificate ?? "").utf8), named: "the recovery certificate", now: now)
                    if let known = vault.hostKeys.first(where: { $0.kind == .recovery && $0.certificate == certificate }) {
                        // Added by an act whose answer was lost, and in use since.
                        guard !known.isCurrent else { break }
                        throw Refusal(.alreadyDone, "This recovery certificate is here already, and another came after it.")
                    }
                    try AddedKeys(configuration).add(recovery: certificate)
                    try takeOrRemove(.recovery, certificate, configuration)
                case .timestamp:
                    try addTimestamp(configuration)
                    try take()
                case .timestampAuthority:
                    try addAuthority(configuration)
                    try take()
                case .tls:
                    let old = try HostKeyRing.certificate(configuration.tls.pair.certificate, .tls)
                    guard !hosts.isEmpty || old.isSelfSigned else {
                        throw Refusal(.keys, "The TLS certificate was issued by an authority: renew it there, or name the hosts for one of our own.")
                    }
                    let names = hosts.isEmpty ? old.alternativeNames : hosts
                    guard !names.isEmpty else { throw Refusal(.invalid, "hosts: none given, and none in the present certificate.") }
                    try KeyWriting.replace(configuration.tls.pair, with: KeyMaking.tls(hosts: names, now: now))
                    try server.withLock { $0 }?()
                    try take()
                }
            } catch let error as DaemonError {
                throw Refusal(.keys, error.message + (error.hint.map { " (\($0))" } ?? ""))
            }
            guard let key = vault.hostKeys.first(where: { $0.kind == kind && $0.isCurrent }) else { throw Refusal(.notFound) }
            return key
        }
    }

    /// An act that fails leaves nothing behind.
    private func takeOrRemove(_ kind: HostKeyKind, _ certificate: Certificate, _ configuration: Configuration) throws {
        do { try take() } catch {
            try? AddedKeys(configuration).remove(kind, certificate)
            throw error
        }
    }

    private func addTimestamp(_ configuration: Configuration) throws {
        let path = configuration.timestamp.authority
        let issuer = try HostKeyRing.certificate(path, .timestamp)
        try KeyFiles.check(issuer, named: "the certificate of the timestamp authority \(path)", usage: .authority, now: now)
        let source = AuthorityRotation.pair(configuration.timestamp).key
        guard FileManager.default.fileExists(atPath: source.name) else {
            throw DaemonError(
                "the key of the timestamp authority, \(source.name), is not here",
                hint: "bring it back for this moment, or make a new authority: sceaud key add timestamp-authority")
        }
        let authority = try KeyFiles.key(
            source, named: "the key of the timestamp authority", credential: configuration.timestamp.pair.credential)
        guard issuer.matches(authority) else { throw DaemonError("\(source.name) is not the key of \(path)") }
        try KeyWriting.replace(
            configuration.timestamp.pair, with: KeyMaking.timestamp(name, issuer: issuer, signedWith: authority, now: now))
    }

    /// A new authority, and a key under it, whatever became of the key of the one before and wherever it is.
    private func addAuthority(_ configuration: Configuration) throws {
        let old = try HostKeyRing.certificate(configuration.timestamp.authority, .timestampAuthority)
        try AuthorityRotation.renew(configuration, named: name, instance: vault.platform.instance, keeping: old, now: now)
    }

    func rotate(_ log: Procurement.Log) throws -> String {
        try acting.withLock { _ in
            do {
                let key = try KeyRotation(configuration.withLock { $0 }, log).run { try vault.rotateLog(log, to: $0) }
                vault.refreshMirror()
                return "\(key)"
            } catch let error as DaemonError {
                throw Refusal(.keys, error.message + (error.hint.map { " (\($0))" } ?? ""))
            }
        }
    }

    /// Again for a key that is retired already: what a crash has left of its files goes, and all is well.
    func retire(_ kind: HostKeyKind, _ certificate: Digest) throws {
        try acting.withLock { _ in
            let configuration = configuration.withLock { $0 }
            if try !vault.loggedHostKeys().isRetired(kind, certificate) { try vault.retire(kind, certificate) }
            do {
                // The log says that it is gone, so the ring is without it, whatever becomes of its files.
                try take()
                try RetiredKeyFiles(configuration, vault.loggedHostKeys()).remove()
                vault.refreshMirror()
            } catch {
                throw Refusal(.storage, "It is retired, and its files could not all be removed: \(error)")
            }
        }
    }
}
