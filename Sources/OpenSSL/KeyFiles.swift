internal import COpenSSL

/// Private keys in files: PEM, encrypted PKCS#8, PKCS#12, and whatever OSSL_STORE reads.
extension PrivateKey {
    /// The fewest PBKDF2 iterations a key file is written with.
    public static let minimumIterations = 1_000_000

    /// The first private key of a PEM file (certificates beside it are passed over), encrypted or not.
    ///
    /// A passphrase is never asked for on a terminal: without one an encrypted key is an error.
    public init(pem: borrowing Secret, passphrase: borrowing Secret?) throws(OpenSSLError) {
        self = try Self.read(MemoryBIO(pem), passphrase)
    }

    /// The same, of a file whose bytes are no secret: an encrypted one.
    public init(pem: [UInt8], passphrase: borrowing Secret?) throws(OpenSSLError) {
        self = try Self.read(MemoryBIO(pem), passphrase)
    }

    public init(pem: [UInt8], passphrase: borrowing Secret) throws(OpenSSLError) {
        let file = try MemoryBIO(pem)
        let pointer = unsafe file.pointer
        self = unsafe try withPassphrase(passphrase) { (context) throws(OpenSSLError) in
            unsafe try Self.read(pointer, context)
        }
    }

    private static func read(_ file: borrowing MemoryBIO, _ passphrase: borrowing Secret?) throws(OpenSSLError)
        -> PrivateKey
    {
        let pointer = unsafe file.pointer
        return unsafe try withPassphrase(passphrase) { (context) throws(OpenSSLError) in
            unsafe try read(pointer, context)
        }
    }

    private static func read(_ file: OpaquePointer, _ context: UnsafeMutableRawPointer) throws(OpenSSLError)
        -> PrivateKey
    {
        unsafe PrivateKey(
            owning: try check(
                PEM_read_bio_PrivateKey(file, nil, sceau_passphrase_give, context), "read a private key"))
    }

    /// PKCS#8 PEM, unencrypted.
    public func pem() throws(OpenSSLError) -> Secret {
        let file = try MemoryBIO()
        try check(
            unsafe PEM_write_bio_PKCS8PrivateKey(file.pointer, pointer, nil, nil, 0, nil, nil), "write a private key")
        return file.withContents { Secret(copying: $0) }
    }

    /// PKCS#8 PEM under a passphrase: PBES2 (RFC 8018), PBKDF2-HMAC-SHA256, AES-256-CBC.
    public func encryptedPEM(passphrase: borrowing Secret) throws(OpenSSLError) -> [UInt8] {
        try encryptedPEM(passphrase: passphrase, iterations: Self.minimumIterations)
    }

    /// With fewer iterations, for tests of this target.
    func encryptedPEM(passphrase: borrowing Secret, iterations: Int) throws(OpenSSLError) -> [UInt8] {
        guard passphrase.count > 0 else { throw OpenSSLError(operation: "encrypt a key under an empty passphrase") }
        let info = unsafe try check(EVP_PKEY2PKCS8(pointer), "write a PKCS#8 key")
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        let encrypted = unsafe passphrase.withPointer { bytes, count in
            unsafe bytes.withMemoryRebound(to: CChar.self, capacity: count) { characters in
                unsafe PKCS8_encrypt(
                    NID_hmacWithSHA256, EVP_aes_256_cbc(), characters, Int32(count), nil, 16, Int32(iterations), info)
            }
        }
        let sealed = unsafe try check(encrypted, "encrypt a private key")
        defer { unsafe X509_SIG_free(sealed) }
        let file = try MemoryBIO()
        try check(unsafe PEM_write_bio_PKCS8(file.pointer, sealed), "write an encrypted key")
        return file.contents()
    }

    /// The first private key behind a URI (`file:`, or a scheme that an OpenSSL provider serves).
    public static func load(uri: String, passphrase: borrowing Secret?) throws(OpenSSLError) -> PrivateKey {
        unsafe try withPassphrase(passphrase) { (context) throws(OpenSSLError) in unsafe try load(uri, context) }
    }

    public static func load(uri: String, passphrase: borrowing Secret) throws(OpenSSLError) -> PrivateKey {
        unsafe try withPassphrase(passphrase) { (context) throws(OpenSSLError) in unsafe try load(uri, context) }
    }

    private static func load(_ uri: String, _ context: UnsafeMutableRawPointer) throws(OpenSSLError) -> PrivateKey {
        let method = unsafe try check(UI_UTIL_wrap_read_pem_callback(sceau_passphrase_give, 0), "prepare a key store")
        defer { unsafe UI_destroy_method(method) }
        let store = unsafe try check(OSSL_STORE_open(uri, method, context, nil, nil), "open a key's URI")
        defer { unsafe OSSL_STORE_close(store) }
        unsafe try check(OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY), "look for a key")
        while unsafe OSSL_STORE_eof(store) == 0, unsafe OSSL_STORE_error(store) == 0 {
            guard let info = unsafe OSSL_STORE_load(store) else { continue }
            defer { unsafe OSSL_STORE_INFO_free(info) }
            guard unsafe OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY else { continue }
            return unsafe PrivateKey(owning: try check(OSSL_STORE_INFO_get1_PKEY(info), "load a private key"))
        }
        throw .drain("load a private key from its URI")
    }
}

/// A PKCS#12 file (RFC 7292): a member's key and its certificate.
public struct PKCS12: ~Copyable {
    public let key: PrivateKey
    public let certificate: Certificate

    public init(_ bytes: [UInt8], passphrase: borrowing Secret) throws(OpenSSLError) {
        var start: UnsafePointer<UInt8>?
        let parsed = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe start = buffer.baseAddress
            return unsafe d2i_PKCS12(nil, &start, buffer.count)
        }
        let file = unsafe try check(parsed, "read a PKCS#12 file")
        defer { unsafe PKCS12_free(file) }
        // PKCS12_parse wants a C string.
        let terminated = passphrase.withBytes { bytes in
            Secret(count: bytes.count + 1) { span in for index in bytes.indices { span[index] = bytes[index] } }
        }
        var key: OpaquePointer?
        var x509: OpaquePointer?
        let result = unsafe terminated.withPointer { bytes, count in
            unsafe bytes.withMemoryRebound(to: CChar.self, capacity: count) {
                unsafe PKCS12_parse(file, $0, &key, &x509, nil)
            }
        }
        defer { unsafe X509_free(x509) }
        let owned = unsafe key
        guard result == 1, let owned = unsafe owned else {
            throw .drain("open a PKCS#12 file: wrong passphrase, or no key in it")
        }
        let made = unsafe PrivateKey(owning: owned)
        guard let x509 = unsafe x509 else { throw OpenSSLError(operation: "find a certificate in a PKCS#12 file") }
        certificate = unsafe try Certificate(encoding: x509)
        self.key = made
    }
}

/// Lends a passphrase, or none, to OpenSSL as the context of `sceau_passphrase_give`.
private func withPassphrase<R: ~Copyable>(
    _ passphrase: borrowing Secret?, _ body: (UnsafeMutableRawPointer) throws(OpenSSLError) -> R
) throws(OpenSSLError) -> R {
    switch passphrase {
    case .some(let passphrase): return unsafe try withPassphrase(passphrase, body)
    case .none:
        var none = unsafe sceau_passphrase(bytes: nil, count: 0)
        return unsafe try withUnsafeMutablePointer(to: &none) { (lent) throws(OpenSSLError) in
            unsafe try body(UnsafeMutableRawPointer(lent))
        }
    }
}

private func withPassphrase<R: ~Copyable>(
    _ passphrase: borrowing Secret, _ body: (UnsafeMutableRawPointer) throws(OpenSSLError) -> R
) throws(OpenSSLError) -> R {
    unsafe try passphrase.withPointer { (bytes, count) throws(OpenSSLError) in
        var lent = unsafe sceau_passphrase(bytes: bytes, count: count)
        return unsafe try withUnsafeMutablePointer(to: &lent) { (lent) throws(OpenSSLError) in
            unsafe try body(UnsafeMutableRawPointer(lent))
        }
    }
}
