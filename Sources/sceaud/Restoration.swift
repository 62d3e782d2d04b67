import Canonical
import Foundation
import Linux
import Procurement
import Records

/// `sceaud restore`: a data folder from a backup, on this machine or another.
///
/// Runs in steps that can each be done again: files, then keys (which no backup holds: people bring them), then the
/// verification of all of it, and `instance.json` last, without which nothing starts.
struct Restoration {
    /// Names the vault whose restoring has begun and is not done.
    static let marker = "restoring"

    let source: String
    let data: String
    /// Envelopes that do not hold are named, and do not stop the end.
    let acceptsDamage: Bool
    private let note: (String) -> Void

    init(from source: String, to data: String, acceptsDamage: Bool, note: @escaping (String) -> Void) {
        self.source = source
        self.data = data
        self.acceptsDamage = acceptsDamage
        self.note = note
    }

    struct Result {
        /// What it was made from: the backup of an instant, or a mirror.
        let origin: Origin
        let events: Int64
        let bids: Int
        let bytes: Int64
        let findings: [String]
        /// Whether somebody must say what it lacks before it starts.
        let mustBeDecided: Bool
    }

    enum Origin {
        case backup(BackupRecord)
        case mirror(MirrorRecord)

        var instance: Identifier {
            switch self {
            case .backup(let record): record.instance
            case .mirror(let record): record.instance
            }
        }

        var state: String {
            switch self {
            case .backup(let record): record.state
            case .mirror(let record): record.state
            }
        }
    }

    func run() throws -> Result {
        let backup: DurableFolder
        do { backup = try DurableFolder(path: source) } catch { throw DaemonError("the backup \(source) cannot be opened: \(error)") }
        if let record = try MirrorRecord.read(backup) {
            guard let lock = try DataFolder.lock(backup) else { throw DaemonError("a daemon uses the mirror \(source)", hint: "stop it first") }
            return try withExtendedLifetime(lock) { try run(.mirror(record), backup) }
        }
        guard let record = try BackupRecord.read(backup) else {
            throw DaemonError(
                "\(source) holds no backup that was completed, and no mirror",
                hint: "its backup.json (mirror.json) is missing: is this the right folder?")
        }
        return try run(.backup(record), backup)
    }

    private func run(_ origin: Origin, _ backup: DurableFolder) throws -> Result {
        let state = try backup.folder(origin.state)
        if case .backup(let record) = origin { for file in record.files { try check(file, in: state) } }
        let folder = try open(origin.instance)
        if let lock = try DataFolder.lock(folder) {
            return try withExtendedLifetime(lock) { try run(origin, backup: backup, state: state, folder) }
        }
        throw DaemonError("another command works on \(data)")
    }

    private func run(
        _ origin: Origin, backup: DurableFolder, state: DurableFolder, _ folder: DurableFolder
    ) throws -> Result {
        let events = try bringState(origin, from: state, to: folder)
        let configuration = try configuration()
        let isVouchedFor = try bringMark(origin, to: folder, configuration)

        let envelopes = try FileCopy.folder(DataFolder.envelopes, in: folder)
        // Drafts are in no backup: what is not submitted is sent again.
        _ = try FileCopy.folder(DataFolder.drafts, in: folder)
        _ = try FileCopy.folder(DataFolder.lostAndFound, in: folder)
        let bids = try Register.loggedBids(data: data)
        var copies = EnvelopeCopies(from: try backup.folder(Backup.envelopes), to: envelopes)
        try copies.bring(bids)
        for finding in copies.findings { note("does not hold: \(finding)") }

        let instance = try Instance(canonical: state.readAll("instance.json", max: 65_536))
        let findings: [String]
        do {
            findings = try Register.findings(data: data, highWater: configuration.highWater, instance: instance)
        } catch {
            throw DaemonError("the restored register cannot be used: \(error)")
        }
        guard findings.isEmpty else {
            for finding in findings { note("does not hold: register: \(finding)") }
            throw DaemonError("the restored register does not hold", hint: "each finding is above; an older backup may be whole", status: .unsound)
        }
        guard copies.findings.isEmpty || acceptsDamage else {
            throw DaemonError(
                "\(copies.findings.count) envelopes are not in this backup as they were received",
                hint: "each is named above; look for them in another backup, or give --accept-damage to go on without", status: .unsound)
        }
        try checkKeys(configuration)
        try folder.sync()
        // Before the folder counts as one: nothing starts until somebody has decided what the backup lacks.
        let mustBeDecided = !isVouchedFor
        if mustBeDecided { try folder.replace(Continuing.marker, with: Array(origin.made.utf8)) }
        try folder.replace("instance.json", with: instance.canonicalBytes)
        try folder.unlinkIfThere(Self.marker)
        try folder.sync()
        return Result(
            origin: origin, events: events, bids: bids.count, bytes: copies.bytes, findings: copies.findings,
            mustBeDecided: mustBeDecided)
    }

    private func check(_ file: BackupRecord.File, in state: DurableFolder) throws(DaemonError) {
        do {
            let parts = file.path.split(separator: "/").map(String.init)
            let folder = parts.count == 2 ? try state.folder(parts[0]) : state
            let found = try FileCopy.digest(parts.last ?? "", in: folder)
            guard found.length == file.length, found.sha256 == file.sha256 else {
                throw DaemonError("\(file.path) of the backup is not what was backed up", hint: "the backup is damaged; take another one")
            }
        } catch let error as DaemonError {
            throw error
        } catch {
            throw DaemonError("\(file.path) of the backup cannot be read: \(error)", hint: "take another backup")
        }
    }

    /// A new folder, an empty one, or one in which the restoring of this very vault had begun.
    private func open(_ instance: Identifier) throws(DaemonError) -> DurableFolder {
        do {
            let folder = try FileCopy.folder(path: data)
            guard try FileState(data, what: "the folder").mode & 0o077 == 0 else {
                throw DaemonError("\(data) is open to others", hint: "chmod 700 \(data)")
            }
            if try folder.exists(Self.marker) {
                guard try folder.readAll(Self.marker, max: 64) == Array(instance.text.utf8) else {
                    throw DaemonError("the restoring of another vault has begun in \(data)")
                }
            } else {
                guard try folder.list(max: 1000).isEmpty else {
                    throw DaemonError(
                        "\(data) is not empty", hint: "`sceaud restore` writes into a new folder only; nothing that is there is replaced")
                }
                try folder.replace(Self.marker, with: Array(instance.text.utf8))
            }
            return folder
        } catch let error as DaemonError {
            throw error
        } catch {
            throw DaemonError("\(data) cannot be made or opened: \(error)")
        }
    }

    /// Register, configuration and certificates. What an administrator has put in place since the first run stays.
    ///
    /// - Returns: how many events there are.
    private func bringState(_ origin: Origin, from state: DurableFolder, to folder: DurableFolder) throws -> Int64 {
        let register = try FileCopy.folder("register", in: folder)
        // SQLite's own, of a run that was killed: they belong to a file that is about to be replaced.
        for rest in ["register.sqlite-wal", "register.sqlite-shm"] { try register.unlinkIfThere(rest) }
        let events: Int64
        switch origin {
        case .backup(let record):
            try FileCopy.copy("register.sqlite", from: state.folder("register"), to: register)
            events = record.events
        case .mirror(let record):
            try register.unlinkIfThere("register.sqlite")
            events = try Register.restore(state: "\(source)/\(record.state)", to: data).events
        }
        try register.sync()
        let keys = try FileCopy.folder(DataFolder.keys, in: folder)
        let certificates = try state.folder(DataFolder.keys)
        for name in try certificates.list(max: 1000) where StateFiles.isPublic(name) {
            if try !keys.exists(name) { try FileCopy.copy(name, from: certificates, to: keys) }
        }
        try keys.sync()
        if try state.exists(DataFolder.configuration), try !folder.exists(DataFolder.configuration) {
            try FileCopy.copy(DataFolder.configuration, from: state, to: folder)
        }
        try folder.sync()
        return events
    }

    private func configuration() throws(DaemonError) -> Configuration {
        let path = "\(data)/\(DataFolder.configuration)"
        let configuration: Configuration
        do { configuration = try Configuration.read(path) } catch {
            throw DaemonError("\(path): \(error.message)", hint: "put the configuration there, and run the same command again")
        }
        guard configuration.data == data else {
            throw DaemonError(
                "`data` of \(path) is \(configuration.data)", hint: "change it to \".\", and run the same command again")
        }
        return configuration
    }

    /// The mark of the backup, unless the mark of the vault itself is still there, on a disk of its own: that one knows what
    /// was acknowledged since, and stays.
    ///
    /// - Returns: whether nothing can have been acknowledged that is not here (`Mirror.md`).
    private func bringMark(_ origin: Origin, to folder: DurableFolder, _ configuration: Configuration) throws -> Bool {
        let mark: DurableFolder
        if configuration.highWater == Register.highWaterFolder(data) {
            mark = try FileCopy.folder("high-water", in: folder)
            // Of a run before this one: it says nothing of the vault's.
            if case .mirror = origin { try mark.unlinkIfThere("mark.json") }
        } else {
            mark = try FileCopy.folder(path: configuration.highWater)
            if try mark.exists("mark.json") { note("the high-water mark in \(configuration.highWater) is kept: it says what was acknowledged") }
        }
        switch origin {
        case .mirror(let record):
            let isMarked = try Register.mark(data: data, highWater: mark)
            return isMarked || record.whenLost == .stop
        case .backup(let record):
            guard try !mark.exists("mark.json") || configuration.highWater == Register.highWaterFolder(data) else { return false }
            let source = try DurableFolder(path: "\(self.source)/\(record.state)/high-water")
            for name in record.files.map(\.path) where name.hasPrefix("high-water/") {
                try FileCopy.copy(String(name.dropFirst("high-water/".count)), from: source, to: mark)
            }
            try mark.sync()
            return false
        }
    }

    /// No backup holds a private key: whoever keeps them brings them, and they must be those of the certificates.
    private func checkKeys(_ configuration: Configuration) throws {
        let now = WallClock.system.now.second
        var missing: [String] = []
        var logged: [LoggedHostKey] = []
        try Register.inspect(data: data) { read in try read { logged = try $0.hostKeys() } }
        for source in try configuration.privateKeys(logged) {
            if case .file(let path) = source, !FileManager.default.fileExists(atPath: path) { missing.append(path) }
        }
        guard missing.isEmpty else {
            for path in missing { note("put in place: \(path) (mode 600)") }
            throw DaemonError(
                "all is restored but the private keys, which no backup holds",
                hint: "put each key where it is said above, and run the same command again")
        }
        _ = try HostKeyRing(configuration, logged: logged, now: now)
        _ = try KeyFiles(configuration.tls.pair, for: .tls, now: now)
        _ = try TimestampKeys(configuration.timestamp, now: now)
        do {
            let keys = try LogKeyFiles.load(configuration)
            try Register.check(keys, data: data)
        } catch let error as RegisterError {
            throw DaemonError("\(error)", hint: "put the right key in place, and run the same command again")
        }
    }
}

extension Restoration.Origin {
    /// What the marker says of it.
    var made: String {
        switch self {
        case .backup(let record): record.made.description
        case .mirror: Continuing.mirror
        }
    }
}

extension Configuration {
    /// Those that a vault runs with. A time-lock key that the log says is retired is missed by nobody.
    func privateKeys(_ logged: [LoggedHostKey]) throws -> [KeySource] {
        let timeLocks = try ([timeLock] + AddedKeys(self).timeLocks(credential: credential)).filter { pair in
            try HostKeyRing.isHeld(pair.certificate, .timeLock, logged)
        }
        return timeLocks.map(\.key) + [tls.pair.key, timestamp.pair.key, logs.real, logs.training]
    }
}
