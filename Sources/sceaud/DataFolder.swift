import Foundation
import Linux
import Records

/// The data folder, as `sceaud init` makes it:
///
/// `{sceaud.json5, instance.json, lock, register/, high-water/, envelopes/<consultation>/, drafts/<consultation>/<bid>/, lost+found/,
/// keys/{timelock,tls,tsa,tsa-ca}.{key,crt}, keys/recovery.crt?, admin.sock}`; folders 0700, files 0600. Keys, high-water mark and
/// configuration may be moved elsewhere, the rest is one.
struct DataFolder: Sendable {
    static let configuration = "sceaud.json5"
    static let lock = "lock"
    static let envelopes = "envelopes"
    static let drafts = "drafts"
    static let lostAndFound = "lost+found"
    static let keys = "keys"
    static let socket = "admin.sock"

    let path: String
    let folder: DurableFolder
    let instance: Instance

    /// - Throws: where `path` is not a data folder of this program's version.
    init(_ path: String) throws(DaemonError) {
        self.path = path
        do {
            folder = try DurableFolder(path: path)
        } catch {
            throw DaemonError(
                "the data folder \(path) cannot be opened: \(error)",
                hint: "`sceaud init` makes one; `data` of the configuration names it, and may not be a link")
        }
        do {
            instance = try Instance.read(data: path)
        } catch {
            throw DaemonError("\(path) is not a data folder that can be used: \(error)")
        }
    }

    var socket: String { path + "/" + DataFolder.socket }

    /// One process at a time writes here.
    ///
    /// - Returns: nil where another holds the folder.
    func locked() throws -> FolderLock? { try DataFolder.lock(folder) }

    /// - Returns: nil where another process holds the lock of `folder`.
    static func lock(_ folder: DurableFolder) throws -> FolderLock? {
        do {
            return try folder.lock(DataFolder.lock)
        } catch where error.isWouldBlock {
            return nil
        }
    }

    /// The same for a start, which waits a moment: a command that adds a user holds the folder meanwhile, and must not keep
    /// a daemon down.
    func locked(within milliseconds: Int64) throws -> FolderLock? {
        let end = Clocks.monotonicMilliseconds() + milliseconds
        while true {
            if let lock = try locked() { return lock }
            guard Clocks.monotonicMilliseconds() < end else { return nil }
            usleep(10_000)
        }
    }

    /// A folder of it, that `init` made.
    func folder(_ name: String) throws(DaemonError) -> DurableFolder {
        do {
            return try folder.folder(name)
        } catch {
            throw DaemonError(
                "the folder \(name) of \(path) cannot be opened: \(error)",
                hint: "if it was lost, restore it from a backup before starting; never make an empty one")
        }
    }
}
