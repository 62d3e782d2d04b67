public import Foundation

/// A private folder that is removed with the object. `SCEAU_KEEP=1` in the environment leaves it, for a look at what failed.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sceau-test-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        if ProcessInfo.processInfo.environment["SCEAU_KEEP"] == nil { try? FileManager.default.removeItem(at: url) }
    }

    public func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// Writes a file readable by its owner alone and gives its path.
    @discardableResult
    public func write(_ name: String, _ bytes: Data) throws -> String {
        let path = path(name)
        guard FileManager.default.createFile(atPath: path, contents: bytes, attributes: [.posixPermissions: 0o600]) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        return path
    }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }
}
