public import Foundation

/// What a program did: its exit status (128 + the signal's number if one ended it) and all it wrote.
public struct Outcome: Sendable, CustomStringConvertible {
    public let status: Int32
    public let out: Data
    public let err: String

    public init(status: Int32, out: Data, err: String) {
        self.status = status
        self.out = out
        self.err = err
    }

    public var text: String { String(decoding: out, as: UTF8.self) }
    /// The output without its last line feed, as a shell's `$(…)` gives it.
    public var line: String {
        var lines = Substring(text)
        while lines.last == "\n" { lines.removeLast() }
        return String(lines)
    }

    public var description: String { "status \(status)\n\(text.suffix(2000))\n\(err.suffix(2000))" }
}

/// Runs real programs, each to its end and within a bound: one that hangs fails the test that started it and nothing else.
public enum Shell {
    public struct Failed: Error, CustomStringConvertible {
        public let command: String
        public let outcome: Outcome?

        public init(command: String, outcome: Outcome?) {
            self.command = command
            self.outcome = outcome
        }

        public var description: String { "\(command): \(outcome.map { "\($0)" } ?? "did not end in time")" }
    }

    /// Runs `executable` (a path, or a name looked up on the PATH). The environment is the caller's, with `environment` over it.
    ///
    /// - Throws: `Failed` without an outcome when it did not end within `timeout` seconds; it is then killed.
    public static func run(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], stdin: Data? = nil,
        folder: URL? = nil, timeout: Double = 120
    ) throws -> Outcome {
        let scratch = try TemporaryFolder()
        let job = try Job(
            executable, arguments, environment: environment, stdin: stdin, folder: folder,
            out: scratch.url.appending(path: "out"), err: scratch.url.appending(path: "err"))
        guard let status = job.wait(seconds: timeout) else {
            job.signal(SIGKILL)
            _ = job.wait(seconds: 10)
            throw Failed(command: "\(executable) \(arguments.joined(separator: " "))", outcome: nil)
        }
        return Outcome(
            status: status, out: try Data(contentsOf: job.out),
            err: String(decoding: try Data(contentsOf: job.err), as: UTF8.self))
    }

    /// As `run`, and throws unless the exit status is 0.
    @discardableResult
    public static func check(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], stdin: Data? = nil,
        folder: URL? = nil, timeout: Double = 120
    ) throws -> Outcome {
        let outcome = try run(
            executable, arguments, environment: environment, stdin: stdin, folder: folder, timeout: timeout)
        guard outcome.status == 0 else {
            throw Failed(command: "\(executable) \(arguments.joined(separator: " "))", outcome: outcome)
        }
        return outcome
    }

    /// The path of a program, looked up as a shell would.
    public static func find(_ name: String) -> String? {
        if name.contains("/") { return name }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin"])
            .map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
