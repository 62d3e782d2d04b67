import Canonical
import Linux
import Merkle
import OpenSSL
import Procurement
import Reception
import Records
import Sealing

/// A vault made from its configuration: data folder checked, register recovered, keys loaded. The caller holds the
/// folder's lock. Nothing runs in it before `vault.start()` but the scribe and the pools.
struct OpenedVault {
    let vault: Vault
    let keys: KeyKeeper
    /// Rotations of logs' keys that were cut short, and ended here.
    let endedRotations: [Procurement.Log: VerifierKey]
    /// What the register's start found.
    let recovery: Recovery

    /// - Parameter file: the configuration's.
    init(_ configuration: Configuration, file: String, _ data: DataFolder, log: Log) throws {
        try Continuing.check(data)
        let now = WallClock.system.now.second
        let envelopes = try data.folder(DataFolder.envelopes)
        let drafts = try data.folder(DataFolder.drafts)
        let lostAndFound = try data.folder(DataFolder.lostAndFound)
        var ended: [Procurement.Log: VerifierKey] = [:]
        for log in Procurement.Log.allCases { ended[log] = try KeyRotation(configuration, log).finishCutShort() }
        endedRotations = ended
        let logKeys = try LogKeyFiles.load(configuration)
        let timestamps = try TimestampKeys(configuration.timestamp, now: now)
        let external = try configuration.timestamps.sources()
        if configuration.timestamps.isRequired, external.isEmpty {
            log.warning("timestamps.required: no external authority is configured, so no real consultation can be published")
        }
        let mirror = try configuration.mirror.map { try Mirror($0, StateFiles(configuration: configuration, file: file)) }
        let register: Register
        do {
            register = try Register(
                data: data.path, highWater: configuration.highWater, mirror: mirror, limits: DefaultLimits.register,
                Surroundings(clock: .system, keys: logKeys, blanks: .geometric))
        } catch let error as MirrorError {
            throw DaemonError("the mirror \(configuration.mirror?.path ?? "") cannot be used: \(error)", hint: error.hint)
        } catch let error as RegisterError {
            throw DaemonError(
                "the register of \(data.path) cannot be used: \(error)",
                hint: "nothing was changed; `sceaud check` says what else does not hold")
        }
        self.recovery = register.recovery
        let ring: HostKeyRing
        do { ring = try HostKeyRing(configuration, logged: register.read { try $0.hostKeys() }, now: now) } catch {
            register.stop()
            throw error
        }
        vault = try Vault(
            envelopes: envelopes, drafts: drafts, lostAndFound: lostAndFound, register: register, timeLock: ring.timeLock,
            hostKeys: ring.keys,
            platform: Platform(
                instance: data.instance.id, witnesses: configuration.witnesses),
            stamping: Stamping(authority: timestamps.authority, ca: timestamps.ca, perMinute: DefaultLimits.stampsPerMinute,
                external: external, isExternalRequired: configuration.timestamps.isRequired),
            limits: configuration.limits.reception,
            clock: HostClock.judged(register, data, policy: configuration.unsynchronised, log: log),
            writers: configuration.writerThreads, heads: DefaultLimits.headThreads,
            drafting: DefaultLimits.draftThreads, readers: DefaultLimits.poolThreads,
            keepBaseline: { try HostClock.keep($0, in: data) }, log: { log.warning($0) })
        keys = KeyKeeper(vault, configuration, name: data.instance.name)
        // Not worth a start: the next one records them.
        do { try vault.note(ring.keys.reversed()) } catch { log.warning("the keys in use could not be recorded in the log: \(error)") }
        // What an act that was cut short has left to do.
        do {
            for path in try RetiredKeyFiles(configuration, vault.loggedHostKeys()).remove() {
                log.warning("the key \(path) was retired, and its file still there: it is removed now")
            }
            try LogKeyFiles.publishCurrent(configuration)
        } catch { log.warning("the keys folder could not be put in order: \(error)") }
        vault.refreshMirror()
    }
}

extension Mirror {
    convenience init(_ folder: Configuration.MirrorFolder, _ files: StateFiles) throws(DaemonError) {
        if let state = try? FileState(folder.path, what: "the mirror"), state.mode & 0o077 != 0 {
            throw DaemonError("the mirror \(folder.path) is open to others", hint: "chmod 700 \(folder.path)")
        }
        self.init(path: folder.path, whenLost: folder.whenLost, clock: .system) { try files.write(to: $0) }
    }
}

extension MirrorError {
    fileprivate var hint: String {
        switch self {
        case .longer:
            "nothing was changed. The mirror has it all: `sceaud restore --from` the mirror into a new data folder. To go on without what is lost, name another folder as `mirror`"
        case .inUse: "one daemon a mirror; or a `sceaud restore` reads it"
        default: "nothing was changed. If this is the right data folder, name another, empty folder as `mirror`, and keep this one"
        }
    }
}
