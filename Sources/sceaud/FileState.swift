import Foundation

/// What matters about a file that the host's administrator put there. Links are followed: tools that renew certificates
/// swap links.
struct FileState {
    let isRegular: Bool
    let owner: UInt32
    /// The permission bits.
    let mode: UInt32
    let length: Int64

    /// - Parameter what: how an error calls the file, "the TLS key".
    init(_ path: String, what: String) throws(DaemonError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw DaemonError("\(what) \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        isRegular = status.st_mode & S_IFMT == S_IFREG
        owner = status.st_uid
        mode = UInt32(status.st_mode & 0o7777)
        length = Int64(status.st_size)
    }

    /// The bytes of a file that holds no secret.
    static func read(_ path: String, what: String, max: Int) throws(DaemonError) -> [UInt8] {
        let state = try FileState(path, what: what)
        guard state.isRegular, state.length <= Int64(max) else {
            throw DaemonError("\(what) \(path) is not an ordinary file of at most \(max) bytes")
        }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            return [UInt8](try file.read(upToCount: max) ?? Data())
        } catch {
            throw DaemonError("\(what) \(path) cannot be read")
        }
    }
}
