internal import COpenSSL

/// HMAC (RFC 2104) with SHA-256.
public enum HMAC {
    /// 32 bytes, secret since what we key is.
    public static func sha256(key: borrowing Secret, _ message: [UInt8]) throws(OpenSSLError) -> Secret {
        try unsafe key.withPointer { (key, count) throws(OpenSSLError) in
            try Secret(count: 32) { (output) throws(OpenSSLError) in
                let result = unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe COpenSSL.HMAC(
                        EVP_sha256(), key, Int32(count), message, message.count, output.baseAddress, nil)
                }
                guard unsafe result != nil else { throw .drain("compute an HMAC") }
            }
        }
    }
}
