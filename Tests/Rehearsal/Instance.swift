public import Foundation

/// A daemon of one's own: made by `sceaud init` in a temporary folder, on a free port of the loopback, ended with the object.
public final class Instance {
    public struct Unready: Error, CustomStringConvertible { public let description: String }

    public let folder: TemporaryFolder
    public let data: String
    public let config: String
    public let ca: String
    public let adminToken: String
    public private(set) var port = 0
    private var job: Job?
    private var starts = 0
    /// By which its people live, too; nil for the host's own.
    public private(set) var time: FakedTime?
    /// Now, by that clock.
    public var now: Date { Date(timeIntervalSinceNow: Double(time?.seconds ?? 0)) }

    /// Makes the data folder and does not start. `arguments` go to `sceaud init` behind the usual ones.
    public init(
        name: String = "Agglomération d'essai", recovery: String? = nil, data place: String? = nil, arguments: [String] = []
    ) throws {
        folder = try TemporaryFolder()
        data = place ?? folder.path("data")
        config = data + "/sceaud.json5"
        ca = data + "/keys/tls.crt"
        let told = try Shell.check(
            Checkout.binary("sceaud"),
            ["init", "--data", data, "--name", name, "--host", "localhost", "--listen", "127.0.0.1:0"]
                + (recovery.map { ["--recovery", $0] } ?? ["--no-recovery"]) + arguments)
        adminToken = told.line
    }

    /// One whose data folder somebody made with `sceaud init`, and which does not run.
    public init(adopting data: String) throws {
        folder = try TemporaryFolder()
        self.data = data
        config = data + "/sceaud.json5"
        ca = data + "/keys/tls.crt"
        adminToken = ""
    }

    deinit { kill() }

    /// Adds a line to the configuration, for the next start or SIGHUP.
    public func configure(_ line: String) throws {
        let text = try String(contentsOfFile: config, encoding: .utf8)
        guard let end = text.lastIndex(of: "}") else { throw Unready(description: "no configuration to add to") }
        try (text[..<end] + "    \(line)\n}\n").write(toFile: config, atomically: false, encoding: .utf8)
    }

    /// From the next start on it listens where it listens now: a client that goes on over a restart finds it again.
    public func keepPort() throws {
        let text = try String(contentsOfFile: config, encoding: .utf8)
        try text.replacing("127.0.0.1:0", with: "127.0.0.1:\(port)").write(toFile: config, atomically: false, encoding: .utf8)
    }

    public var url: String { "https://localhost:\(port)" }
    public var pid: Int32? { job.flatMap { $0.isRunning ? $0.pid : nil } }
    public var isRunning: Bool { job?.isRunning ?? false }
    /// All that the daemon said on stderr since its last start.
    public var log: String {
        job.flatMap { try? String(contentsOf: $0.err, encoding: .utf8) } ?? ""
    }

    /// Starts the daemon and waits for its ready line. `wrapper` is a program that is to start it, such as strace with its options;
    /// `time` is the wall clock that it sees.
    public func start(
        wrapper: [String] = [], environment: [String: String] = [:], arguments: [String] = [], time: FakedTime? = nil,
        timeout: Double = 60
    ) throws {
        starts += 1
        self.time = time
        let command = wrapper + [Checkout.binary("sceaud"), "run", "--config", config] + arguments
        let job = try Job(
            command[0], Array(command.dropFirst()), environment: environment.merging(time?.environment ?? [:]) { $1 },
            out: folder.url.appending(path: "run-\(starts).out"), err: folder.url.appending(path: "run-\(starts).err"))
        self.job = job
        let until = Date(timeIntervalSinceNow: timeout)
        while true {
            if let port = log.firstMatch(of: #/listening on 127\.0\.0\.1:(\d+)/#).flatMap({ Int($0.1) }) {
                self.port = port
                return
            }
            if let status = job.wait(seconds: 0.02) {
                if let time, time.hasFailed(log), starts < 20 {
                    return try start(
                        wrapper: wrapper, environment: environment, arguments: arguments, time: time, timeout: timeout)
                }
                throw Unready(description: "sceaud ended with \(status) before it was ready: \(log)")
            }
            if Date() > until {
                kill()
                throw Unready(description: "sceaud said no ready line: \(log)")
            }
        }
    }

    /// SIGTERM, and its exit status.
    @discardableResult
    public func stop(timeout: Double = 60) throws -> Int32 {
        guard let job else { return 0 }
        job.signal(SIGTERM)
        guard let status = job.wait(seconds: timeout) else {
            kill()
            throw Unready(description: "sceaud did not end on SIGTERM: \(log)")
        }
        return status
    }

    /// SIGKILL, at once.
    public func kill() {
        job?.signal(SIGKILL)
        _ = job?.wait(seconds: 10)
    }

    public func signal(_ number: Int32) { job?.signal(number) }

    /// The status of a daemon that ends by itself.
    public func wait(seconds: Double) -> Int32? { job?.wait(seconds: seconds) }

    /// A new user's token.
    public func addUser(_ name: String, role: String, account: String? = nil, siret: String? = nil) throws -> String {
        try Shell.check(
            Checkout.binary("sceaud"),
            ["admin", "user", "add", "--config", config, "--name", name, "--role", role]
                + (account.map { ["--account", $0] } ?? []) + (siret.map { ["--siret", $0] } ?? [])
        ).line
    }

    /// The paths of all files of the envelope store, from its top.
    public func envelopeFiles() -> [String] {
        (FileManager.default.enumerator(atPath: data + "/envelopes")?.compactMap { $0 as? String } ?? [])
            .filter { (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/envelopes/\($0)")) == nil }
            .sorted()
    }
}
