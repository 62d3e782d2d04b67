public import Canonical

/// What a log signs of itself (C2SP tlog-checkpoint): its name, the tree's size and root.
public struct Checkpoint: Hashable, Sendable {
    /// Names the log: `sceau/INSTANCE/real`.
    public let origin: String
    /// Number of leaves.
    public let size: Int
    public let root: Digest
    /// Lines behind the three, of no meaning here. We write none.
    public let extensions: [String]

    public init(origin: String, size: Int, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
        extensions = []
    }

    /// The text of a note.
    public init(text: [UInt8]) throws(MerkleError) {
        guard let written = String(validating: text, as: UTF8.self), text.last == 0x0a else {
            throw MerkleError(reason: "not the text of a checkpoint")
        }
        let lines = written.utf8.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }) else {
            throw MerkleError(reason: "a checkpoint has an origin, a size, a root and no empty line")
        }
        origin = lines[0]
        size = try Decimal.read(lines[1])
        guard let root = try? Digest(bytes: Base64.decode(lines[2])) else {
            throw MerkleError(reason: "a checkpoint's third line is no root")
        }
        self.root = root
        extensions = Array(lines[3...])
    }

    public init(_ note: Note) throws(MerkleError) { try self.init(text: note.text) }

    public var text: [UInt8] {
        Array(([origin, String(size), Base64.encode(root.bytes)] + extensions).map { $0 + "\n" }.joined().utf8)
    }

    /// The unsigned note.
    public func note() throws(MerkleError) -> Note { try Note(text: text) }
}

/// Sizes and indexes as text: decimal, ASCII, no leading zero, below 2^63.
enum Decimal {
    static func read(_ text: some StringProtocol) throws(MerkleError) -> Int {
        guard let value = Int(text), value >= 0, String(value) == text else {
            throw MerkleError(reason: "not a decimal number")
        }
        return value
    }
}
