internal import COpenSSL

/// The digest of one request's bytes, by an algorithm that the client chose among those it may: it proves transport, not
/// authorship, so that SHA-1 has its place here (tus 1.0, checksum) and nowhere else.
@safe public struct BodyDigest: ~Copyable {
    public enum Algorithm: String, Sendable, CaseIterable {
        case sha1, sha256

        /// Bytes of a digest.
        public var count: Int { self == .sha1 ? 20 : 32 }
    }

    private let context: OpaquePointer
    private let count: Int

    public init(_ algorithm: Algorithm) throws(OpenSSLError) {
        let context = unsafe try check(EVP_MD_CTX_new(), "make a digest")
        guard unsafe EVP_DigestInit_ex(context, algorithm == .sha1 ? EVP_sha1() : EVP_sha256(), nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .drain("start a digest")
        }
        unsafe self.context = context
        count = algorithm.count
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: Span<UInt8>) {
        let result = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(result == 1)
    }

    public consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: count)
        let result = unsafe digest.withUnsafeMutableBufferPointer { unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
        precondition(result == 1)
        return digest
    }
}
