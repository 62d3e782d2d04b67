public import Foundation

/// A program that was started, writing to files: a pipe that nobody reads would stop it.
public final class Job {
    public let out: URL
    public let err: URL
    private let process = Process()
    private let ended = Ended()

    /// - Parameter environment: over the caller's own.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], stdin: Data? = nil,
        folder: URL? = nil, out: URL, err: URL
    ) throws {
        guard let path = Shell.find(executable) else {
            throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: executable])
        }
        self.out = out
        self.err = err
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        process.standardOutput = try Self.empty(out)
        process.standardError = try Self.empty(err)
        if let stdin {
            let given = out.appendingPathExtension("stdin")
            try stdin.write(to: given)
            process.standardInput = try FileHandle(forReadingFrom: given)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        process.terminationHandler = { [ended] in
            ended.set($0.terminationReason == .uncaughtSignal ? 128 + $0.terminationStatus : $0.terminationStatus)
        }
        try Self.withoutBlockedSignals { try process.run() }
    }

    /// A child inherits the mask of the thread that starts it, and the threads that tests run on block SIGTERM.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    public var pid: Int32 { process.processIdentifier }
    public var isRunning: Bool { ended.status(within: 0) == nil }

    /// Sends a signal to this process, and to no other: nothing is sent once it has ended.
    public func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    /// The exit status once it ended, or nil after so many seconds.
    public func wait(seconds: Double) -> Int32? { ended.status(within: seconds) }

    private static func empty(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}

/// The end of a process, told by Foundation's thread and awaited by the test's.
private final class Ended: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Int32?  // guarded by `condition`

    func set(_ status: Int32) {
        condition.withLock {
            value = status
            condition.broadcast()
        }
    }

    func status(within seconds: Double) -> Int32? {
        let until = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            while value == nil, condition.wait(until: until) {}
            return value
        }
    }
}
