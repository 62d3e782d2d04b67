internal import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) of small things at rest, whole: 12-byte nonce, 16-byte tag behind the ciphertext.
///
/// One key never sees a nonce twice: that is the caller's duty, and why the nonce is an argument.
public enum AEAD {
    public static let nonceCount = 12
    public static let tagCount = 16

    /// Ciphertext ‖ tag.
    public static func seal(_ plaintext: Span<UInt8>, key: borrowing Secret, nonce: [UInt8], associated: [UInt8])
        throws(OpenSSLError) -> [UInt8]
    {
        precondition(key.count == 32 && nonce.count == nonceCount)
        let context = unsafe try check(EVP_CIPHER_CTX_new(), "make a cipher")
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let started = unsafe key.withPointer { (key, _) in
            unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce)
        }
        try check(started, "start AES-256-GCM")
        var written: Int32 = 0
        try check(
            unsafe EVP_EncryptUpdate(context, nil, &written, associated, Int32(associated.count)), "authenticate data")
        var sealed = [UInt8](repeating: 0, count: plaintext.count + tagCount)
        let result = unsafe plaintext.withUnsafeBufferPointer { input in
            unsafe sealed.withUnsafeMutableBufferPointer { output in
                unsafe EVP_EncryptUpdate(context, output.baseAddress, &written, input.baseAddress, Int32(input.count))
                    == 1
                    && EVP_EncryptFinal_ex(context, output.baseAddress! + input.count, &written) == 1
                    && EVP_CIPHER_CTX_ctrl(
                        context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), output.baseAddress! + input.count) == 1
            }
        }
        guard result else { throw .drain("encrypt with AES-256-GCM") }
        return sealed
    }

    /// The plaintext, only once its tag holds.
    public static func open(_ sealed: [UInt8], key: borrowing Secret, nonce: [UInt8], associated: [UInt8])
        throws(OpenSSLError) -> Secret
    {
        let context = unsafe try opening(sealed, key: key, nonce: nonce, associated: associated)
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        return try Secret(count: sealed.count - tagCount) { (output) throws(OpenSSLError) in
            try unsafe output.withUnsafeMutableBufferPointer { (output) throws(OpenSSLError) in
                unsafe try finish(context, sealed, to: output.baseAddress)
            }
        }
    }

    /// The same for bytes that are no key material (a list of documents), and may be longer than a secret.
    public static func openBytes(_ sealed: [UInt8], key: borrowing Secret, nonce: [UInt8], associated: [UInt8])
        throws(OpenSSLError) -> [UInt8]
    {
        let context = unsafe try opening(sealed, key: key, nonce: nonce, associated: associated)
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var plaintext = [UInt8](repeating: 0, count: sealed.count - tagCount)
        try unsafe plaintext.withUnsafeMutableBufferPointer { (output) throws(OpenSSLError) in
            unsafe try finish(context, sealed, to: output.baseAddress)
        }
        return plaintext
    }

    /// A cipher that has taken key, nonce, associated data and tag. The caller frees it.
    private static func opening(_ sealed: [UInt8], key: borrowing Secret, nonce: [UInt8], associated: [UInt8])
        throws(OpenSSLError) -> OpaquePointer
    {
        precondition(key.count == 32)
        guard sealed.count >= tagCount, nonce.count == nonceCount else {
            throw OpenSSLError(operation: "decrypt with AES-256-GCM: too short")
        }
        let context = unsafe try check(EVP_CIPHER_CTX_new(), "make a cipher")
        do throws(OpenSSLError) {
            let started = unsafe key.withPointer { (key, _) in
                unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce)
            }
            try check(started, "start AES-256-GCM")
            var written: Int32 = 0
            try check(
                unsafe EVP_DecryptUpdate(context, nil, &written, associated, Int32(associated.count)), "authenticate data")
            var tag = Array(sealed[(sealed.count - tagCount)...])
            try check(unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag), "set the tag")
        } catch {
            unsafe EVP_CIPHER_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    private static func finish(_ context: OpaquePointer, _ sealed: [UInt8], to output: UnsafeMutablePointer<UInt8>?)
        throws(OpenSSLError)
    {
        var written: Int32 = 0
        var end: UInt8 = 0  // GCM's last call writes nothing
        let opened = unsafe EVP_DecryptUpdate(context, output, &written, sealed, Int32(sealed.count - tagCount)) == 1
            && EVP_DecryptFinal_ex(context, &end, &written) == 1
        guard opened else { throw .drain("decrypt with AES-256-GCM") }
    }
}
