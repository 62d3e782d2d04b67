internal import CLinux
internal import Glibc

/// A file being written once, appended to, or read. Made by a `DurableFolder` only.
///
/// System calls: write, pread, fsync, fstat, ftruncate. Written bytes are durable once `sync()` *and* the folder's `sync()` returned.
public struct DurableFile: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Appends all of `bytes`, or throws with an unknown part of them written.
    public mutating func write(all bytes: Span<UInt8>) throws(LinuxError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(written..<bytes.count)
            let count = unsafe rest.withUnsafeBufferPointer { buffer in
                unsafe Glibc.write(descriptor.raw, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write")
            }
            written += count
        }
    }

    public mutating func write(all bytes: [UInt8]) throws(LinuxError) {
        try write(all: bytes.span)
    }

    /// fsync(2). A failure is final: the kernel may have dropped the dirty pages and reported it this once,
    /// so a second call that succeeds would prove nothing. Never retried, not even after EINTR.
    public func sync() throws(LinuxError) {
        guard fsync(descriptor.raw) == 0 else { throw .last("fsync") }
    }

    /// sync_file_range(2): asks the kernel to begin writing a range out, so that the `sync()` at the end of a long file finds
    /// little left. It promises nothing, and a failure is left for `sync()` to report.
    public func beginWriting(from offset: Int64, count: Int64) {
        sceau_begin_writing(descriptor.raw, offset, count)
    }

    /// ftruncate(2): forgets what stands past `length`.
    public mutating func truncate(to length: Int64) throws(LinuxError) {
        while ftruncate(descriptor.raw, off_t(length)) != 0 {
            guard errno == EINTR else { throw .last("ftruncate") }
        }
    }

    /// Length in bytes now.
    public func length() throws(LinuxError) -> Int64 {
        var status = stat()
        guard unsafe fstat(descriptor.raw, &status) == 0 else { throw .last("fstat") }
        return Int64(status.st_size)
    }

    /// At most `max` bytes from `offset`; fewer at the end of the file, none past it.
    public func read(at offset: Int64, max: Int) throws(LinuxError) -> [UInt8] {
        var failure: LinuxError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max) { buffer, filled in
            filled = 0
            while filled < max {
                let count = unsafe pread(
                    descriptor.raw, buffer.baseAddress.map { unsafe $0 + filled }, max - filled,
                    off_t(offset) + off_t(filled))
                if count < 0 {
                    if errno == EINTR { continue }
                    failure = .last("pread")
                    return
                }
                if count == 0 { return }
                filled += count
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Tells the kernel that these bytes will not be read again soon, so that a large upload does not empty the page cache.
    /// Only what is synced can be dropped; a hint, so no error.
    public func forget() {
        _ = posix_fadvise(descriptor.raw, 0, 0, POSIX_FADV_DONTNEED)
    }
}
