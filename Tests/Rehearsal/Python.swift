public import Foundation

/// The Python whose packages `Deploy/setup --tests` installed: implementations by others that ours are compared with.
public enum Python {
    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return (environment["SCEAU_PYTHON"] ?? cache + "/sceau/python") + "/bin/python"
    }

    /// Runs a script with its arguments, to exit status 0.
    @discardableResult
    public static func check(_ script: String, _ arguments: [String] = [], folder: URL? = nil, timeout: Double = 120) throws -> Outcome {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Shell.Failed(command: "\(path) (Deploy/setup --tests installs it)", outcome: nil)
        }
        return try Shell.check(path, ["-c", script] + arguments, folder: folder, timeout: timeout)
    }
}
