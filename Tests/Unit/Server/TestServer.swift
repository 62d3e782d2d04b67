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
    private let tls: TLSContext?
    private let limits: ConnectionLimits
    private let time = Monitor(Time())
    private var isRunning = true

    private struct Time {
        var milliseconds: Int64 = 1_000_000
        /// How often the loops looked: once a turn.
        var looks = 0
    }

    static let limits = ConnectionLimits(
        connections: 100, connectionsPerAddress: 50, trustedAddresses: [], reservedDescriptors: 50, headBytes: 16 * 1024,
        headFields: 64, handshakeSeconds: 10, headSeconds: 10, keepAliveSeconds: 30, idleBodySeconds: 60,
        slowestBodyRate: 1024, slowestSeconds: 60, writeSeconds: 60, lingerSeconds: 5, lingerBytes: 2 * 1024 * 1024,
        readingThreads: 1)

    init(
        tls: TLSContext? = nil, limits: ConnectionLimits = TestServer.limits, threads: Int = 1,
        more listeners: [Listener] = []
    ) throws {
        self.tls = tls
        self.limits = limits
        let time = self.time
        let listener = try Listener.tcp(SocketAddress(bytes: [127, 0, 0, 1], port: 0))
        server = try HTTPServer(
            application: application, listeners: [listener] + listeners, tls: tls, limits: limits, threads: threads,
            clock: {
                time.change {
                    $0.looks += 1
                    return $0.milliseconds
                }
            })
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
            while done.wait(milliseconds: 5, for: { $0 ? true : nil }) == nil { time.change { $0.milliseconds += 1000 } }
        }
        server.stop(within: seconds)
        done.change { $0 = true }
        mover?.join()
    }

    func advance(seconds: Int64) {
        time.change { $0.milliseconds += seconds * 1000 }
    }

    /// Returns when the (one) loop has dealt with all that was sent or connected before.
    func settle() {
        // A look is between a turn's events and their handling: at the third, those of the second are handled.
        for _ in 0..<3 {
            let before = time.change { $0.looks }
            // A message wakes the loop if it sleeps; this one changes nothing.
            repeat {
                try? server.reload(tls: tls, limits: limits)
            } while time.wait(milliseconds: 2) { $0.looks > before ? true : nil } == nil
        }
    }

    /// Waits until what the application saw satisfies `condition`; a minute's patience, then false.
    func waits(until condition: (TestApplication.Seen) -> Bool) -> Bool {
        application.seen.wait(milliseconds: 60_000) { condition($0) ? true : nil } ?? false
    }

    var looks: Int { time.change { $0.looks } }

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
