import Canonical
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Reception
import Records
import Sealing

/// `sceaud key restore`: the keys folder is lost, the register is whole, and the holder of the recovery key is here.
///
/// In this order, each step whole or not at all, and each looked at again by a second run: new keys in the place of the files that are gone;
/// a new generation of each log whose key is gone; then, in transactions of the register, every secret that no key opens any more sealed to
/// the new time-lock key, and last that the lost keys are gone. Before the first transaction all is as it was but for files that nothing
/// used; after the last one the daemon starts.
struct KeyRestoration {
    struct Result {
        var made: [String] = []
        var continued: [Continuation] = []
        var restored = 0
        /// What has its copy for another recovery key, or none, and stays shut until that key's holder is here.
        var others: [KeyNeeds.Need] = []
        /// Why the mirror is not as the register is now; nil where it is, or where there is none.
        var staleMirror: String?
    }

    /// Secrets in one transaction.
    var batch = 500
    /// Called behind each transaction of secrets: where a test cuts the run short.
    var committed: () throws -> Void = {}

    /// The configuration's file.
    let file: String
    let configuration: Configuration
    let recovery: RecoveryKeyFile
    let hosts: [String]
    let checkpoints: [String]

    init(_ arguments: Arguments) throws(DaemonError) {
        recovery = try RecoveryKeyFile(arguments)
        file = arguments.required("config")
        configuration = try Configuration.read(file)
        hosts = arguments.values("host")
        checkpoints = arguments.values("checkpoint")
    }

    func run() throws -> Result {
        let data = try DataFolder(configuration.data)
        guard let lock = try data.locked() else {
            throw DaemonError("a sceaud runs on \(data.path)", hint: "it has its keys; to see that the recovery key works: sceaud key rehearse")
        }
        return try withExtendedLifetime(lock) { try run(data) }
    }

    private func run(_ data: DataFolder) throws -> Result {
        // First of all: with a wrong passphrase nothing is touched.
        let key = try recovery.load(configuration)
        let files = RestoredKeyFiles(configuration, instance: data.instance, hosts: hosts)
        var result = Result()
        result.made = try files.makeMissing()
        let wasRestored = try data.folder.exists(Continuing.marker)
        result.made += try files.makeLogKeys()
        let lost = try files.unknown(files.lostLogs)
        if !lost.isEmpty || wasRestored { result.continued = try goOn(data, lost: lost, wasRestored: wasRestored) }
        try files.settleLogKeys()
        let register = try Register(
            data: data.path, highWater: configuration.highWater, limits: DefaultLimits.register,
            Surroundings(clock: .system, keys: LogKeyFiles.load(configuration)))
        do {
            defer { register.stop() }
            (result.restored, result.others) = try restore(register, key)
        }
        try files.removeOrphans()
        try LogKeyFiles.publishCurrent(configuration)
        result.staleMirror = refreshMirror(data)
        return result
    }

    /// Last of all, and never a reason to fail: the keys are back whether the other disk is there or not, and the next start tries again.
    private func refreshMirror(_ data: DataFolder) -> String? {
        guard let folder = configuration.mirror else { return nil }
        do {
            let mirror = try Mirror(folder, StateFiles(configuration: configuration, file: file))
            let register = try Register(
                data: data.path, highWater: configuration.highWater, mirror: mirror, limits: DefaultLimits.register,
                Surroundings(clock: .system, keys: LogKeyFiles.load(configuration)))
            register.stop()
            guard mirror.status == .lost else { return nil }
            return "it cannot be written"
        } catch let error as DaemonError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    /// With the keys that are there now. A register that is whole freezes nothing; one that came from a backup lacks what no key brings back.
    private func goOn(_ data: DataFolder, lost: Set<Procurement.Log>, wasRestored: Bool) throws -> [Continuation] {
        let notes = try checkpoints.map { path in
            let bytes = try FileState.read(path, what: "the checkpoint", max: Note.maximumCount)
            do { return try Note(bytes) } catch { throw DaemonError("\(path) is no checkpoint: \(error)") }
        }
        do {
            let continued = try Register.continueAfterLoss(
                data: data.path, highWater: configuration.highWater, checkpoints: notes,
                logs: wasRestored ? Set(Procurement.Log.allCases) : lost, freezes: wasRestored,
                Surroundings(clock: .system, keys: RestoredKeyFiles.logKeys(configuration)))
            try data.folder.unlinkIfThere(Continuing.marker)
            try data.folder.sync()
            return continued
        } catch let error as RegisterError {
            throw DaemonError("the register of \(data.path) cannot go on: \(error)", hint: "`sceaud check` says what else does not hold")
        }
    }

    private func restore(
        _ register: Register, _ key: borrowing RecoveryKey
    ) throws -> (restored: Int, others: [KeyNeeds.Need]) {
        let now = WallClock.system.now
        let (logged, needs) = try register.read { (try $0.hostKeys(), try KeyNeeds(in: $0, at: now)) }
        let ring = try RestoredKeyFiles.heldTimeLocks(configuration, logged, now: now.second)
        guard let current = ring.first else { throw DaemonError("there is no time-lock key after all") }
        let held = Set(ring.map { Digest($0) })
        var copies: [(need: KeyNeeds.Need, copy: Capsule.SealedPlatformSecret)] = []
        var others: [KeyNeeds.Need] = []
        for need in needs.without(held: held) {
            guard let bytes = try register.read({ try $0.object(need.capsule) }) else {
                throw DaemonError("the capsule of \(need.reference), \(need.part), is missing")
            }
            let capsule = try Capsule(canonical: bytes)
            guard key.isOf(capsule) else {
                others.append(need)
                continue
            }
            do { copies.append((need, try key.restore(capsule, to: current))) } catch {
                throw DaemonError("\(need.reference) (\(need.consultation)): \(error)", hint: "nothing of the register was changed")
            }
        }
        if !logged.contains(where: { $0.kind == .timeLock && $0.certificate == Digest(current) && $0.retired == nil }) {
            let added = HostKey(.timeLock, current, isCurrent: true).added
            _ = try register.commit { _ in [EventDraft(log: .real, fact: added)] }
        }
        for start in stride(from: 0, to: copies.count, by: batch) {
            let some = copies[start..<min(start + batch, copies.count)]
            _ = try register.commit { transaction in
                try some.map { need, copy in
                    EventDraft(
                        log: need.log,
                        fact: PlatformSecretRestored(
                            consultation: need.consultation, part: need.part, secret: need.secret, certificate: copy.certificate,
                            sealed: try transaction.keep(copy.secret)))
                }
            }
            try committed()
        }
        // Only now does nothing need them. Where another recovery key is to come, they are not forgotten: the next run ends this.
        guard others.isEmpty else { return (copies.count, others) }
        let gone = Set(logged.filter { $0.kind == .timeLock && $0.retired == nil && !held.contains($0.certificate) }.map(\.certificate))
        _ = try register.commit { _ in
            gone.sorted { $0.hex < $1.hex }.map { EventDraft(log: .real, fact: HostKeyRetired(kind: .timeLock, certificate: $0)) }
        }
        return (copies.count, [])
    }
}
