internal import CLinux
internal import Glibc

/// An open folder. Every name is resolved in it (openat(2)), so a folder moved or a link planted above it changes nothing.
///
/// This is the one place where the daemon makes, renames or removes files. What is new or renamed is durable once the
/// file's `sync()` and then this folder's `sync()` returned.
public final class DurableFolder: Sendable {
    private let descriptor: FileDescriptor

    private init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Opens an existing folder. The last component may not be a symbolic link.
    public convenience init(path: String) throws(LinuxError) {
        try self.init(Self.openFolder(at: AT_FDCWD, path))
    }

    /// mkdir(2) at `path` with mode 0700; throws `isExisting` if anything is there.
    public static func make(path: String) throws(LinuxError) -> DurableFolder {
        guard unsafe mkdir(path, 0o700) == 0 else { throw .last("mkdir") }
        return try DurableFolder(path: path)
    }

    // MARK: Folders in it

    /// Makes a folder of mode 0700 (of `mode`) in this one.
    @discardableResult
    public func makeFolder(_ name: String, mode: UInt32 = 0o700) throws(LinuxError) -> DurableFolder {
        try check(name)
        guard unsafe mkdirat(descriptor.raw, name, mode) == 0 else { throw .last("mkdirat") }
        return try folder(name)
    }

    public func folder(_ name: String) throws(LinuxError) -> DurableFolder {
        try check(name)
        return try DurableFolder(Self.openFolder(at: descriptor.raw, name))
    }

    /// Removes an empty folder.
    public func removeFolder(_ name: String) throws(LinuxError) {
        try check(name)
        guard unsafe unlinkat(descriptor.raw, name, AT_REMOVEDIR) == 0 else { throw .last("unlinkat") }
    }

    // MARK: Files in it

    /// A new file of mode 0600, `O_EXCL|O_NOFOLLOW|O_CLOEXEC`: throws `isExisting` if anything has the name, even a link.
    public func create(_ name: String) throws(LinuxError) -> DurableFile {
        try check(name)
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        return try DurableFile(Self.open(at: descriptor.raw, name, flags))
    }

    /// Opens a file for reading. A link or anything but a regular file is refused (ELOOP, EINVAL).
    public func open(_ name: String) throws(LinuxError) -> DurableFile { try openRegular(name, O_RDONLY) }

    /// Opens a file of ours to append to; refuses as ``open(_:)`` does.
    public func openToAppend(_ name: String) throws(LinuxError) -> DurableFile { try openRegular(name, O_RDWR | O_APPEND) }

    private func openRegular(_ name: String, _ flags: Int32) throws(LinuxError) -> DurableFile {
        try check(name)
        // O_NONBLOCK: opening a FIFO planted under this name must not wait for its writer.
        let file = try Self.open(at: descriptor.raw, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard unsafe fstat(file.raw, &status) == 0 else { throw .last("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw LinuxError(operation: "open", errno: EINVAL) }
        return DurableFile(file)
    }

    /// link(2): a second name for a file, in another folder of the same file system. Throws `isExisting` if the name is taken.
    public func link(_ name: String, to newName: String, in target: DurableFolder) throws(LinuxError) {
        try check(name)
        try check(newName)
        guard unsafe linkat(descriptor.raw, name, target.descriptor.raw, newName, 0) == 0 else { throw .last("linkat") }
    }

    /// All bytes of a file; throws EFBIG if there are more than `max`.
    public func readAll(_ name: String, max: Int) throws(LinuxError) -> [UInt8] {
        let file = try open(name)
        let length = try file.length()
        guard length <= Int64(max) else { throw LinuxError(operation: "read", errno: EFBIG) }
        // One byte more than its length, so that a file that grows meanwhile is not cut silently.
        let bytes = try file.read(at: 0, max: Int(length) + 1)
        guard bytes.count <= max else { throw LinuxError(operation: "read", errno: EFBIG) }
        return bytes
    }

    /// Puts `bytes` under `name` whole or not at all, durably: temporary file, fsync, rename, fsync of the folder.
    /// One writer at a time for a name.
    public func replace(_ name: String, with bytes: [UInt8]) throws(LinuxError) {
        try prepare(name, with: bytes)
        try putInPlace(name)
    }

    /// The half of `replace` that needs room on the disk: a temporary file, fsync. What stands under `name` is not touched.
    public func prepare(_ name: String, with bytes: [UInt8]) throws(LinuxError) {
        let temporary = Self.temporary(name)
        try unlinkIfThere(temporary)  // of a run that was killed in between
        var file = try create(temporary)
        try file.write(all: bytes.span)
        try file.sync()
    }

    /// The other half: rename, fsync of the folder. Where it throws, either content may be found after a crash.
    public func putInPlace(_ name: String) throws(LinuxError) {
        try rename(Self.temporary(name), to: name)
        try sync()
    }

    static func temporary(_ name: String) -> String { ".\(name).new" }

    /// rename(2) within this folder or into another; replaces what is there.
    public func rename(_ name: String, to newName: String, in target: DurableFolder? = nil) throws(LinuxError) {
        try check(name)
        try check(newName)
        let destination = target?.descriptor.raw ?? descriptor.raw
        guard unsafe renameat(descriptor.raw, name, destination, newName) == 0 else { throw .last("renameat") }
    }

    public func unlink(_ name: String) throws(LinuxError) {
        try check(name)
        guard unsafe unlinkat(descriptor.raw, name, 0) == 0 else { throw .last("unlinkat") }
    }

    /// The same where there may be none.
    public func unlinkIfThere(_ name: String) throws(LinuxError) {
        do throws(LinuxError) {
            try unlink(name)
        } catch {
            guard error.isMissing else { throw error }
        }
    }

    public func exists(_ name: String) throws(LinuxError) -> Bool {
        try check(name)
        var status = stat()
        if unsafe fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return true }
        if errno == ENOENT { return false }
        throw .last("fstatat")
    }

    /// Names in the folder in byte order, without `.` and `..`; throws EFBIG beyond `max` of them.
    public func list(max: Int) throws(LinuxError) -> [String] {
        let copy = try Self.openFolder(at: descriptor.raw, ".")
        guard let stream = unsafe fdopendir(copy.raw) else { throw .last("fdopendir") }
        _ = copy.release()  // closedir closes it
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw .last("readdir") }
                break
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            guard names.count < max else { throw LinuxError(operation: "readdir", errno: EFBIG) }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// fsync(2) of the folder itself: names made, renamed or removed before it are durable. Never retried.
    public func sync() throws(LinuxError) {
        guard fsync(descriptor.raw) == 0 else { throw .last("fsync") }
    }

    // MARK: The folder as a place

    /// Takes the exclusive lock of `name` in this folder (flock(2)) without waiting; throws `isWouldBlock` if another holds it.
    /// Held until the value ends, or the process does.
    public func lock(_ name: String) throws(LinuxError) -> FolderLock {
        try check(name)
        let file = try Self.open(at: descriptor.raw, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC)
        guard flock(file.raw, LOCK_EX | LOCK_NB) == 0 else { throw .last("flock") }
        return FolderLock(file)
    }

    /// Room in the file system that holds this folder, as a caller without privilege sees it (statvfs(3)).
    public func freeSpace() throws(LinuxError) -> FreeSpace {
        var status = statvfs()
        guard unsafe fstatvfs(descriptor.raw, &status) == 0 else { throw .last("fstatvfs") }
        let unit = Int64(clamping: status.f_frsize)
        return FreeSpace(
            bytes: Int64(clamping: status.f_bavail) * unit, total: Int64(clamping: status.f_blocks) * unit,
            inodes: status.f_files == 0 ? .max : Int64(clamping: status.f_favail))
    }

    // MARK: -

    /// A name is one component: it never becomes a path, whoever chose it.
    private func check(_ name: String) throws(LinuxError) {
        let bytes = name.utf8
        guard !bytes.isEmpty, bytes.count <= 255, name != ".", name != "..",
            !bytes.contains(UInt8(ascii: "/")), !bytes.contains(0)
        else { throw LinuxError(operation: "name", errno: EINVAL) }
    }

    private static func openFolder(at folder: Int32, _ name: String) throws(LinuxError) -> FileDescriptor {
        try open(at: folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    private static func open(at folder: Int32, _ name: String, _ flags: Int32) throws(LinuxError) -> FileDescriptor {
        while true {
            let raw = unsafe openat(folder, name, flags, 0o600)
            if raw >= 0 { return FileDescriptor(owning: raw) }
            if errno == EINTR { continue }
            throw .last("openat")
        }
    }
}

/// An exclusive flock(2), released when the value ends.
public struct FolderLock: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

/// What a file system has left. `inodes` is `Int64.max` where the file system has none to count.
public struct FreeSpace: Sendable, Hashable {
    public let bytes: Int64
    public let total: Int64
    public let inodes: Int64
}
