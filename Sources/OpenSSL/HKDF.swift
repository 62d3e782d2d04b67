internal import COpenSSL

/// HKDF (RFC 5869) with SHA-256.
public enum HKDF {
    /// `count` bytes (at most 255 × 32) derived from a key, for the purpose that `info` names.
    public static func sha256(_ key: borrowing Secret, salt: [UInt8], info: [UInt8], count: Int) throws(OpenSSLError)
        -> Secret
    {
        let context = unsafe try check(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil), "make an HKDF")
        defer { unsafe EVP_PKEY_CTX_free(context) }
        try check(unsafe EVP_PKEY_derive_init(context), "start an HKDF")
        try check(unsafe EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()), "set HKDF's digest")
        try check(unsafe EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)), "set HKDF's salt")
        try check(unsafe EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)), "set HKDF's info")
        try check(
            unsafe key.withPointer { unsafe EVP_PKEY_CTX_set1_hkdf_key(context, $0, Int32($1)) }, "set HKDF's key")
        return try Secret(count: count) { (output) throws(OpenSSLError) in
            var written = count
            let result = unsafe output.withUnsafeMutableBufferPointer {
                unsafe EVP_PKEY_derive(context, $0.baseAddress, &written)
            }
            try check(result, "derive a key")
            guard written == count else { throw OpenSSLError(operation: "derive a key of the asked length") }
        }
    }
}
