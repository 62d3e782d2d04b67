import Canonical
import Evidence
import Foundation
import Linux
import OpenSSL
import Procurement
import Reception
import Records

/// `sceaud init`: everything that a data folder is, made once, with nothing in it that was there before.
///
/// What can be refused is refused before the first byte is written. `instance.json` comes with the register, after keys
/// and configuration, so that a folder left half made by a full disk is not taken for a whole one.
struct Initialisation {
    let data: String
    let name: String
    let hosts: [String]
    let listen: [SocketAddress]
    let recovery: Certificate?
    let now = Instant(milliseconds: Clocks.realtimeMilliseconds())

    init(_ arguments: Arguments) throws(DaemonError) {
        data = Configuration.path(arguments.required("data"), in: FileManager.default.currentDirectoryPath)
        name = arguments.required("name")
        guard name.utf8.count <= 400, !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .usage("--name is at most 400 bytes long, without control characters")
        }
        let hosts = arguments.values("host")
        self.hosts = hosts.isEmpty ? ["localhost", "127.0.0.1", "::1"] : hosts
        var listen: [SocketAddress] = []
        for text in arguments.has("listen") ? arguments.values("listen") : ["127.0.0.1:8443"] {
            listen.append(try Listening.address(text))
        }
        self.listen = listen
        switch (arguments.value("recovery"), arguments.has("no-recovery")) {
        case (let file?, false): recovery = try RecoveryCertificate.read(file, now: now.second)
        case (nil, true): recovery = nil
        case (nil, false):
            throw .usage(
                "neither --recovery nor --no-recovery is given",
                hint: "--recovery FILE names the certificate of a key kept offline, which opens if this host is lost; --no-recovery does without")
        case (_?, true): throw .usage("--recovery and --no-recovery exclude each other")
        }
    }

    /// - Returns: the token of the first admin.
    func run() throws -> String {
        let folder = try makeFolder()
        do {
            let keys = try folder.makeFolder(DataFolder.keys)
            let instance = Instance(id: Identifier(random: try Random.sixteen()), name: name, created: now)
            try makeKeys(of: instance, in: keys)
            let logKeys = try makeLogKeys(of: instance, in: keys)
            try folder.makeFolder(DataFolder.envelopes)
            try folder.makeFolder(DataFolder.drafts)
            try folder.makeFolder(DataFolder.lostAndFound)
            try write(
                DataFolder.configuration,
                WrittenConfiguration.text(listen: listen, hasRecovery: recovery != nil), in: folder)
            try folder.sync()
            return try makeRegister(instance, logKeys)
        } catch {
            throw DaemonError(
                "the data folder \(data) could not be made: \(error)",
                hint: "what is there is incomplete and holds nothing: remove it, and try again")
        }
    }

    /// An empty folder may be there already: a service's user can rarely make one in /var/lib.
    private func makeFolder() throws(DaemonError) -> DurableFolder {
        do {
            return try DurableFolder.make(path: data)
        } catch where error.isExisting {
            guard let folder = try? DurableFolder(path: data), (try? folder.list(max: 1))?.isEmpty == true else {
                throw DaemonError(
                    "\(data) is there already, and is not an empty folder",
                    hint: "`sceaud init` makes a new data folder only; `sceaud run --config \(data)/sceaud.json5` uses one")
            }
            guard try FileState(data, what: "the folder").mode & 0o077 == 0 else {
                throw DaemonError("\(data) is open to others", hint: "chmod 700 \(data)")
            }
            return folder
        } catch {
            throw DaemonError("\(data) cannot be made: \(error)", hint: "does the folder above it exist, and may you write there?")
        }
    }

    private func makeKeys(of instance: Instance, in folder: DurableFolder) throws {
        try write(KeyMaking.timeLock(now: now.second), "timelock", in: folder)
        try write(KeyMaking.tls(hosts: hosts, now: now.second), "tls", in: folder)
        // The authority's own key stays beside it, so that a certificate can be renewed without a new authority; it may be moved away, for
        // nothing that runs reads it.
        let authority = try KeyMaking.authority(name, instance: instance.id, now: now.second)
        try write(
            KeyMaking.timestamp(name, issuer: authority.certificate, signedWith: authority.key, now: now.second), "tsa", in: folder)
        try write(authority, "tsa-ca", in: folder)
        if let recovery { try KeyWriting.write(recovery, as: "recovery.crt", in: folder) }
        try folder.sync()
    }

    private func write(_ pair: borrowing KeyMaking.Pair, _ name: String, in folder: DurableFolder) throws {
        try KeyWriting.write(pair.key, as: name + ".key", in: folder, credential: nil)
        try KeyWriting.write(pair.certificate, as: name + ".crt", in: folder)
    }

    private func write(_ name: String, _ text: String, in folder: DurableFolder) throws(LinuxError) {
        var file = try folder.create(name)
        try file.write(all: Array(text.utf8))
        try file.sync()
    }

    private func makeLogKeys(of instance: Instance, in folder: DurableFolder) throws -> LogKeys {
        let keys = LogKeys(
            real: try LogKeyFiles.make(in: folder, as: LogKeyFiles.file(.real)),
            training: try LogKeyFiles.make(in: folder, as: LogKeyFiles.file(.training)))
        for log in Procurement.Log.allCases {
            try LogKeyFiles.publish(try keys.verifier(of: log, instance: instance.id), log, in: folder)
        }
        return keys
    }

    private func makeRegister(_ instance: Instance, _ keys: LogKeys) throws -> String {
        let surroundings = Surroundings(clock: .system, keys: keys)
        try Register.create(data: data, instance: instance, surroundings)
        let register = try Register(data: data, limits: DefaultLimits.register, surroundings)
        defer { register.stop() }
        let token = try BearerToken.make()
        let account = Identifier(random: try Random.sixteen())
        let admin = Identifier(random: try Random.sixteen())
        _ = try register.commit { transaction in
            [
                EventDraft(
                    log: .real, fact: AccountCreated(account: account, kind: .holder, name: name, registration: nil)),
                EventDraft(
                    log: .real,
                    fact: UserAdded(
                        user: admin, account: account, roles: [.admin],
                        person: try transaction.keep(Person(name: "admin")))),
                EventDraft(log: .real, fact: TokenIssued(user: admin, token: token.digest)),
            ]
        }
        return token.text
    }
}
