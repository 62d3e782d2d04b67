internal import COpenSSL

/// Signatures of notes: Ed25519 (RFC 8032), which takes the message whole and no digest before it.
///
/// Not for members: their keys and part keys are P-256 or RSA, and ``KeyKind/isAccepted`` refuses this kind.
public enum Ed25519 {
    public static let publicKeyCount = 32
    public static let signatureCount = 64

    public static func sign(_ message: [UInt8], with key: borrowing PrivateKey) throws(OpenSSLError) -> [UInt8] {
        guard key.kind == .ed25519 else { throw OpenSSLError(operation: "sign a note with \(key.kind)") }
        let context = unsafe try check(EVP_MD_CTX_new(), "make a signature")
        defer { unsafe EVP_MD_CTX_free(context) }
        try check(unsafe EVP_DigestSignInit(context, nil, nil, nil, key.pointer), "start a signature")
        var count = signatureCount
        var signature = [UInt8](repeating: 0, count: count)
        try check(unsafe EVP_DigestSign(context, &signature, &count, message, message.count), "sign")
        return signature
    }

    /// - Parameter publicKey: 32 bytes.
    public static func isValid(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        defer { OpenSSLError.clearQueue() }
        guard signature.count == signatureCount, publicKey.count == publicKeyCount,
            let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        else { return false }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

extension PrivateKey {
    public static func generateEd25519() throws(OpenSSLError) -> PrivateKey {
        unsafe PrivateKey(owning: try check(sceau_ed25519_generate(), "generate an Ed25519 key"))
    }

    /// The 32 bytes of RFC 8032; an error for a key of another kind.
    public func ed25519PublicKey() throws(OpenSSLError) -> [UInt8] {
        guard kind == .ed25519 else { throw OpenSSLError(operation: "take the raw public key of \(kind)") }
        var count = Ed25519.publicKeyCount
        var bytes = [UInt8](repeating: 0, count: count)
        try check(unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &count), "take a raw public key")
        return bytes
    }
}
