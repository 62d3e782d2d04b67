/// A ZIP of stored entries, of which there is one writing only: no compression, no extra fields, no comments, no gaps,
/// 1980-01-01, names in ASCII, UNIX mode 0600.
///
/// A general reader believes either the local headers or the central directory, so one archive can show two contents.
/// This one reads the entries it expects, in order, writes them again and compares every byte.
public struct StoredZip: Sendable {
    public struct Entry: Sendable {
        public let name: String
        public let bytes: [UInt8]

        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    let entries: [Entry]

    public init(entries: [Entry]) { self.entries = entries }

    public func encoded() -> [UInt8] {
        var file: [UInt8] = []
        file.reserveCapacity(entries.reduce(22) { $0 + $1.bytes.count + 2 * $1.name.utf8.count + 76 })
        var directory: [UInt8] = []
        for entry in entries {
            directory += Self.directoryHeader(entry, offset: file.count)
            file += Self.localHeader(entry) + entry.bytes
        }
        let start = file.count
        file += directory
        file += Self.number(0x0605_4b50, 4) + Self.number(0, 2) + Self.number(0, 2)
        file += Self.number(entries.count, 2) + Self.number(entries.count, 2)
        file += Self.number(directory.count, 4) + Self.number(start, 4) + Self.number(0, 2)
        return file
    }

    /// Version, flags, method, time, date, CRC, both sizes, name length, extra length: the same in both headers.
    private static func common(_ entry: Entry) -> [UInt8] {
        number(20, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(0x21, 2)
            + number(Int(CRC32.of(entry.bytes)), 4)
            + number(entry.bytes.count, 4) + number(entry.bytes.count, 4) + number(entry.name.utf8.count, 2)
            + number(0, 2)
    }

    private static func localHeader(_ entry: Entry) -> [UInt8] {
        number(0x0403_4b50, 4) + common(entry) + Array(entry.name.utf8)
    }

    private static func directoryHeader(_ entry: Entry, offset: Int) -> [UInt8] {
        // Made by UNIX, 2.0; comment, disk, internal attributes zero; external: a regular file, mode 0600.
        number(0x0201_4b50, 4) + number(0x0314, 2) + common(entry) + number(0, 2)
            + number(0, 2) + number(0, 2) + number(0o100600 << 16, 4) + number(offset, 4) + Array(entry.name.utf8)
    }

    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

extension StoredZip {
    /// Takes entries in their order; ``finish()`` refuses whatever else there is.
    public struct Reader {
        private let file: [UInt8]
        private var position = 0
        private var entries: [Entry] = []

        public init(_ file: [UInt8]) { self.file = file }

        /// The name in the local header that comes next, for formats where one of several may; nil where none comes.
        public var nextName: String? {
            guard position + 30 <= file.count, file[position..<(position + 4)].elementsEqual([0x50, 0x4b, 0x03, 0x04]) else {
                return nil
            }
            let count = Int(file[position + 26]) | Int(file[position + 27]) << 8
            guard count <= 256, position + 30 + count <= file.count else { return nil }
            return String(validating: file[(position + 30)..<(position + 30 + count)], as: UTF8.self)
        }

        /// The bytes of the entry that must come here.
        public mutating func take(_ name: String) throws(SealingError) -> [UInt8] {
            let start = position + 30 + name.utf8.count
            guard start <= file.count, file[position..<(position + 4)].elementsEqual([0x50, 0x4b, 0x03, 0x04]),
                file[(position + 30)..<start].elementsEqual(name.utf8)
            else { throw SealingError(.envelope, "\(name) is missing, or something else stands in its place") }
            let count = (0..<4).reduce(0) { $0 | Int(file[position + 18 + $1]) << (8 * $1) }
            guard count <= file.count - start else { throw SealingError(.envelope, "\(name) is cut off") }
            let entry = Entry(name: name, bytes: Array(file[start..<(start + count)]))
            guard StoredZip.localHeader(entry).elementsEqual(file[position..<start]) else {
                throw SealingError(.envelope, "\(name) is altered: its header or check sum is not as it must be")
            }
            position = start + count
            entries.append(entry)
            return entry.bytes
        }

        public func finish() throws(SealingError) {
            guard StoredZip(entries: entries).encoded() == file else {
                throw SealingError(.envelope, "something is added behind its last file, or its directory is altered")
            }
        }
    }
}
