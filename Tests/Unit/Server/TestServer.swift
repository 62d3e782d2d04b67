import Foundation
import HTTP
import Linux
import OpenSSL
import Server

/// A server on a free loopback port, with a clock that only the test moves.
final class TestServer {
    let application = TestApplication()
    let server: HTTPServer
    let port: UInt16
    private let time = Monitor<Int64>(1_000_000)
    private var isRunning = true

    static let limits = ConnectionLimits(
        connections: 100, connectionsPerAddress: 50, trustedAddresses: [], reservedDescriptors: 50, headBytes: 16 * 1024,
        headFields: 64, handshakeSeconds: 10, headSeconds: 10, keepAliveSeconds: 30, idleBodySeconds: 60,
        slowestBodyRate: 1024, slowestSeconds: 60, writeSeconds: 60, lingerSeconds: 5, lingerBytes: 2 * 1024 * 1024,
        readingThreads: 1)

    init(
        tls: TLSContext? = nil, limits: ConnectionLimits = TestServer.limits, threads: Int = 1,
        more listeners: [Listener] = []
    ) throws {
        let time = self.time
        let listener = try Listener.tcp(SocketAddress(bytes: [127, 0, 0, 1], port: 0))
        server = try HTTPServer(
            application: application, listeners: [listener] + listeners, tls: tls, limits: limits, threads: threads,
            clock: { time.change { $0 } })
        try server.start()
        port = server.ports[0]
    }

    deinit { stop() }

    func stop(within seconds: Int = 0) {
        guard isRunning else { return }
        isRunning = false
        // A connection that does not end by itself is ended by time, which must pass for that.
        let done = Monitor(false)
        let time = self.time
        let mover = try? OSThread.start(name: "time") {
            while done.wait(milliseconds: 5, for: { $0 ? true : nil }) == nil { time.change { $0 += 1000 } }
        }
        server.stop(within: seconds)
        done.change { $0 = true }
        mover?.join()
    }

    func advance(seconds: Int64) {
        time.change { $0 += seconds * 1000 }
    }

    /// Waits until what the application saw satisfies `condition`; a minute's patience, then false.
    func waits(until condition: (TestApplication.Seen) -> Bool) -> Bool {
        application.seen.wait(milliseconds: 60_000) { condition($0) ? true : nil } ?? false
    }

    var seen: TestApplication.Seen { application.seen.change { $0 } }

    func connect() throws -> RawClient { try RawClient(port: port) }
}

/// A folder with a certificate for `localhost` and 127.0.0.1, made by the openssl command.
final class TestCertificate: Sendable {
    let folder: String
    var chain: String { folder + "/tls.crt" }
    var key: String { folder + "/tls.pem" }

    static let shared = try! TestCertificate()

    init() throws {
        folder = NSTemporaryDirectory() + "sceau-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let result = try Command.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", chain)
        precondition(result.status == 0, result.errors)
        atexit { try? FileManager.default.removeItem(atPath: TestCertificate.shared.folder) }
    }

    func server(_ minimum: TLSContext.Version = .tls13) throws -> TLSContext {
        try TLSContext(chainFile: chain, keyFile: key, minimum: minimum)
    }
}
