internal import COpenSSL

/// Signatures over SHA-256: ECDSA on P-256 (DER), or RSA-PSS with MGF1-SHA-256 and a 32-byte salt (RFC 8017, 8.1).
public enum Signature {
    /// A signature is at most as long as an RSA 8192 modulus.
    public static let maximumCount = 1024

    public static func sign(_ message: [UInt8], with key: borrowing PrivateKey) throws(OpenSSLError) -> [UInt8] {
        let context = unsafe try check(EVP_MD_CTX_new(), "make a signature")
        defer { unsafe EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        try check(unsafe EVP_DigestSignInit(context, &parameters, EVP_sha256(), nil, key.pointer), "start a signature")
        unsafe try configure(parameters, key.kind)
        var count = 0
        try check(unsafe EVP_DigestSign(context, nil, &count, message, message.count), "size a signature")
        var signature = [UInt8](repeating: 0, count: count)
        try check(unsafe EVP_DigestSign(context, &signature, &count, message, message.count), "sign")
        return Array(signature.prefix(count))
    }

    /// Whether the certificate's key made this signature of the message. A key that we do not accept signs nothing.
    public static func isValid(_ signature: [UInt8], of message: [UInt8], by certificate: Certificate) -> Bool {
        defer { OpenSSLError.clearQueue() }
        let kind = certificate.keyKind
        guard kind.isAccepted, signature.count <= maximumCount, let key = unsafe X509_get0_pubkey(certificate.pointer),
            let context = unsafe EVP_MD_CTX_new()
        else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard unsafe EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), nil, key) == 1,
            unsafe (try? configure(parameters, kind)) != nil
        else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func configure(_ parameters: OpaquePointer?, _ kind: KeyKind) throws(OpenSSLError) {
        switch kind {
        case .p256: break
        case .rsa:
            try check(unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), "choose PSS")
            try check(unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32), "choose a salt of 32 bytes")
            try check(unsafe EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()), "choose MGF1 with SHA-256")
        case .ed25519, .other: throw OpenSSLError(operation: "sign with \(kind)")
        }
    }
}
