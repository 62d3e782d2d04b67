internal import Canonical

/// One signature line of a note: `— NAME base64(key identifier ‖ signature)`.
public struct NoteSignature: Hashable, Sendable {
    public let name: String
    public let keyID: UInt32
    /// What the key's algorithm made: 64 bytes for a log of ours, 72 for a witness; anything for strangers.
    public let signature: [UInt8]

    public init(name: String, keyID: UInt32, signature: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.signature = signature
    }

    /// Whether the line bears a key's name and identifier. By bytes: Swift's `==` takes two spellings for one.
    public func isNamed(_ key: VerifierKey) -> Bool { keyID == key.id && name.utf8.elementsEqual(key.name.utf8) }

    static let dash: [UInt8] = Array("— ".utf8)

    /// The line, with its end.
    var line: String {
        let id = (0..<4).map { UInt8(truncatingIfNeeded: keyID >> (8 * (3 - $0))) }
        return "— \(name) \(Base64.encode(id + signature))\n"
    }

    /// From the line without its end.
    init(line: some Collection<UInt8>) throws(MerkleError) {
        let words = line.dropFirst(Self.dash.count).split(separator: 0x20, omittingEmptySubsequences: false)
        guard line.starts(with: Self.dash), words.count == 2, let name = String(validating: words[0], as: UTF8.self),
            VerifierKey.isName(name), let text = String(validating: words[1], as: UTF8.self),
            let bytes = try? Base64.decode(text), bytes.count > 4
        else { throw MerkleError(reason: "a line below the note's text is no signature") }
        self.name = name
        keyID = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        signature = Array(bytes.dropFirst(4))
    }

    /// A key's identifier as text.
    static func hex(_ id: UInt32) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
