public import Foundation

/// A wall clock for one daemon, and for those who work with it, set by a test: faketime(1)'s library, which leaves the raw clock alone.
public struct FakedTime {
    private let file: String
    private let library: String

    /// - Throws: where the library is not there: `Deploy/setup --tests` installs it.
    public init(in folder: TemporaryFolder) throws {
        let found = try Shell.check("sh", ["-c", "faketime -m -f +0 printenv LD_PRELOAD"]).line
        library = found
        file = try folder.write("offset", Data("+0\n".utf8))
    }

    var environment: [String: String] {
        // Names of its shared memory, which it would else add to the environment itself: Swift's runtime then finds no
        // arguments any more.
        let shared = UUID().uuidString
        return [
            "FAKETIME_SHARED": "sceau.sem.\(shared) sceau.shm.\(shared)",
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        ]
    }

    /// Whether a program that ended at once with these words did so for the library's sake: it does not always find the semaphore
    /// that it has just made. Another start does.
    func hasFailed(_ log: String) -> Bool { log.contains("ft_shm_init") }

    /// Seconds that the clock is away from the host's.
    public var seconds: Int {
        (try? String(contentsOfFile: file, encoding: .utf8)).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }

    /// Runs a program by this clock, to its end.
    public func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], stdin: Data? = nil, folder: URL? = nil,
        timeout: Double = 120
    ) throws -> Outcome {
        for _ in 0..<20 {
            let outcome = try Shell.run(
                executable, arguments, environment: environment.merging(self.environment) { $1 }, stdin: stdin, folder: folder, timeout: timeout)
            if !hasFailed(outcome.err) { return outcome }
        }
        throw CocoaError(.executableNotLoadable)
    }

    /// Starts a program by this clock. It is watched for a moment, for the library's sake.
    public func start(_ make: ([String: String]) throws -> Job) throws -> Job {
        for _ in 0..<20 {
            let job = try make(environment)
            _ = job.wait(seconds: 0.3)
            guard hasFailed((try? String(contentsOf: job.err, encoding: .utf8)) ?? "") else { return job }
            job.signal(SIGKILL)
            _ = job.wait(seconds: 10)
        }
        throw CocoaError(.executableNotLoadable)
    }

    /// Seconds that the daemon's clock is away from the host's, from now on.
    public func set(_ seconds: Int) throws {
        try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: URL(filePath: file), options: .atomic)
    }
}
