import Foundation
import Linux
import Merkle
import Procurement
import Records

/// One JSON5 file. Its every key is explained in `Deploy/sceaud.json5` and in the file that `sceaud init` writes.
///
/// An unknown key or a bad value is an error that names the key's path. Relative paths are relative to the file's folder.
struct Configuration: Sendable, Equatable {
    let data: String
    /// Empty where the sockets come from the service manager.
    let listen: [SocketAddress]
    let tls: TLS
    let timeLock: KeyPair
    let logs: LogKeySources
    let timestamp: Timestamp
    let recovery: String?
    /// The folder of the keys that were added since.
    let addedKeys: String
    /// Name of the credential that holds the passphrase of the key files that are encrypted.
    let credential: String?
    let highWater: String
    /// The second folder; nil where there is none.
    let mirror: MirrorFolder?
    let witnesses: [VerifierKey]
    /// Event-loop threads; 0 is one for each processor. Likewise writers.
    let threads: Int
    let writers: Int
    let logLevel: Log.Level
    let timestamps: Timestamps
    /// Where `GET /metrics` is answered, on a loopback address; nil nowhere.
    let metrics: SocketAddress?
    /// What a kernel means whose clock is not synchronised.
    let unsynchronised: ClockJudge.Policy
    let limits: ConfiguredLimits

    struct LogKeySources: Sendable, Equatable {
        let real: KeySource
        let training: KeySource

        func source(of log: Procurement.Log) -> KeySource {
            switch log {
            case .real: real
            case .training: training
            }
        }

        /// Where the log's key is; nil where that is no file.
        func file(of log: Procurement.Log) -> String? {
            guard case .file(let path) = source(of: log) else { return nil }
            return path
        }
    }

    struct KeyPair: Sendable, Equatable {
        let key: KeySource
        let certificate: String
        /// As ``Configuration/credential``.
        var credential: String?
    }

    /// The embedded time-stamping authority: its key, its certificate, and the authority that issued that.
    struct Timestamp: Sendable, Equatable {
        let pair: KeyPair
        let authority: String
    }

    struct MirrorFolder: Sendable, Equatable {
        let path: String
        let whenLost: Mirror.Policy
    }

    struct TLS: Sendable, Equatable {
        enum Minimum: String, Sendable, CaseIterable {
            case tls13 = "1.3"
            case tls12 = "1.2"
        }

        let pair: KeyPair
        let minimum: Minimum
    }

    /// - Parameter file: its path, absolute or relative to the working folder.
    static func read(_ file: String) throws(DaemonError) -> Configuration {
        let path = Configuration.path(file, in: FileManager.default.currentDirectoryPath)
        let bytes: [UInt8]
        do { bytes = try FileState.read(path, what: "the configuration", max: JSON5.longest) } catch {
            throw DaemonError(error.message, hint: "`sceaud init` writes one, as sceaud.json5 in the data folder")
        }
        do {
            return try Configuration(bytes, folder: URL(fileURLWithPath: path).deletingLastPathComponent().path)
        } catch {
            throw DaemonError("\(path): \(error.message)", hint: error.hint, status: error.status)
        }
    }

    init(_ bytes: [UInt8], folder: String) throws(DaemonError) {
        var settings = try Settings(JSON5(reading: bytes))
        data = Self.path(try settings.string("data"), in: folder)
        listen = try settings.list("listen", of: "an address and port, \"192.0.2.1:443\" or \"[2001:db8::1]:443\",", max: 64) {
            SocketAddress($0)
        } ?? []
        var tls = try settings.object("tls")
        var pair = try tls.keyPair(in: folder)
        let minimum = try tls.word("minimum", default: TLS.Minimum.tls13)
        try tls.finish()
        var keys = try settings.object("keys")
        let credential = try keys.credential()
        self.credential = credential
        pair.credential = credential
        self.tls = TLS(pair: pair, minimum: minimum)
        var timeLock = try keys.object("timeLock")
        self.timeLock = try timeLock.keyPair(in: folder, credential)
        try timeLock.finish()
        addedKeys = try keys.optionalString("added").map { Self.path($0, in: folder) }
            ?? URL(fileURLWithPath: self.timeLock.certificate).deletingLastPathComponent().path
        var logs = try keys.object("log")
        self.logs = LogKeySources(
            real: KeySource(try logs.string("real"), relativeTo: folder),
            training: KeySource(try logs.string("training"), relativeTo: folder))
        try logs.finish()
        var timestamp = try keys.object("timestamp")
        self.timestamp = Timestamp(
            pair: try timestamp.keyPair(in: folder, credential), authority: Self.path(try timestamp.string("authority"), in: folder))
        try timestamp.finish()
        recovery = try keys.optionalString("recovery").map { Self.path($0, in: folder) }
        try keys.finish()
        highWater = Self.path(try settings.optionalString("highWater") ?? "high-water", in: folder)
        if var mirror = try settings.optionalObject("mirror") {
            let path = Self.path(try mirror.string("folder"), in: folder)
            guard path != data, !path.hasPrefix(data + "/"), !data.hasPrefix(path + "/") else {
                throw mirror.bad("folder", "it lies in the data folder, or around it", hint: "a mirror belongs on another disk")
            }
            self.mirror = MirrorFolder(path: path, whenLost: try mirror.word("whenLost", default: .alarm))
            try mirror.finish()
        } else {
            mirror = nil
        }
        witnesses = try settings.list("witnesses", of: "a witness's verifier key, \"NAME+0123abcd+B…\",", max: 16) {
            guard let key = try? VerifierKey($0), key.kind == .cosignature else { return nil }
            return key
        } ?? []
        threads = Int(try settings.integer("threads", in: 0...256, default: 0))
        writers = Int(try settings.integer("writers", in: 0...256, default: 0))
        logLevel = try settings.word("logLevel", default: .info)
        if let timestamps = try settings.optionalObject("timestamps") {
            self.timestamps = try Timestamps(timestamps, in: folder)
        } else {
            timestamps = Timestamps()
        }
        metrics = try settings.optionalString("metrics").map { (text) throws(DaemonError) in
            guard let address = SocketAddress(text), address.isLoopback else {
                throw settings.bad("metrics", "a loopback address and port, \"127.0.0.1:9464\", is expected")
            }
            return address
        }
        if var clock = try settings.optionalObject("clock") {
            unsynchronised = try clock.word("unsynchronised", default: .alarm)
            try clock.finish()
        } else {
            unsynchronised = .alarm
        }
        if let limits = try settings.optionalObject("limits") {
            self.limits = try ConfiguredLimits(limits)
        } else {
            limits = ConfiguredLimits()
        }
        try settings.finish()
    }

    static func path(_ text: String, in folder: String) -> String {
        text.hasPrefix("/") ? text : URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: folder, isDirectory: true)).path
    }
}

extension Settings {
    /// `key` and `certificate`, both required.
    fileprivate mutating func keyPair(in folder: String, _ credential: String? = nil) throws(DaemonError) -> Configuration.KeyPair {
        let key = KeySource(try string("key"), relativeTo: folder)
        return Configuration.KeyPair(
            key: key, certificate: Configuration.path(try string("certificate"), in: folder), credential: credential)
    }

    /// A name in `$CREDENTIALS_DIRECTORY`, and no path.
    fileprivate mutating func credential() throws(DaemonError) -> String? {
        guard let name = try optionalString("credential") else { return nil }
        guard name.utf8.count <= 255, name != ".", name != "..", !name.contains("/") else {
            throw bad("credential", "the name of a systemd credential is expected, no path")
        }
        return name
    }
}

extension Configuration {
    private static var processors: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    var loopThreads: Int { threads == 0 ? Self.processors : threads }
    var writerThreads: Int { writers == 0 ? Self.processors : writers }

    /// Names of keys that differ in `new` and are read at the start only.
    func restartKeys(changedIn new: Configuration) -> [String] {
        var changed: [String] = []
        if data != new.data { changed.append("data") }
        if listen != new.listen { changed.append("listen") }
        if logs != new.logs { changed.append("keys.log") }
        if timestamps != new.timestamps { changed.append("timestamps") }
        if highWater != new.highWater { changed.append("highWater") }
        if mirror != new.mirror { changed.append("mirror") }
        if witnesses != new.witnesses { changed.append("witnesses") }
        if unsynchronised != new.unsynchronised { changed.append("clock") }
        if metrics != new.metrics { changed.append("metrics") }
        if threads != new.threads { changed.append("threads") }
        if writers != new.writers { changed.append("writers") }
        if limits.deposit != new.limits.deposit { changed.append("limits of bids, uploads and the disk") }
        return changed
    }
}
