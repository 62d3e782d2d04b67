internal import COpenSSL

/// SHA-256 (FIPS 180-4), at once or running.
@safe public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    public init() throws(OpenSSLError) {
        let context = unsafe try check(EVP_MD_CTX_new(), "make a digest")
        guard unsafe EVP_DigestInit_ex(context, Self.algorithm, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .drain("start a digest")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: Span<UInt8>) {
        // EVP_DigestUpdate of a built-in digest fails only on a null context.
        let result = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(result == 1)
    }

    public consuming func finish() -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var span = digest.mutableSpan
        let result = unsafe span.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
        }
        precondition(result == 1)
        return digest
    }

    public static func hash(_ bytes: Span<UInt8>) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var span = digest.mutableSpan
        let result = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe span.withUnsafeMutableBufferPointer { output in
                unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, algorithm, nil)
            }
        }
        precondition(result == 1)
        return digest
    }

    public static func hash(_ bytes: [UInt8]) -> InlineArray<32, UInt8> { hash(bytes.span) }

    /// Fetched once for the process: an implicit fetch at every start costs more than hashing a small object.
    nonisolated(unsafe) private static let algorithm: OpaquePointer = {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else { fatalError("OpenSSL has no SHA-256") }
        return unsafe algorithm
    }()
}
