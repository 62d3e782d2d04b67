public import OpenSSL

/// A private key with the name it signs notes under.
public struct NoteSigner: ~Copyable, Sendable {
    public let verifier: VerifierKey
    private let key: PrivateKey

    /// - Throws: if the key is not Ed25519.
    public init(name: String, key: consuming PrivateKey, kind: VerifierKey.Kind = .note) throws {
        verifier = try VerifierKey(name: name, kind: kind, publicKey: key.ed25519PublicKey())
        self.key = key
    }

    /// The note with this key's signature added.
    ///
    /// - Parameter seconds: since 1970, what a witness says of when it saw the checkpoint; a log's key ignores it.
    public func sign(_ note: Note, seconds: Int = 0) throws -> Note {
        try note.signed(as: verifier, with: key, seconds: seconds)
    }
}

extension Note {
    /// The note with a signature added, of the key that `verifier` describes.
    public func signed(
        as verifier: VerifierKey, with key: borrowing PrivateKey, seconds: Int = 0
    ) throws(OpenSSLError) -> Note {
        let signature: [UInt8]
        switch verifier.kind {
        case .note: signature = try Ed25519.sign(text, with: key)
        case .cosignature:
            let made = try Ed25519.sign(Cosignature.message(text, seconds: seconds), with: key)
            signature = Cosignature(seconds: seconds, signature: made).bytes
        }
        return adding(NoteSignature(name: verifier.name, keyID: verifier.id, signature: signature))
    }
}
