internal import COpenSSL
internal import Glibc

/// What came of one step of a TLS connection.
public enum TLSOutcome: Sendable {
    /// Done; for `read` and `write` the number of bytes, at least one.
    case complete(Int)
    /// Nothing more until the socket is readable; call again then.
    case incompleteRead
    /// Nothing more until the socket is writable; call again then, a `write` with the same bytes.
    case incompleteWrite
    /// The peer ended its stream with close_notify.
    case ended
    /// The connection is over: broken TLS, refused certificate, or a cut stream. Only `deinit` may follow.
    case failed(OpenSSLError)
}

/// One end of a TLS connection over a non-blocking socket (SSL). Used by one thread at a time.
///
/// It does not own the socket: the owner closes it after this object is gone. `SIGPIPE` must be ignored in the process.
@safe
public final class TLSConnection {
    private let pointer: OpaquePointer
    /// Only then may close_notify be sent (SSL_shutdown(3)).
    private var isUsable = true

    /// The server's end of an accepted socket.
    public init(accepting context: TLSContext, socket: Int32) throws(OpenSSLError) {
        precondition(context.isServer)
        unsafe pointer = try Self.make(context, socket)
        unsafe SSL_set_accept_state(pointer)
    }

    /// The client's end of a connected socket. The handshake fails unless the server's certificate is trusted and names
    /// `host`, which is a DNS name (also sent as SNI, RFC 6066 section 3) or a numeric address.
    public init(connecting context: TLSContext, socket: Int32, host: String) throws(OpenSSLError) {
        precondition(!context.isServer)
        unsafe pointer = try Self.make(context, socket)
        unsafe SSL_set_connect_state(pointer)
        let parameters = unsafe SSL_get0_param(pointer)
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return }
        ERR_clear_error()
        unsafe SSL_set_hostflags(pointer, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard !host.isEmpty, unsafe SSL_set1_host(pointer, host) == 1,
            unsafe sceau_tls_set_server_name(pointer, host) == 1
        else { throw .drain("SSL_set1_host") }
    }

    deinit {
        unsafe SSL_free(pointer)
    }

    private static func make(_ context: TLSContext, _ socket: Int32) throws(OpenSSLError) -> OpaquePointer {
        ERR_clear_error()
        guard let connection = unsafe SSL_new(context.pointer) else { throw .drain("SSL_new") }
        guard unsafe SSL_set_fd(connection, socket) == 1 else {
            unsafe SSL_free(connection)
            throw .drain("SSL_set_fd")
        }
        return unsafe connection
    }

    // MARK: Steps

    /// One step of the handshake; `complete(0)` when it is done.
    public func handshake() -> TLSOutcome {
        ERR_clear_error()
        errno = 0
        let result = unsafe SSL_do_handshake(pointer)
        return result == 1 ? .complete(0) : outcome(result, "TLS handshake")
    }

    /// Reads at most one record's worth of bytes (16 KiB) into the start of `bytes`, which is not empty.
    public func read(into bytes: inout MutableSpan<UInt8>) -> TLSOutcome {
        ERR_clear_error()
        errno = 0
        var count = 0
        let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe SSL_read_ex(pointer, buffer.baseAddress, buffer.count, &count)
        }
        return result == 1 ? .complete(count) : outcome(result, "TLS read")
    }

    /// Writes a prefix of `bytes`, which is not empty.
    public func write(_ bytes: Span<UInt8>) -> TLSOutcome {
        ERR_clear_error()
        errno = 0
        var count = 0
        let result = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe SSL_write_ex(pointer, buffer.baseAddress, buffer.count, &count)
        }
        return result == 1 ? .complete(count) : outcome(result, "TLS write")
    }

    /// Much is to be read, such as a body: into a buffer of several records, which a connection that is only spoken with has not.
    public func expectMuch() {
        unsafe sceau_tls_read_much(pointer)
        ERR_clear_error()
    }

    /// Bytes were taken from the socket that no `read` has given yet: the socket may never become readable for them.
    public var hasPending: Bool { unsafe SSL_has_pending(pointer) == 1 }

    /// Sends close_notify if the connection is sound; never waits, and does not care whether it goes out.
    public func close() {
        guard isUsable, unsafe SSL_is_init_finished(pointer) == 1 else { return }
        isUsable = false
        ERR_clear_error()
        unsafe SSL_shutdown(pointer)
        ERR_clear_error()
    }

    // MARK: What was agreed

    /// `TLSv1.3`
    public var version: String { unsafe String(cString: SSL_get_version(pointer)) }
    /// `TLS_AES_256_GCM_SHA384`
    public var cipher: String { unsafe String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(pointer))) }

    // MARK: -

    private func outcome(_ result: Int32, _ operation: StaticString) -> TLSOutcome {
        let number = errno
        switch unsafe SSL_get_error(pointer, result) {
        case SSL_ERROR_WANT_READ: return .incompleteRead
        case SSL_ERROR_WANT_WRITE: return .incompleteWrite
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            isUsable = false
            var error = OpenSSLError.drain(operation)
            let verification = unsafe SSL_get_verify_result(pointer)
            if verification != X509_V_OK, let text = unsafe X509_verify_cert_error_string(verification) {
                unsafe error = OpenSSLError(operation: operation.description, reasons: error.reasons + [String(cString: text)])
            } else if error.reasons.isEmpty {
                error = OpenSSLError(
                    operation: operation.description, reasons: [number == 0 ? "connection ended" : "errno \(number)"])
            }
            return .failed(error)
        }
    }
}
