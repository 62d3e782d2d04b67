import Canonical
import Foundation
import OpenSSL
import Procurement
import Reception
import Records
import Sealing

/// The keys of the host, from their files and from what the log says of them: which is the current one, and which are retired.
///
/// The current one is the last that came into use by the log; a key that the log does not know comes behind all that it knows (a first
/// start, a file that an administrator replaced, an act that was cut short).
struct HostKeyRing {
    let timeLock: TimeLock
    /// All of them, the current of each kind first.
    let keys: [HostKey]

    /// - Throws: what is wrong with which file. A time-lock or recovery certificate that is out of its time is none of that: what was
    ///   sealed under it must open; that nothing new begins under it is asked at each ceremony.
    init(_ configuration: Configuration, logged: [LoggedHostKey], now: Int64) throws(DaemonError) {
        let added = AddedKeys(configuration)
        var timeLocks: [TimeLockKey] = []
        for pair in [configuration.timeLock] + added.timeLocks(credential: configuration.timeLock.credential) {
            guard let certificate = try Self.unretired(pair.certificate, .timeLock, logged) else { continue }
            guard !timeLocks.contains(where: { $0.certificate == certificate }) else { continue }
            let files = try KeyFiles(pair, for: .timeLock, now: now)
            do { timeLocks.append(try TimeLockKey(key: files.intoKey(), certificate: certificate)) } catch {
                throw DaemonError("the time-lock certificate \(pair.certificate): \(error.text)")
            }
        }
        var recoveries: [Certificate] = []
        for path in (configuration.recovery.map { [$0] } ?? []) + added.recoveries() {
            guard try Self.unretired(path, .recovery, logged) != nil else { continue }
            let certificate = try RecoveryCertificate.read(path, now: nil)
            if !recoveries.contains(certificate) { recoveries.append(certificate) }
        }
        let rank = { (kind: HostKeyKind, certificate: Certificate) -> Int in
            logged.lastIndex { $0.kind == kind && $0.certificate == Digest(certificate) } ?? logged.count
        }
        // Of those that the log does not know, the last in the order of the files.
        let locks = timeLocks.enumerated()
            .sorted { (rank(.timeLock, $0.element.certificate), $0.offset) > (rank(.timeLock, $1.element.certificate), $1.offset) }
            .map(\.element)
        let copies = recoveries.enumerated()
            .sorted { (rank(.recovery, $0.element), $0.offset) > (rank(.recovery, $1.element), $1.offset) }.map(\.element)
        do { timeLock = try TimeLock(locks, recoveries: copies) } catch {
            throw DaemonError("the time-lock keys cannot be used: \(error.text)", hint: "sceaud key restore")
        }
        keys =
            locks.enumerated().map { HostKey(.timeLock, $0.element.certificate, isCurrent: $0.offset == 0) }
            + copies.enumerated().map { HostKey(.recovery, $0.element, isCurrent: $0.offset == 0) }
            + [
                HostKey(.timestamp, try Self.certificate(configuration.timestamp.pair.certificate, .timestamp), isCurrent: true)
            ] + (try Self.authorities(configuration, added, logged)) + [
                HostKey(.tls, try Self.certificate(configuration.tls.pair.certificate, .tls), isCurrent: true),
            ]
    }

    /// The timestamp authority's certificate, then those before it, the newest first. A former one that does not read stops nothing: it is
    /// there for readers alone, and `key list` names it.
    private static func authorities(
        _ configuration: Configuration, _ added: AddedKeys, _ logged: [LoggedHostKey]
    ) throws(DaemonError) -> [HostKey] {
        let current = try certificate(configuration.timestamp.authority, .timestampAuthority)
        var former: [Certificate] = []
        for path in added.authorities() {
            if let certificate = try? certificate(path, .timestampAuthority), certificate != current { former.append(certificate) }
        }
        let last = { (certificate: Certificate) -> Int in
            logged.lastIndex { $0.kind == .timestampAuthority && $0.certificate == Digest(certificate) } ?? -1
        }
        return [HostKey(.timestampAuthority, current, isCurrent: true)]
            + former.sorted { last($0) > last($1) }.map { HostKey(.timestampAuthority, $0, isCurrent: false) }
    }

    static func certificate(_ path: String, _ kind: HostKeyKind) throws(DaemonError) -> Certificate {
        let what = "the \(kind.rawValue) certificate"
        let bytes = try FileState.read(path, what: what, max: DefaultLimits.keyFileBytes)
        do { return try Certificate(pem: bytes) } catch { throw DaemonError("\(what) \(path) is not a certificate in PEM") }
    }

    /// Whether the log does not say that it is gone.
    static func isHeld(_ path: String, _ kind: HostKeyKind, _ logged: [LoggedHostKey]) throws(DaemonError) -> Bool {
        try unretired(path, kind, logged) != nil
    }

    /// nil for one that the log says is gone.
    private static func unretired(
        _ path: String, _ kind: HostKeyKind, _ logged: [LoggedHostKey]
    ) throws(DaemonError) -> Certificate? {
        let certificate = try certificate(path, kind)
        let last = logged.last { $0.kind == kind && $0.certificate == Digest(certificate) }
        return last?.retired == nil ? certificate : nil
    }
}
