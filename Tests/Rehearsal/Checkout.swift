public import Foundation

/// This checkout: where its files are, and the programs built from it.
public enum Checkout {
    /// The top of the sources.
    public static let top = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A program of this package, built beside the tests that run now.
    public static func binary(_ name: String) -> String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
        return URL(filePath: tests).deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    }

    /// A file of the sources, by its path from the top.
    public static func path(_ name: String) -> String { top.appending(path: name).path(percentEncoded: false) }

    /// Every file that git tracks or would track, by its path from the top: what a commit could carry.
    public static func files() throws -> [String] {
        let listed = try Shell.check(
            "git", ["-C", path(""), "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        return listed.text.split(separator: "\0").map(String.init).filter {
            FileManager.default.fileExists(atPath: path($0))
        }
    }
}
