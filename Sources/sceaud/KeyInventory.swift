import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Reception
import Records
import Sealing

/// Every key that this vault knows of, with its age, its end, and what depends on it: read from the certificates and the register, also
/// beside a running daemon. No private key is opened.
struct KeyInventory {
    /// A key of the host.
    struct Key {
        /// `time-lock`, `recovery`, `timestamp`, `timestamp-authority`, `tls`, `log-real`, `log-training`.
        let kind: String
        let file: String
        let certificate: Digest?
        let since: Instant?
        let until: Instant?
        let isCurrent: Bool
        let notice: ExpiryNotice?
        /// What is wrong with its file.
        let fault: String?
        let needs: [KeyNeeds.Need]
        /// Of a timestamp authority: how many stamps of bids and closings hold under it.
        var stamps: Int64?
    }

    /// The key set of a consultation that is not archived.
    struct Committee {
        let consultation: Identifier
        let reference: String
        let phase: Phase
        let deadline: Instant
        let k: Int
        let n: Int
        let accepted: Int
        /// The first of its members' certificates to end, and whose.
        let first: (name: String, until: Instant)?
    }

    let now: Instant
    let nextWorkingDay: Instant
    let keys: [Key]
    let committees: [Committee]
    let tokens: (count: Int64, oldest: Instant?)
    let rehearsed: Instant?
    /// Consultations that no time-lock key of this host can release.
    let shut: [KeyNeeds.Need]

    var isRecoveryRefused: Bool { !keys.contains { $0.kind == HostKeyKind.recovery.rawValue } }

    /// Deadlines that come before somebody is at the office again.
    var soon: [Committee] {
        // Of a consultation with several key sets, once.
        var seen: Set<Identifier> = []
        return committees.filter { now < $0.deadline && $0.deadline < nextWorkingDay && seen.insert($0.consultation).inserted }
    }

    init(_ configuration: Configuration, now: Instant) throws {
        self.now = now
        nextWorkingDay = WorkingDays.next(after: now)
        var logged: [LoggedHostKey] = []
        var needs: KeyNeeds?
        var committees: [Committee] = []
        var tokens: (count: Int64, oldest: Instant?) = (0, nil)
        var rehearsed: Instant?
        var logs: [(Procurement.Log, Instant?)] = []
        var stamps: [Digest: Int64] = [:]
        try Register.inspect(data: configuration.data) { read in
            try read { register in
                logged = try register.hostKeys()
                needs = try KeyNeeds(in: register, at: now)
                tokens = try register.tokens(at: now)
                rehearsed = try register.lastRehearsal()?.at
                stamps = try Self.stamps(logged, register)
                logs = try Procurement.Log.allCases.map { ($0, try register.generationStart($0)) }
            }
            for id in Set(needs?.needs.map(\.consultation) ?? []) {
                try read { register in
                    committees += try Self.committees(of: id, register)
                }
            }
        }
        self.committees = committees.sorted { ($0.deadline, $0.reference) < ($1.deadline, $1.reference) }
        self.tokens = tokens
        self.rehearsed = rehearsed
        let files = Self.files(configuration, logged)
        let held = Set(files.filter { $0.kind == .timeLock && $0.fault == nil }.compactMap(\.digest))
        shut = needs?.without(held: held) ?? []
        keys =
            files.map { file in
                Key(
                    kind: file.kind.rawValue, file: file.path, certificate: file.digest, since: file.since, until: file.until,
                    isCurrent: file.isCurrent,
                    notice: file.isCurrent ? file.until.flatMap { ExpiryNotice(notAfter: $0, now: now) } : nil, fault: file.fault,
                    needs: file.digest.flatMap { needs?.needing(file.kind, $0, held: held) } ?? [],
                    stamps: file.kind == .timestampAuthority ? file.digest.map { stamps[$0] ?? 0 } : nil)
            } + logs.map { log, start in Self.log(log, start, configuration) }
    }

    /// Under each timestamp authority: what was stamped from when it came into use until the next one did.
    private static func stamps(_ logged: [LoggedHostKey], _ register: Snapshot) throws -> [Digest: Int64] {
        let authorities = logged.filter { $0.kind == .timestampAuthority }
        var stamps: [Digest: Int64] = [:]
        for (index, authority) in authorities.enumerated() {
            // The first one was there before the log told of authorities.
            let from = index == 0 ? nil : authority.added
            let until = index + 1 < authorities.count ? authorities[index + 1].added : nil
            stamps[authority.certificate, default: 0] += try register.ownStamps(from: from, until: until)
        }
        return stamps
    }

    /// One for each key set, in the order in which they came into force.
    private static func committees(of id: Identifier, _ register: Snapshot) throws -> [Committee] {
        guard let consultation = try register.consultation(id) else { return [] }
        return try consultation.keySets.map { try committee(consultation, $0.keys, register) }
    }

    private static func committee(_ consultation: Consultation, _ keys: Consultation.Keys, _ register: Snapshot) throws -> Committee {
        var first: (name: String, until: Instant)?
        if let part = keys.parts.first, let bytes = try register.object(part.capsule) {
            for member in try Capsule(canonical: bytes).members {
                let until = HostKey(.recovery, member.certificate, isCurrent: false).notAfter
                if first.map({ until < $0.until }) ?? true { first = (member.name, until) }
            }
        }
        return Committee(
            consultation: consultation.id, reference: consultation.reference, phase: consultation.phase, deadline: consultation.deadline.instant,
            k: keys.k, n: keys.n, accepted: keys.accepted.count, first: first)
    }

    // MARK: Files

    private struct File {
        let kind: HostKeyKind
        let path: String
        let digest: Digest?
        let since: Instant?
        let until: Instant?
        var isCurrent = false
        let fault: String?
    }

    private static func files(_ configuration: Configuration, _ logged: [LoggedHostKey]) -> [File] {
        let added = AddedKeys(configuration)
        var files: [File] = []
        for pair in [configuration.timeLock] + added.timeLocks(credential: configuration.credential) {
            if let file = file(.timeLock, pair.certificate, pair.key, logged) { files.append(file) }
        }
        for path in (configuration.recovery.map { [$0] } ?? []) + added.recoveries() {
            if let file = file(.recovery, path, nil, logged) { files.append(file) }
        }
        for kind in [HostKeyKind.timeLock, .recovery] {
            let own = files.indices.filter { files[$0].kind == kind }
            let rank = { (index: Int) -> Int in
                logged.lastIndex { $0.kind == kind && $0.certificate == files[index].digest } ?? logged.count
            }
            if let current = own.max(by: { (rank($0), $0) < (rank($1), $1) }) { files[current].isCurrent = true }
        }
        // Beside an authority's certificate nothing is asked for: its key may be elsewhere, a former one's is nowhere.
        for (index, path) in ([configuration.timestamp.authority] + added.authorities()).enumerated() {
            guard var file = file(.timestampAuthority, path, nil, logged) else { continue }
            // Kept before it was replaced, by an act that was cut short.
            guard index == 0 || file.digest == nil || !files.contains(where: { $0.kind == file.kind && $0.digest == file.digest })
            else { continue }
            file.isCurrent = index == 0
            files.append(file)
        }
        for (kind, pair) in [(HostKeyKind.timestamp, configuration.timestamp.pair), (.tls, configuration.tls.pair)] {
            guard var file = file(kind, pair.certificate, pair.key, logged) else { continue }
            file.isCurrent = true
            files.append(file)
        }
        return files
    }

    /// nil for one that is retired.
    private static func file(_ kind: HostKeyKind, _ path: String, _ key: KeySource?, _ logged: [LoggedHostKey]) -> File? {
        do {
            let certificate = try HostKeyRing.certificate(path, kind)
            let known = HostKey(kind, certificate, isCurrent: false)
            let last = logged.last { $0.kind == kind && $0.certificate == known.digest }
            guard last?.retired == nil else { return nil }
            return File(
                kind: kind, path: path, digest: known.digest, since: last?.added ?? known.notBefore, until: known.notAfter,
                fault: key.flatMap(fault))
        } catch {
            return File(kind: kind, path: path, digest: nil, since: nil, until: nil, fault: error.message)
        }
    }

    /// What can be said of a key's file without opening it.
    private static func fault(_ source: KeySource) -> String? {
        guard case .file(let path) = source else { return nil }
        guard let state = try? FileState(path, what: "the key") else { return "the key \(path) is missing" }
        return state.mode & 0o077 == 0 ? nil : "the key \(path) can be read by others"
    }

    private static func log(_ log: Procurement.Log, _ start: Instant?, _ configuration: Configuration) -> Key {
        let source = configuration.logs.source(of: log)
        return Key(
            kind: "log-\(log.rawValue)", file: source.name, certificate: nil, since: start, until: nil, isCurrent: true, notice: nil,
            fault: fault(source), needs: [])
    }
}
