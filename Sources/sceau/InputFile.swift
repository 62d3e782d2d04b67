import Client
import Foundation
import OpenSSL

/// A file that the person at the keyboard named, opened for reading. Links and pipes are theirs to use.
final class InputFile: BodySource {
    let path: String
    private let descriptor: Int32
    private let status: stat

    init(_ path: String) throws(CommandError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0 else {
            throw CommandError("cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw CommandError("'\(path)' is a folder, not a file")
        }
        self.status = status
    }

    deinit { close(descriptor) }

    /// Bytes, where the length is known before reading: a regular file.
    var length: Int64? { status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil }

    /// Whether other users of the machine may read it.
    var isOpenToOthers: Bool { status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o077 != 0 }

    /// When its content was last changed: milliseconds since 1970.
    var modified: Int64 { Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000 }

    /// Whether it is still, by length and time, the file that was opened.
    var isUnchanged: Bool {
        var now = stat()
        return fstat(descriptor, &now) == 0 && now.st_size == status.st_size && now.st_mtim.tv_sec == status.st_mtim.tv_sec
            && now.st_mtim.tv_nsec == status.st_mtim.tv_nsec
    }

    /// What is read next begins here.
    func seek(to offset: Int64) throws(CommandError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else {
            throw CommandError("cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    /// Bytes from one place, as many as there are.
    func read(at offset: Int64, count: Int) throws(CommandError) -> [UInt8] {
        try seek(to: offset)
        var all: [UInt8] = []
        while all.count < count {
            let piece = try read(max: min(1 << 20, count - all.count))
            if piece.isEmpty { break }
            all += piece
        }
        return all
    }

    func read(max: Int) throws(CommandError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max)
        var count: Int
        repeat { count = Foundation.read(descriptor, &bytes, max) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw CommandError("cannot read '\(path)': \(String(cString: strerror(errno)))") }
        bytes.removeLast(max - count)
        return bytes
    }

    /// The whole of a small file.
    ///
    /// - Parameter max: bytes; a longer file is an error, for it is not what it is taken for.
    static func read(_ path: String, max: Int) throws(CommandError) -> [UInt8] {
        try InputFile(path).readAll(max: max)
    }

    /// The whole of a small file that holds a secret: no copy of it is left in memory.
    func readSecret(max: Int) throws(CommandError) -> Secret {
        var count = 0
        let room = try Secret(count: max + 1) { (span) throws(CommandError) in
            // Byte by byte: a key file is small, and no buffer is left with a part of it.
            while count <= max {
                var byte: UInt8 = 0
                let got = Foundation.read(descriptor, &byte, 1)
                if got == 0 { return }
                guard got > 0 || errno == EINTR else {
                    throw CommandError("cannot read '\(path)': \(String(cString: strerror(errno)))")
                }
                guard got > 0 else { continue }
                span[count] = byte
                count += 1
            }
            throw CommandError("'\(path)' is longer than the \(max) bytes it may have")
        }
        return room.withBytes { Secret(copying: $0.extracting(0..<count)) }
    }

    func readAll(max: Int) throws(CommandError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try read(max: min(64 * 1024, max + 1 - all.count))
            if piece.isEmpty { return all }
            all += piece
            guard all.count <= max else { throw CommandError("'\(path)' is longer than the \(max) bytes it may have") }
        }
    }
}
