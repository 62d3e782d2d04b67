import Canonical
import Linux
import OpenSSL

/// Copies of files that never change: each is whole and durable under its name, or not there.
enum FileCopy {
    /// Copies `name` under the same name. The folder it comes to is left for the caller to sync.
    static func copy(_ name: String, from source: DurableFolder, to target: DurableFolder) throws(LinuxError) {
        try target.copy(name, from: source)
    }

    /// Length and SHA-256 of a file, read from the disk.
    static func digest(_ name: String, in folder: DurableFolder) throws -> (length: Int64, sha256: Digest) {
        let file = try folder.open(name)
        var hash = try SHA256()
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, max: 1 << 20)
            if bytes.isEmpty { break }
            hash.update(bytes.span)
            offset += Int64(bytes.count)
        }
        return (offset, Digest(hash.finish()))
    }

    /// The folder of that name, made where it is missing.
    static func folder(_ name: String, in parent: DurableFolder) throws(LinuxError) -> DurableFolder {
        do throws(LinuxError) {
            return try parent.folder(name)
        } catch {
            guard error.isMissing else { throw error }
            let made = try parent.makeFolder(name)
            try parent.sync()
            return made
        }
    }

    /// The same at a path.
    static func folder(path: String) throws(LinuxError) -> DurableFolder {
        do throws(LinuxError) {
            return try DurableFolder.make(path: path)
        } catch {
            guard error.isExisting else { throw error }
            return try DurableFolder(path: path)
        }
    }

    /// Removes a folder and what is in it, at most two folders deep: all that a state of a backup is.
    static func removeFolder(_ name: String, in parent: DurableFolder) throws(LinuxError) {
        let folder = try parent.folder(name)
        for entry in try folder.list(max: 1000) {
            do throws(LinuxError) {
                try folder.unlink(entry)
            } catch {
                let inner = try folder.folder(entry)
                for file in try inner.list(max: 1000) { try inner.unlink(file) }
                try folder.removeFolder(entry)
            }
        }
        try parent.removeFolder(name)
    }
}
