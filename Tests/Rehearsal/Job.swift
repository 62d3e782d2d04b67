public import Foundation

/// A program that was started, with its output in files: a pipe that nobody reads would stop it.
///
/// Started by posix_spawn(3) rather than by Foundation's `Process`, which leaks descriptors until, after some hundred programs,
/// its select(2) writes beyond its set.
public final class Job: Sendable {
    public let out: URL
    public let err: URL
    public let pid: Int32
    private let end: JobEnd

    /// - Parameter environment: over the caller's own.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], stdin: Data? = nil,
        folder: URL? = nil, out: URL, err: URL
    ) throws {
        guard let path = Shell.find(executable) else { throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: executable]) }
        self.out = out
        self.err = err
        var input = "/dev/null"
        if let stdin {
            let given = out.appendingPathExtension("stdin")
            try stdin.write(to: given)
            input = given.path(percentEncoded: false)
        }
        // env(1) changes the folder and becomes the program: the same process.
        let move = folder.map { ["/usr/bin/env", "-C", $0.path(percentEncoded: false)] } ?? []
        pid = try Self.spawn(
            move + [path] + arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, input: input,
            output: out.path(percentEncoded: false), error: err.path(percentEncoded: false))
        end = JobEnd(of: pid)
        RunningJobs.shared.add(end)
        Thread.detachNewThread { [end] in end.await() }
    }

    public var isRunning: Bool { end.status(within: 0) == nil }

    /// Sends a signal to this process, and to no other: nothing is sent once it has ended.
    public func signal(_ number: Int32) { end.signal(number) }

    /// The exit status (128 + the signal's number, if one ended it), or nil after so many seconds.
    public func wait(seconds: Double) -> Int32? { end.status(within: seconds) }

    private static func spawn(
        _ words: [String], environment: [String: String], input: String, output: String, error: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

        // The threads that tests run on block SIGTERM, and a child inherits that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, words[0], &actions, &attributes, arguments, variables)
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EINVAL) }
        return pid
    }
}
