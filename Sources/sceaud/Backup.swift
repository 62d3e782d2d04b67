import Canonical
import Foundation
import Linux
import Procurement
import Records

/// `sceaud backup`: a vault's state into another folder, also while the daemon runs.
///
/// `{backup.json, state-<instant>/{instance.json, sceaud.json5, register/, high-water/, keys/{*.crt,log-*.vkey}}, envelopes/}`. A
/// consistent register first, then the files that it names; `backup.json`, which names the state, last: whenever the run is
/// interrupted, the folder holds the last backup that was completed, and the next run goes on with what is there.
/// Certificates are in it, private keys never: they are kept in another place, by other people.
struct Backup {
    static let envelopes = DataFolder.envelopes
    private static let prefix = "state-"

    let configuration: Configuration
    /// The configuration's file.
    let file: String
    let target: String
    private let note: (String) -> Void

    /// - Parameter note: takes a line for whoever runs it.
    init(_ configuration: Configuration, file: String, to target: String, note: @escaping (String) -> Void) throws(DaemonError) {
        self.configuration = configuration
        self.file = file
        self.target = target
        self.note = note
        guard target != configuration.data, !target.hasPrefix(configuration.data + "/") else {
            throw .usage("\(target) lies in the data folder", hint: "a backup belongs on another disk, or on another host")
        }
    }

    struct Result {
        let record: BackupRecord
        let copied: Int
        let bytes: Int64
        let findings: [String]
    }

    func run() throws -> Result {
        let data = try DataFolder(configuration.data)
        let folder = try open()
        if let lock = try DataFolder.lock(folder) {
            return try withExtendedLifetime(lock) { try run(data, folder) }
        }
        throw DaemonError("another backup to \(target) is under way")
    }

    private func run(_ data: DataFolder, _ folder: DurableFolder) throws -> Result {
        let last = try BackupRecord.read(folder)
        if let last, last.instance != data.instance.id {
            throw DaemonError("\(target) holds the backup of another vault (\(last.instance))", hint: "one folder for each vault")
        }
        let made = WallClock.system.now
        let name = Self.prefix + made.description.filter { $0 != ":" && $0 != "-" && $0 != "." }
        // Of a run in the same millisecond, or of one whose clock has run back since.
        if try folder.exists(name) { throw DaemonError("\(target)/\(name) is there already", hint: "try again") }
        let state = try folder.makeFolder(name)
        let path = "\(target)/\(name)"
        let copy = try copyRegister(data, to: state, at: path)
        let files = try copySmallFiles(to: state)

        let bids = try Register.loggedBids(data: path)
        let envelopes = try FileCopy.folder(Self.envelopes, in: folder)
        var copies = EnvelopeCopies(from: try data.folder(DataFolder.envelopes), to: envelopes)
        try copies.bring(bids)

        let record = BackupRecord(
            instance: data.instance.id, made: made, state: name, files: files, events: copy.events, bids: Int64(bids.count))
        try folder.sync()
        try folder.replace(BackupRecord.file, with: record.canonicalBytes)
        for old in try folder.list(max: 1000) where old.hasPrefix(Self.prefix) && old != name {
            try FileCopy.removeFolder(old, in: folder)
        }
        try folder.sync()
        return Result(record: record, copied: copies.copied, bytes: copies.bytes, findings: copies.findings)
    }

    private func open() throws(DaemonError) -> DurableFolder {
        do {
            return try DurableFolder.make(path: target)
        } catch where error.isExisting {
            do {
                let folder = try DurableFolder(path: target)
                guard try FileState(target, what: "the folder").mode & 0o077 == 0 else {
                    throw DaemonError("\(target) is open to others", hint: "chmod 700 \(target)")
                }
                let names = try folder.list(max: 1000)
                guard names.allSatisfy({ Self.isOurs($0) }) else {
                    throw DaemonError("\(target) holds something else than backups", hint: "give a folder of its own")
                }
                return folder
            } catch let error as DaemonError {
                throw error
            } catch {
                throw DaemonError("\(target) cannot be opened: \(error)")
            }
        } catch {
            throw DaemonError("\(target) cannot be made: \(error)", hint: "does the folder above it exist, and may you write there?")
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        [BackupRecord.file, ".\(BackupRecord.file).new", envelopes, DataFolder.lock].contains(name) || name.hasPrefix(prefix)
            // Of the file system itself.
            || name == DataFolder.lostAndFound
    }

    private func copyRegister(_ data: DataFolder, to state: DurableFolder, at path: String) throws -> RegisterCopy {
        do {
            let copy = try Register.copy(data: data.path, to: state, at: path)
            try FileCopy.copy("instance.json", from: data.folder, to: state)
            let findings = try Register.findings(data: path)
            guard findings.isEmpty else { throw RegisterError.unreadable("copy of the register", findings[0]) }
            return copy
        } catch let error as RegisterError {
            throw DaemonError(
                "the register of \(data.path) does not hold, and is not copied over a good one: \(error)",
                hint: "`sceaud check` says more; the last backup stays as it is")
        }
    }

    /// Configuration, certificates, the logs' public keys.
    private func copySmallFiles(to state: DurableFolder) throws -> [BackupRecord.File] {
        let text = try FileState.read(file, what: "the configuration", max: JSON5.longest)
        if String(decoding: text, as: UTF8.self).lowercased().contains("pin-value") {
            note("warning: the configuration holds the PIN of a token and is not in the backup: keep a copy with the keys")
        } else {
            try Self.write(DataFolder.configuration, text, in: state)
        }
        let keys = try state.makeFolder(DataFolder.keys)
        for (name, bytes) in try StateFiles.keys(of: configuration) { try Self.write(name, bytes, in: keys) }
        try keys.sync()
        try state.sync()
        var files: [BackupRecord.File] = []
        for entry in try state.list(max: 1000) {
            if let inner = try? state.folder(entry) {
                for name in try inner.list(max: 1000) {
                    let (length, sha256) = try FileCopy.digest(name, in: inner)
                    files.append(.init(path: "\(entry)/\(name)", length: length, sha256: sha256))
                }
            } else {
                let (length, sha256) = try FileCopy.digest(entry, in: state)
                files.append(.init(path: entry, length: length, sha256: sha256))
            }
        }
        return files
    }

    private static func write(_ name: String, _ bytes: [UInt8], in folder: DurableFolder) throws(LinuxError) {
        var file = try folder.create(name)
        try file.write(all: bytes)
        try file.sync()
    }

    /// The certificates of a PEM file: some keep the private key in the same one.
    static func certificatesAlone(_ bytes: [UInt8]) -> [UInt8] {
        var kept = ""
        var isInside = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN CERTIFICATE-----") { isInside = true }
            if isInside { kept += line + "\n" }
            if line.hasPrefix("-----END ") { isInside = false }
        }
        return Array(kept.utf8)
    }
}

extension BackupRecord {
    /// nil where no backup was completed yet.
    static func read(_ folder: DurableFolder) throws -> BackupRecord? {
        do {
            return try BackupRecord(canonical: folder.readAll(file, max: 65_536))
        } catch let error as LinuxError where error.isMissing {
            return nil
        } catch {
            throw DaemonError("backup.json does not read: \(error)")
        }
    }
}

extension Configuration {
    /// The certificates that a vault cannot do without, by the name under which a data folder has them.
    var certificates: [(name: String, path: String)] {
        [
            ("timelock", timeLock.certificate), ("tls", tls.pair.certificate), ("tsa", timestamp.pair.certificate),
            ("tsa-ca", timestamp.authority),
        ] + (recovery.map { [("recovery", $0)] } ?? []) + AddedKeys(self).certificates
    }
}
