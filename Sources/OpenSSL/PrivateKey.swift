internal import COpenSSL

/// A private key: P-256, RSA or Ed25519. OpenSSL cleanses it when it goes.
///
/// Safe to use from several threads at once, as an EVP_PKEY is: nothing changes it once it is made.
@safe public struct PrivateKey: ~Copyable, @unchecked Sendable {
    /// EVP_PKEY
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit { unsafe EVP_PKEY_free(pointer) }

    public static func generateP256() throws(OpenSSLError) -> PrivateKey {
        unsafe PrivateKey(owning: try check(sceau_p256_generate(), "generate a P-256 key"))
    }

    /// 3072 bits or more. Slow: seconds.
    public static func generateRSA(bits: Int) throws(OpenSSLError) -> PrivateKey {
        unsafe PrivateKey(owning: try check(sceau_rsa_generate(bits), "generate an RSA key"))
    }

    /// From unencrypted PKCS#8 (RFC 5958) in DER, nothing behind it.
    public init(pkcs8: borrowing Secret) throws(OpenSSLError) {
        self = try pkcs8.withBytes { (bytes) throws(OpenSSLError) in
            let key = unsafe bytes.withUnsafeBufferPointer { bytes -> OpaquePointer? in
                var next = bytes.baseAddress
                guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &next, bytes.count) else { return nil }
                defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
                guard unsafe next == bytes.baseAddress! + bytes.count else { return nil }
                return unsafe EVP_PKCS82PKEY(info)
            }
            return unsafe PrivateKey(owning: try check(key, "read a PKCS#8 key"))
        }
    }

    /// Unencrypted PKCS#8 in DER.
    public func pkcs8() throws(OpenSSLError) -> Secret {
        let info = unsafe try check(EVP_PKEY2PKCS8(pointer), "write a PKCS#8 key")
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, nil)
        guard count > 0 else { throw .drain("write a PKCS#8 key") }
        return Secret(count: Int(count)) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer in
                var next = buffer.baseAddress
                _ = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &next)
            }
        }
    }

    public var kind: KeyKind { unsafe KeyKind(pointer) }

    /// SubjectPublicKeyInfo in DER.
    public func publicKey() throws(OpenSSLError) -> [UInt8] { unsafe try encodedPublicKey(pointer) }
}

extension KeyKind {
    init(_ key: OpaquePointer) {
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_EC:
            // Judged on the encoded key: named curve, uncompressed point, nothing else is P-256 to us.
            let encoded = unsafe try? encodedPublicKey(key)
            self =
                encoded.map { $0.count == 91 && $0.starts(with: Self.p256Prefix) } == true
                ? .p256 : .other("an elliptic curve other than P-256")
        case EVP_PKEY_RSA:
            self = .rsa(bits: Int(unsafe EVP_PKEY_get_bits(key)))
        case EVP_PKEY_ED25519: self = .ed25519
        case let other:
            self = unsafe .other(OBJ_nid2sn(other).map { unsafe String(cString: $0) } ?? "an unknown kind")
        }
    }

    /// A P-256 SubjectPublicKeyInfo (RFC 5480) up to and with the 04 of its uncompressed point.
    private static let p256Prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ]
}

/// The SubjectPublicKeyInfo of an EVP_PKEY.
func encodedPublicKey(_ key: OpaquePointer) throws(OpenSSLError) -> [UInt8] {
    let count = unsafe i2d_PUBKEY(key, nil)
    guard count > 0 else { throw .drain("write a public key") }
    var encoded = [UInt8](repeating: 0, count: Int(count))
    unsafe encoded.withUnsafeMutableBufferPointer { buffer in
        var next = buffer.baseAddress
        _ = unsafe i2d_PUBKEY(key, &next)
    }
    return encoded
}
