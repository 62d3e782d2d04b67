import Foundation
import Glibc
import Linux
import Rehearsal

/// Faults in the system calls of chosen threads of a running daemon, by `strace --inject` (which `Deploy/setup --tests`
/// installs). A daemon forbids dumps of itself, so whoever attaches must be root.
///
/// strace counts the calls of each thread apart and from the moment it is attached. So `fsync:error=EIO:when=2` of the writers
/// is the second file that a writer syncs from now on, and nobody else's.
final class Strace {
    struct Unattached: Error, CustomStringConvertible { let description: String }

    private let job: Job
    private let folder: TemporaryFolder

    /// - Parameters:
    ///   - threads: how the names of the threads begin: `writer`, `scribe`.
    ///   - inject: as strace takes it, `fsync:error=EIO:when=1`.
    init(_ instance: Rehearsal.Instance, threads: String, inject: [String]) throws {
        guard let pid = instance.pid else { throw Unattached(description: "the daemon does not run") }
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").filter {
            let name = try? String(contentsOfFile: "/proc/\(pid)/task/\($0)/comm", encoding: .utf8)
            return name?.hasPrefix(threads) ?? false
        }
        guard !tasks.isEmpty else { throw Unattached(description: "no thread is called \(threads)") }
        folder = try TemporaryFolder()
        let calls = Set(inject.map { String($0.prefix { $0 != ":" }) }).joined(separator: ",")
        let command =
            (geteuid() == 0 ? [] : ["sudo", "-n"]) + ["strace", "-e", "trace=\(calls)", "-o", folder.path("trace")]
            + inject.flatMap { ["-e", "inject=\($0)"] } + tasks.flatMap { ["-p", $0] }
        job = try Job(
            command[0], Array(command.dropFirst()), out: folder.url.appending(path: "out"),
            err: folder.url.appending(path: "err"))
        let until = Date(timeIntervalSinceNow: 30)
        while said.matches(of: #/attached/#).count < tasks.count {
            guard job.wait(seconds: 0.01) == nil, Date() < until else {
                throw Unattached(description: "strace does not attach (it is installed by Deploy/setup --tests, and must be root): \(said)")
            }
        }
    }

    private var said: String { (try? String(contentsOf: job.err, encoding: .utf8)) ?? "" }

    /// Lets the daemon go, and gives what its threads did, a call a line; injected ones say `(INJECTED)`.
    @discardableResult
    func end() throws -> String {
        job.signal(SIGINT)
        guard job.wait(seconds: 30) != nil else { throw Unattached(description: "strace does not let go") }
        return try String(contentsOfFile: folder.path("trace"), encoding: .utf8)
    }
}
