import Canonical
import Foundation
import Linux
import OpenSSL
import Portal
import Procurement
import Reception
import Records
import Server

/// `sceaud run`: from the lock on the data folder to the last commit.
struct Daemon {
    let file: String
    let configuration: Configuration
    /// Of the command line, in place of the configuration's.
    let listen: [SocketAddress]
    let log: Log

    init(_ arguments: Arguments) throws(DaemonError) {
        file = arguments.required("config")
        configuration = try Configuration.read(file)
        var listen: [SocketAddress] = []
        for text in arguments.values("listen") { listen.append(try Listening.address(text)) }
        self.listen = listen.isEmpty ? configuration.listen : listen
        log = Log(configuration.logLevel)
    }

    func run() throws -> ExitStatus {
        // First of all, before any thread exists: threads inherit the mask, and keys must never reach a core file.
        let signals = try Signals()
        Allocator.keepFreedMemory()
        let inherited = try InheritedSockets.take()
        try ProcessProtection.forbidDumps()
        if (try? ProcessProtection.lockMemory()) != true { log.debug("memory is not locked: keep swap off or encrypted") }

        let data = try DataFolder(configuration.data)
        guard let lock = try data.locked(within: DefaultLimits.startWait) else {
            throw DaemonError(
                "another sceaud runs on \(data.path)", hint: "one daemon a data folder; stop the other one first")
        }
        let tls = try tlsContext(configuration)
        let listening = try Listening(inherited: inherited, addresses: listen, socket: data.socket)
        let opened = try OpenedVault(configuration, file: file, data, log: log)
        if opened.recovery.beyondMark > 0 {
            log.info("\(opened.recovery.beyondMark) events of the last run were committed and not marked; they are now")
        }
        if opened.recovery.viewsRebuilt { log.info("the views were folded anew from the events") }
        try serve(opened, listening, tls, signals)
        try? data.folder.unlink(DataFolder.socket)
        _ = consume lock
        return .done
    }

    private func serve(
        _ opened: OpenedVault, _ listening: borrowing Listening, _ tls: TLSContext, _ signals: borrowing Signals
    ) throws {
        let vault = opened.vault
        try vault.start()
        defer { vault.stop() }
        let portal = FrontDesk(vault: vault, publicLimits: PublicLimits(configuration.limits.published), keys: opened.keys)
        let server: HTTPServer
        do {
            server = try HTTPServer(
                application: portal, listeners: listening.listeners, tls: tls, limits: configuration.limits.connection,
                threads: configuration.loopThreads)
            try server.start()
        } catch ServerError.descriptors(let needed, let available) {
            throw DaemonError(
                "\(needed) descriptors are needed, and this process may have \(available)",
                hint: "raise LimitNOFILE (ulimit -n), or lower limits.connections")
        }
        // What a rotation puts into use at once.
        opened.keys.serve { [self] in
            let new = try Configuration.read(file)
            try server.reload(tls: tlsContext(new), limits: new.limits.connection)
        }
        let metrics = try configuration.metrics.map { try metricsServer(vault, at: $0) }
        let probe = HealthProbe(socket: configuration.data + "/" + DataFolder.socket)
        try vault.startWatching { probe.isAnswered() }
        for address in listening.addresses { Log.line("listening on \(address)") }
        Systemd.notify(.ready)
        while case .hangUp = try signals.next() { reload(server, opened.keys) }
        log.info("stopping")
        Systemd.notify(.stopping)
        vault.stopWatching()
        metrics?.stop(within: 0)
        server.stop(within: DefaultLimits.stopSeconds)
    }

    /// Plain HTTP for the host's own collector, apart from the API: its few connections take nothing from bidders.
    private func metricsServer(_ vault: Vault, at address: SocketAddress) throws -> HTTPServer {
        var limits = configuration.limits.connection
        limits.connections = 16
        limits.connectionsPerAddress = 16
        limits.reservedDescriptors = 0
        do {
            let listener = try Listener.tcp(address, secure: false)
            let server = try HTTPServer(
                application: MetricsDesk(vault: vault), listeners: [listener], tls: nil, limits: limits, threads: 1)
            try server.start()
            log.info("metrics on \(SocketAddress(bytes: address.bytes, port: listener.port ?? address.port))")
            return server
        } catch {
            throw DaemonError("the metrics' address \(address) cannot be listened to: \(error)", hint: "set `metrics` to another, or leave it out")
        }
    }

    private func tlsContext(_ configuration: Configuration) throws -> TLSContext {
        let now = WallClock.system.now.second
        let files = try KeyFiles(configuration.tls.pair, for: .tls, now: now)
        return try files.key.pem().withBytes { key in
            try TLSContext(
                chainPEM: files.chain.span, keyPEM: key,
                minimum: configuration.tls.minimum == .tls13 ? .tls13 : .tls12)
        }
    }

    /// SIGHUP: keys, connection limits and log level, for the connections to come. What is wrong leaves
    /// everything as it was.
    private func reload(_ server: HTTPServer, _ keys: KeyKeeper) {
        do {
            let new = try Configuration.read(file)
            let tls = try tlsContext(new)
            try keys.reload(new)
            try server.reload(tls: tls, limits: new.limits.connection)
            log.level = new.logLevel
            log.info("keys, connection limits and log level were read again")
            let waiting = configuration.restartKeys(changedIn: new)
            if !waiting.isEmpty { log.warning("read at the next start only: \(waiting.joined(separator: ", "))") }
        } catch let error as DaemonError {
            log.error("nothing was read again: \(error.message)")
            if let hint = error.hint { log.error("hint: \(hint)") }
        } catch {
            log.error("nothing was read again: \(error)")
        }
    }
}
