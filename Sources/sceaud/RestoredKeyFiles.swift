import Canonical
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records
import Sealing

/// The files of a keys folder that is lost, in whole or in part: new ones where the configuration looks for them. What is there and good stays.
struct RestoredKeyFiles {
    let configuration: Configuration
    let instance: Instance
    let hosts: [String]

    init(_ configuration: Configuration, instance: Instance, hosts: [String]) {
        self.configuration = configuration
        self.instance = instance
        self.hosts = hosts
    }

    private var now: Int64 { WallClock.system.now.second }

    /// Time lock, timestamps, TLS.
    ///
    /// - Returns: the paths of the keys that were made.
    func makeMissing() throws -> [String] {
        var made: [String] = []
        // What can be refused is refused before the first file is made.
        if let path = configuration.recovery, !exists(path) {
            throw DaemonError(
                "the recovery certificate \(path) is gone", hint: "its holder has another copy: put it there (it is no secret), and run this again")
        }
        let old = try? HostKeyRing.certificate(configuration.tls.pair.certificate, .tls)
        let names = !hosts.isEmpty ? hosts : old?.alternativeNames ?? []
        guard !names.isEmpty || !Self.isLost(configuration.tls.pair) else {
            throw DaemonError("the TLS key and its certificate are gone", hint: "--host NAME, for each name that clients use, makes new ones")
        }
        let pairs = [configuration.timeLock, configuration.timestamp.pair, configuration.tls.pair]
        for path in pairs.map(\.certificate) + [configuration.timestamp.authority, configuration.addedKeys + "/x"] {
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        if Self.isLost(configuration.timeLock) {
            try KeyWriting.replace(configuration.timeLock, with: KeyMaking.timeLock(now: now))
            made.append(configuration.timeLock.key.name)
        }
        if Self.isLost(configuration.timestamp.pair) || !exists(configuration.timestamp.authority) {
            try makeTimestampKeys()
            made.append(configuration.timestamp.pair.key.name)
        }
        if Self.isLost(configuration.tls.pair) {
            try KeyWriting.replace(configuration.tls.pair, with: KeyMaking.tls(hosts: names, now: now))
            made.append(configuration.tls.pair.key.name)
        }
        return made
    }

    /// By the authority that was, where its key is still there; else by a new one, which people are to be told of.
    private func makeTimestampKeys() throws {
        try AuthorityRotation.finish(configuration.timestamp)
        let path = configuration.timestamp.authority
        let pair = AuthorityRotation.pair(configuration.timestamp)
        if !Self.isLost(pair), let issuer = try? HostKeyRing.certificate(path, .timestampAuthority) {
            let key = try KeyFiles.key(pair.key, named: "the key of the timestamp authority", credential: pair.credential)
            try KeyWriting.replace(
                configuration.timestamp.pair, with: KeyMaking.timestamp(instance.name, issuer: issuer, signedWith: key, now: now))
        } else {
            // All four or none, wherever this is cut short.
            try AuthorityRotation.renew(
                configuration, named: instance.name, instance: instance.id,
                keeping: try? HostKeyRing.certificate(path, .timestampAuthority), now: now)
        }
    }

    /// Whether the key's file, or its certificate's, is not there. What is there and does not open is no loss: it is put right by hand.
    static func isLost(_ pair: Configuration.KeyPair) -> Bool {
        guard case .file(let path) = pair.key else { return false }
        return !exists(path) || !exists(pair.certificate)
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
    private func exists(_ path: String) -> Bool { Self.exists(path) }

    // MARK: Time locks

    /// Certificates of the keys that open, the current one first. The one that the configuration names is the current one: it is new, or all
    /// is as it was.
    static func heldTimeLocks(
        _ configuration: Configuration, _ logged: [LoggedHostKey], now: Int64
    ) throws -> [Certificate] {
        var held: [Certificate] = []
        for pair in [configuration.timeLock] + AddedKeys(configuration).timeLocks(credential: configuration.credential) where !isLost(pair) {
            let files = try KeyFiles(pair, for: .timeLock, now: now)
            if try HostKeyRing.isHeld(pair.certificate, .timeLock, logged) { held.append(files.certificate) }
        }
        // The last by the log, as the daemon will have it; what the log does not know comes behind all that it knows.
        let rank = { (certificate: Certificate) -> Int in
            logged.lastIndex { $0.kind == .timeLock && $0.certificate == Digest(certificate) } ?? logged.count
        }
        return held.enumerated().sorted { (rank($0.element), $0.offset) > (rank($1.element), $1.offset) }.map(\.element)
    }

    /// Certificates whose keys are gone would stop the start.
    func removeOrphans() throws {
        for pair in AddedKeys(configuration).timeLocks(credential: nil) where Self.isLost(pair) { try KeyWriting.remove(pair.certificate) }
    }

    // MARK: Logs

    private func path(_ log: Procurement.Log) -> String? { configuration.logs.file(of: log) }

    /// Logs whose key is not there. A new one waits beside its place until the register knows it.
    var lostLogs: Set<Procurement.Log> { Set(Procurement.Log.allCases.filter { log in path(log).map { !exists($0) } ?? false }) }

    private static let next = ".restored"

    func makeLogKeys() throws -> [String] {
        try lostLogs.sorted { $0.rawValue < $1.rawValue }.compactMap { log in
            guard let path = path(log) else { return nil }
            let file = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // Of a run that was cut short; whether the register knows it is found below.
            guard !exists(path + Self.next) else { return nil }
            let folder = try DurableFolder(path: file.deletingLastPathComponent().path)
            _ = try LogKeyFiles.make(in: folder, as: file.lastPathComponent + Self.next, credential: configuration.credential)
            try folder.sync()
            return path
        }
    }

    /// The keys that are there; of the logs that lost theirs, the new ones.
    static func logKeys(_ configuration: Configuration) throws -> LogKeys {
        try LogKeyFiles.load(configuration) { _, path in exists(path) ? path : path + next }
    }

    /// Logs whose new key the register does not know yet.
    func unknown(_ lost: Set<Procurement.Log>) throws -> Set<Procurement.Log> {
        guard !lost.isEmpty else { return [] }
        let keys = try Self.logKeys(configuration)
        return try lost.filter { try Register.currentKey(of: $0, data: configuration.data).publicKey != keys.publicKey($0) }
    }

    /// Puts the new keys where the configuration looks for them.
    func settleLogKeys() throws {
        for log in lostLogs {
            guard let path = path(log), exists(path + Self.next) else { continue }
            let file = URL(fileURLWithPath: path)
            let folder = try DurableFolder(path: file.deletingLastPathComponent().path)
            try LogKeyFiles.publish(Register.currentKey(of: log, data: configuration.data), log, in: folder)
            try folder.rename(file.lastPathComponent + Self.next, to: file.lastPathComponent)
            try folder.sync()
        }
    }
}
