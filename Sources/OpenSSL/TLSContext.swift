internal import COpenSSL

/// What the connections of one end have in common (SSL_CTX): certificate and key, or the trusted roots, and the versions.
///
/// Immutable once made, and OpenSSL counts the connections that use it: to change a certificate, make another context.
/// No compression, no renegotiation, no early data; ECDHE and AEAD suites only; no session cache.
@safe
public final class TLSContext: @unchecked Sendable {
    public enum Version: Sendable {
        case tls12, tls13

        fileprivate var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
    }

    let pointer: OpaquePointer
    let isServer: Bool

    private init(_ method: OpaquePointer?, minimum: Version, isServer: Bool) throws(OpenSSLError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(method) else { throw .drain("SSL_CTX_new") }
        unsafe pointer = context
        self.isServer = isServer
        guard unsafe sceau_tls_configure(context, minimum.number) == 1 else { throw .drain("SSL_CTX configuration") }
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    // MARK: Server

    /// A server's context from PEM files: the certificate first in `chainFile`, then its issuers; the key unencrypted.
    public convenience init(chainFile: String, keyFile: String, minimum: Version = .tls13) throws(OpenSSLError) {
        try unsafe self.init(TLS_server_method(), minimum: minimum, isServer: true)
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, chainFile) == 1 else {
            throw .drain("SSL_CTX_use_certificate_chain_file")
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(pointer, keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw .drain("SSL_CTX_use_PrivateKey_file")
        }
        try finishServer()
    }

    /// The same from bytes of PEM. The caller owns `keyPEM` and wipes it.
    public convenience init(
        chainPEM: Span<UInt8>, keyPEM: Span<UInt8>, minimum: Version = .tls13
    ) throws(OpenSSLError) {
        try unsafe self.init(TLS_server_method(), minimum: minimum, isServer: true)
        let certificates = try TLSCertificates(pem: chainPEM)
        guard let leaf = unsafe certificates.pointers.first else {
            throw OpenSSLError(operation: "TLS chain", reasons: ["no certificate"])
        }
        guard unsafe SSL_CTX_use_certificate(pointer, leaf) == 1 else { throw .drain("SSL_CTX_use_certificate") }
        for unsafe issuer in unsafe certificates.pointers.dropFirst() {
            // set1_chain's one-by-one form: OpenSSL takes its own reference.
            guard unsafe SSL_CTX_ctrl(pointer, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(issuer)) == 1 else {
                throw .drain("SSL_CTX_add1_chain_cert")
            }
        }
        var key: OpaquePointer?
        unsafe keyPEM.withUnsafeBufferPointer { buffer in
            guard let memory = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else { return }
            defer { unsafe BIO_free(memory) }
            // The callback refuses: an encrypted key must fail here, not ask on the terminal of a daemon.
            unsafe key = PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let key = unsafe key else { throw .drain("PEM_read_bio_PrivateKey") }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(pointer, key) == 1 else { throw .drain("SSL_CTX_use_PrivateKey") }
        try finishServer()
    }

    private func finishServer() throws(OpenSSLError) {
        guard unsafe SSL_CTX_check_private_key(pointer) == 1 else { throw .drain("SSL_CTX_check_private_key") }
        unsafe sceau_tls_configure_server(pointer)
    }

    // MARK: Client

    /// A client's context that trusts only the certificates of a PEM file: roots, issuers, or the server's own.
    public convenience init(trustedFile: String, minimum: Version = .tls13) throws(OpenSSLError) {
        try unsafe self.init(TLS_client_method(), minimum: minimum, isServer: false)
        guard unsafe SSL_CTX_load_verify_file(pointer, trustedFile) == 1 else {
            throw .drain("SSL_CTX_load_verify_file")
        }
        finishClient()
    }

    /// The same from bytes of PEM.
    public convenience init(trustedPEM: Span<UInt8>, minimum: Version = .tls13) throws(OpenSSLError) {
        try unsafe self.init(TLS_client_method(), minimum: minimum, isServer: false)
        let certificates = try TLSCertificates(pem: trustedPEM)
        for unsafe certificate in unsafe certificates.pointers {
            guard unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(pointer), certificate) == 1 else {
                throw .drain("X509_STORE_add_cert")
            }
        }
        finishClient()
    }

    /// A client's context that trusts what the system trusts.
    public convenience init(systemTrust minimum: Version = .tls13) throws(OpenSSLError) {
        try unsafe self.init(TLS_client_method(), minimum: minimum, isServer: false)
        guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
            throw .drain("SSL_CTX_set_default_verify_paths")
        }
        finishClient()
    }

    private func finishClient() {
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        // A pinned certificate is trusted as it is, whether or not it signed itself.
        _ = unsafe X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(pointer), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }
}

/// The certificates of a PEM text, in order; at least one, at most 64.
@safe
private struct TLSCertificates: ~Copyable {
    var pointers: [OpaquePointer]

    init(pem: Span<UInt8>) throws(OpenSSLError) {
        var found: [OpaquePointer] = unsafe []
        unsafe pem.withUnsafeBufferPointer { buffer in
            guard let memory = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else { return }
            defer { unsafe BIO_free(memory) }
            while unsafe found.count < 64, let certificate = unsafe PEM_read_bio_X509(memory, nil, nil, nil) {
                unsafe found.append(certificate)
            }
        }
        let end = OpenSSLError.drain("PEM_read_bio_X509")
        unsafe pointers = found
        // Reading past the last certificate always says "no start line"; anything else is a broken one.
        guard unsafe !found.isEmpty, end.reasons.allSatisfy({ $0.hasSuffix("no start line") }) else { throw end }
    }

    deinit {
        for unsafe pointer in unsafe pointers { unsafe X509_free(pointer) }
    }
}
