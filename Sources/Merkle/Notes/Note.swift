/// A text and the signatures below it (C2SP signed-note). Nothing in it is to be believed before ``verify(_:)``.
public struct Note: Hashable, Sendable {
    /// Far beyond a checkpoint with its witnesses.
    public static let maximumCount = 64 * 1024
    /// The specification asks for at least 16.
    public static let maximumSignatures = 64

    /// UTF-8 without control characters other than line ends; ends with one.
    public let text: [UInt8]
    /// At least one in a note that was read.
    public private(set) var signatures: [NoteSignature]

    /// A text to sign.
    public init(text: [UInt8], signatures: [NoteSignature] = []) throws(MerkleError) {
        guard text.last == 0x0a, text.count <= Self.maximumCount, Self.isPlain(text) else {
            throw MerkleError(reason: "not the text of a note")
        }
        self.text = text
        self.signatures = signatures
    }

    /// From its bytes, all of them. ``encoded`` gives the same bytes again.
    public init(_ bytes: [UInt8]) throws(MerkleError) {
        guard bytes.count <= Self.maximumCount, Self.isPlain(bytes) else {
            throw MerkleError(reason: "not a note: too long, not UTF-8, or with control characters")
        }
        // The last empty line parts the text, which may have others, from the signatures.
        let end = bytes.indices.dropFirst().last { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }
        guard let end, bytes.last == 0x0a else {
            throw MerkleError(reason: "not a note: no signature stands below the text")
        }
        text = Array(bytes[..<end])
        signatures = []
        for line in bytes[(end + 1)...].dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
            guard signatures.count < Self.maximumSignatures else {
                throw MerkleError(reason: "the note has more than \(Self.maximumSignatures) signatures")
            }
            signatures.append(try NoteSignature(line: line))
        }
    }

    public var encoded: [UInt8] { text + [0x0a] + signatures.flatMap { Array($0.line.utf8) } }

    /// The same text with a signature more, behind the others; as it is if that signature is there.
    public func adding(_ signature: NoteSignature) -> Note {
        var note = self
        if !signatures.contains(signature) { note.signatures.append(signature) }
        return note
    }

    /// The signatures of these keys. Those of unknown keys say nothing; one that bears the name and identifier of a known
    /// key and was not made by it condemns the whole; two by one key count once.
    ///
    /// - Throws: if there is none, or a wrong one, or two of the keys cannot be told apart.
    public func verify(_ keys: [VerifierKey]) throws(MerkleError) -> [VerifiedSignature] {
        var verified: [VerifiedSignature] = []
        for signature in signatures {
            let named = Set(keys.filter { signature.isNamed($0) })
            guard let key = named.first else { continue }
            guard named.count == 1 else { throw MerkleError(reason: "two keys have one name and identifier") }
            guard let made = key.check(signature.signature, of: text) else {
                throw MerkleError(reason: "a signature of the note is not that of the key it names")
            }
            if !verified.contains(where: { $0.key == key }) { verified.append(made) }
        }
        guard !verified.isEmpty else { throw MerkleError(reason: "none of the known keys signed the note") }
        return verified
    }

    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || $0 == 0x0a } && String(validating: bytes, as: UTF8.self) != nil
    }
}
