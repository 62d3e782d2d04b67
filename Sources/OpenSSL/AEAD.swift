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
        precondition(key.count == 32)
        guard sealed.count >= tagCount, nonce.count == nonceCount else {
            throw OpenSSLError(operation: "decrypt with AES-256-GCM: too short")
        }
        let context = unsafe try check(EVP_CIPHER_CTX_new(), "make a cipher")
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let started = unsafe key.withPointer { (key, _) in
            unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce)
        }
        try check(started, "start AES-256-GCM")
        var written: Int32 = 0
        try check(
            unsafe EVP_DecryptUpdate(context, nil, &written, associated, Int32(associated.count)), "authenticate data")
        let count = sealed.count - tagCount
        var tag = Array(sealed[count...])
        try check(unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag), "set the tag")
        return try Secret(count: count) { (output) throws(OpenSSLError) in
            let opened = unsafe output.withUnsafeMutableBufferPointer { output in
                var end: UInt8 = 0  // GCM's last call writes nothing
                return unsafe EVP_DecryptUpdate(context, output.baseAddress, &written, sealed, Int32(count)) == 1
                    && EVP_DecryptFinal_ex(context, &end, &written) == 1
            }
            guard opened else { throw .drain("decrypt with AES-256-GCM") }
        }
    }
}
