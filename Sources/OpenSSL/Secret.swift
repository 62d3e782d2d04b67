internal import COpenSSL

/// Bytes that must not outlive their use: keys, shares, passphrases.
///
/// One owner, a fixed length, overwritten (`OPENSSL_cleanse`) when it goes. The bytes are lent to a closure and never
/// returned: whoever reads a core file or freed memory is the attacker. It has no description, is not `Equatable`
/// (comparison is ``equals(_:)``, in constant time) and copies only where a call says ``copy()``.
@safe public struct Secret: ~Copyable, @unchecked Sendable {
    // Written only inside `init`; Sendable since nothing changes it afterwards.
    private let memory: UnsafeMutableBufferPointer<UInt8>

    private init(zeroes count: Int) {
        precondition(count >= 0 && count <= Self.maximum, "a secret is at most 1 MiB")
        // OPENSSL_malloc(0) is null: one byte at least. A machine out of memory here cannot go on.
        guard let start = unsafe sceau_malloc(max(count, 1)) else { fatalError("out of memory for a secret") }
        let bytes = unsafe start.bindMemory(to: UInt8.self, capacity: max(count, 1))
        unsafe bytes.initialize(repeating: 0, count: max(count, 1))
        unsafe self.memory = UnsafeMutableBufferPointer(start: bytes, count: count)
    }

    /// `count` zero bytes, filled by the closure. An error of the closure frees (and cleanses) them.
    public init<E: Error>(count: Int, _ fill: (inout MutableSpan<UInt8>) throws(E) -> Void) throws(E) {
        let secret = Secret(zeroes: count)
        let memory = unsafe secret.memory
        var span = unsafe MutableSpan(_unsafeElements: memory)
        try fill(&span)
        self = secret
    }

    /// A copy of bytes whose owner cleanses its own.
    public init(copying bytes: Span<UInt8>) {
        self.init(count: bytes.count) { span in
            for index in bytes.indices { span[index] = bytes[index] }
        }
    }

    /// `count` bytes from OpenSSL's private generator.
    public static func random(_ count: Int) throws(OpenSSLError) -> Secret {
        try Secret(count: count) { (span) throws(OpenSSLError) in
            try check(
                unsafe span.withUnsafeMutableBufferPointer { unsafe RAND_priv_bytes($0.baseAddress, Int32($0.count)) },
                "make random bytes")
        }
    }

    deinit { unsafe sceau_clear_free(memory.baseAddress, max(memory.count, 1)) }

    /// 1 MiB: nothing secret that we hold is larger than a key file.
    static let maximum = 1 << 20

    public var count: Int { unsafe memory.count }

    /// Lends the bytes. The closure must not keep or copy them beyond what its own secret needs.
    public func withBytes<R: ~Copyable, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(memory)))
    }

    /// Lends the address to a C call of this target.
    func withPointer<R: ~Copyable, E: Error>(_ body: (UnsafePointer<UInt8>, Int) throws(E) -> R) throws(E) -> R {
        try unsafe body(UnsafePointer(memory.baseAddress!), memory.count)
    }

    /// Whether both hold the same bytes, in a time that depends on their lengths only.
    public func equals(_ other: borrowing Secret) -> Bool {
        guard count == other.count else { return false }
        return unsafe CRYPTO_memcmp(memory.baseAddress, other.memory.baseAddress, count) == 0
    }

    /// The bytes of both, exclusive-or. They have the same length.
    public func xor(_ other: borrowing Secret) -> Secret {
        precondition(count == other.count, "secrets of one length")
        let (left, right) = unsafe (memory, other.memory)
        return Secret(count: count) { span in
            for index in 0..<span.count { span[index] = unsafe left[index] ^ right[index] }
        }
    }

    public func copy() -> Secret { withBytes { Secret(copying: $0) } }
}
