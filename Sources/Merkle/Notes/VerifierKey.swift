internal import Canonical
internal import OpenSSL

/// Whose signatures on notes are believed: a name and an Ed25519 key (C2SP signed-note, *verifier keys*).
///
/// As text: `NAME+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`.
public struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// What such a key signs, and the byte that says so.
    public enum Kind: UInt8, Sendable {
        /// The note's text: a log.
        case note = 0x01
        /// The text with the time at which a witness saw it: `cosignature/v1` (C2SP tlog-cosignature).
        case cosignature = 0x04
    }

    public let name: String
    public let kind: Kind
    /// 32 bytes (RFC 8032).
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ public key), big-endian. No proof of anything: it tells keys apart.
    public let id: UInt32

    public init(name: String, kind: Kind = .note, publicKey: [UInt8]) throws(MerkleError) {
        guard Self.isName(name) else { throw MerkleError(reason: "not the name of a key") }
        guard publicKey.count == Ed25519.publicKeyCount else { throw MerkleError(reason: "not an Ed25519 public key") }
        self.name = name
        self.kind = kind
        self.publicKey = publicKey
        let digest = SHA256.hash(Array(name.utf8) + [0x0a, kind.rawValue] + publicKey)
        id = (0..<4).reduce(0) { $0 << 8 | UInt32(digest[$1]) }
    }

    /// From its text, without a line's end. An identifier that is not the key's is refused.
    public init(_ text: String) throws(MerkleError) {
        // The base64 behind the second plus may hold more of them.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.utf8.count <= 512, parts.count == 3, let key = try? Base64.decode(parts[2]),
            let kind = key.first.flatMap(Kind.init(rawValue:))
        else { throw MerkleError(reason: "not a verifier key, or one of a kind that is not Ed25519") }
        try self.init(name: String(parts[0]), kind: kind, publicKey: Array(key.dropFirst()))
        guard description == text else { throw MerkleError(reason: "the verifier key has another identifier") }
    }

    public var description: String { "\(name)+\(NoteSignature.hex(id))+\(Base64.encode([kind.rawValue] + publicKey))" }

    /// Non-empty, no Unicode space, no plus, no control character, at most 256 bytes.
    static func isName(_ name: String) -> Bool {
        (1...256).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { $0 != "+" && $0.value >= 0x20 && !$0.properties.isWhitespace }
    }

    /// What this key's signature of the text says, or nil if it did not make it.
    func check(_ signature: [UInt8], of text: [UInt8]) -> VerifiedSignature? {
        switch kind {
        case .note:
            guard Ed25519.isValid(signature, of: text, by: publicKey) else { return nil }
            return VerifiedSignature(key: self, seconds: nil)
        case .cosignature:
            guard let cosignature = Cosignature(signature),
                Ed25519.isValid(
                    cosignature.signature, of: Cosignature.message(text, seconds: cosignature.seconds), by: publicKey)
            else { return nil }
            return VerifiedSignature(key: self, seconds: cosignature.seconds)
        }
    }
}

/// A signature that its key made of the note.
public struct VerifiedSignature: Hashable, Sendable {
    public let key: VerifierKey
    /// For a cosignature, when its witness says it saw the checkpoint: seconds since 1970.
    public let seconds: Int?
}
