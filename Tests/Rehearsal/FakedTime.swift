import Foundation

/// A wall clock for one daemon, set by a test: faketime(1)'s library, which leaves the raw clock alone.
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

    /// Seconds that the daemon's clock is away from the host's, from now on.
    public func set(_ seconds: Int) throws {
        try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: URL(filePath: file), options: .atomic)
    }
}
