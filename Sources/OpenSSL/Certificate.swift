internal import COpenSSL

/// An X.509 certificate, immutable and shared between threads.
///
/// Equality and hash are those of its DER. It says who somebody is to us only by being *the* certificate that a pinned
/// object names: chains are not validated here.
@safe public final class Certificate: Sendable, Hashable {
    /// X509. OpenSSL locks what it caches inside.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// Exactly the bytes that digests, seals and fingerprints are taken of.
    public let der: [UInt8]

    /// No certificate of ours is near it; a stranger's is refused beyond.
    public static let maximumCount = 16 * 1024

    /// From DER, all of it: what does not re-encode to the same bytes is refused.
    public init(der: [UInt8]) throws(OpenSSLError) {
        guard der.count <= Self.maximumCount else {
            throw OpenSSLError(operation: "read a certificate of more than 16 KiB")
        }
        let parsed = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var next = bytes.baseAddress
            return unsafe d2i_X509(nil, &next, bytes.count)
        }
        let x509 = unsafe try check(parsed, "read a certificate")
        guard unsafe (try? encoded(x509)) == der else {
            unsafe X509_free(x509)
            throw OpenSSLError(operation: "read a certificate: it is not plain DER")
        }
        unsafe pointer = unsafe x509
        self.der = der
    }

    /// A certificate that OpenSSL holds and keeps.
    convenience init(encoding x509: OpaquePointer) throws(OpenSSLError) { unsafe try self.init(der: encoded(x509)) }

    deinit { unsafe X509_free(pointer) }

    /// The first certificate of a PEM file.
    public convenience init(pem: [UInt8]) throws(OpenSSLError) { try self.init(reading: MemoryBIO(pem)) }

    /// Every certificate of a PEM file that holds at least one, and at most 64.
    public static func all(pem: [UInt8]) throws(OpenSSLError) -> [Certificate] {
        let file = try MemoryBIO(pem)
        var found: [Certificate] = []
        while let x509 = unsafe PEM_read_bio_X509(file.pointer, nil, sceau_passphrase_give, nil) {
            defer { unsafe X509_free(x509) }
            guard found.count < 64 else { throw OpenSSLError(operation: "read a file of more than 64 certificates") }
            found.append(unsafe try Certificate(encoding: x509))
        }
        // At the end there is no further beginning; anything else is a certificate that does not read.
        guard !found.isEmpty, ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE else {
            throw .drain("find certificates in a PEM file")
        }
        OpenSSLError.clearQueue()
        return found
    }

    /// The same, of a file that holds a private key too.
    public convenience init(pem: borrowing Secret) throws(OpenSSLError) { try self.init(reading: MemoryBIO(pem)) }

    private convenience init(reading file: borrowing MemoryBIO) throws(OpenSSLError) {
        let x509 = unsafe try check(
            PEM_read_bio_X509(file.pointer, nil, sceau_passphrase_give, nil), "find a certificate in a PEM file")
        defer { unsafe X509_free(x509) }
        unsafe try self.init(encoding: x509)
    }

    public var pem: String {
        // Writing to memory what was read fails only when memory is out.
        guard let file = try? MemoryBIO(), unsafe PEM_write_bio_X509(file.pointer, pointer) == 1 else {
            fatalError("out of memory for a PEM")
        }
        return String(decoding: file.contents(), as: UTF8.self)
    }

    /// SHA-256 of the DER.
    public var digest: InlineArray<32, UInt8> { SHA256.hash(der) }

    public static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

/// The DER of an X509.
private func encoded(_ x509: OpaquePointer) throws(OpenSSLError) -> [UInt8] {
    let count = unsafe i2d_X509(x509, nil)
    guard count > 0 else { throw .drain("write a certificate") }
    var der = [UInt8](repeating: 0, count: Int(count))
    unsafe der.withUnsafeMutableBufferPointer { buffer in
        var next = buffer.baseAddress
        _ = unsafe i2d_X509(x509, &next)
    }
    return der
}
