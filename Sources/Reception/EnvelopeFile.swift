import Linux
import Synchronization

/// A stored file of ciphertext, read from its beginning by one reader.
public final class EnvelopeFile: Sendable {
    public let length: Int64
    private let file: DurableFile
    private let offset = Mutex<Int64>(0)

    init(_ file: consuming DurableFile) throws(LinuxError) {
        length = try file.length()
        self.file = file
    }

    /// At most `max` bytes; none at the end. Blocks.
    public func read(max: Int) throws -> [UInt8] {
        let start = offset.withLock { $0 }
        let bytes = try file.read(at: start, max: max)
        offset.withLock { $0 = start + Int64(bytes.count) }
        return bytes
    }
}
