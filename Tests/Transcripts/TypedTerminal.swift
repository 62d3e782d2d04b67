import Foundation
import Rehearsal

/// A script at a terminal of its own, and somebody who types there what it asks for.
enum TypedTerminal {
    /// - Parameter answers: in order, each typed once its question stands on the terminal.
    /// - Returns: its output; as `err`, what stood on the terminal.
    /// - Throws: when it has not ended after `timeout` seconds; it is then killed.
    static func run(
        _ script: String, answers: [(question: String, typed: String)], environment: [String: String], folder: URL, timeout: Double = 120
    ) throws -> Outcome {
        // As posix_openpt(3) and its like do it, which Swift does not see: TIOCSPTLCK opens the lock, TIOCGPTN tells the number.
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        guard terminal >= 0 else { throw CocoaError(.featureUnsupported) }
        defer { close(terminal) }
        var (locked, number): (Int32, Int32) = (0, 0)
        guard ioctl(terminal, 0x4004_5431, &locked) == 0, ioctl(terminal, 0x8004_5430, &number) == 0 else {
            throw CocoaError(.featureUnsupported)
        }
        let path = "/dev/pts/\(number)"
        let scratch = try TemporaryFolder()
        let job = try Job(
            "bash", ["-c", "exec setsid --ctty --wait bash -euc \"$0\" <\"$1\" 2>\"$1\"", script, path], environment: environment, folder: folder,
            out: scratch.url.appending(path: "out"), err: scratch.url.appending(path: "err"))
        var (said, seen, left) = ([UInt8](), 0, answers[...])
        func listen() {
            var bytes = [UInt8](repeating: 0, count: 4096)
            while case let count = read(terminal, &bytes, bytes.count), count > 0 { said += bytes[..<count] }
        }
        let until = Date(timeIntervalSinceNow: timeout)
        while Date() < until {
            let status = job.wait(seconds: 0.05)
            listen()
            if let status {
                return Outcome(status: status, out: try Data(contentsOf: job.out), err: String(decoding: said, as: UTF8.self))
            }
            if let (question, typed) = left.first, String(decoding: said[seen...], as: UTF8.self).contains(question) {
                seen = said.count
                left = left.dropFirst()
                let bytes = Array((typed + "\n").utf8)
                guard write(terminal, bytes, bytes.count) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
            }
        }
        job.signal(SIGKILL)
        throw Shell.Failed(command: "\(script)\n\(String(decoding: said, as: UTF8.self))", outcome: nil)
    }
}
