internal import COpenSSL

/// A memory BIO: how OpenSSL's PEM functions read and write.
@safe struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    /// An empty one, to write to.
    init() throws(OpenSSLError) { unsafe pointer = try check(BIO_new(BIO_s_secmem()), "make a buffer") }

    /// One that reads a copy of the bytes.
    init(_ bytes: [UInt8]) throws(OpenSSLError) {
        let buffer = try MemoryBIO()
        let written = unsafe BIO_write(buffer.pointer, bytes, Int32(clamping: bytes.count))
        guard written == bytes.count else { throw .drain("fill a buffer") }
        self = buffer
    }

    init(_ secret: borrowing Secret) throws(OpenSSLError) {
        let buffer = try MemoryBIO()
        let target = unsafe buffer.pointer
        let written = unsafe secret.withPointer { bytes, count in unsafe BIO_write(target, bytes, Int32(clamping: count)) }
        guard written == secret.count else { throw .drain("fill a buffer") }
        self = buffer
    }

    deinit { unsafe BIO_free_all(pointer) }

    /// What was written, lent.
    func withContents<R: ~Copyable, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        var start: UnsafePointer<UInt8>?
        let count = unsafe sceau_bio_bytes(pointer, &start)
        return try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
    }

    /// What was written, copied: only for what is public.
    func contents() -> [UInt8] { withContents { bytes in bytes.indices.map { bytes[$0] } } }
}
