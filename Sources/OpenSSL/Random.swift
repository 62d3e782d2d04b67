internal import COpenSSL

/// Public random values: identifiers, nonces. Secret ones are made by ``Secret/random(_:)``.
public enum Random {
    public static func bytes(_ count: Int) throws(OpenSSLError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try check(unsafe RAND_bytes(&bytes, Int32(count)), "make random bytes")
        return bytes
    }

    /// 128 bits, as an identifier or a nonce takes.
    public static func sixteen() throws(OpenSSLError) -> InlineArray<16, UInt8> {
        let bytes = try bytes(16)
        return InlineArray { bytes[$0] }
    }
}
