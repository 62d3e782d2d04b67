internal import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that come over days: a value whose state can be kept and taken up again, where
/// ``SHA256`` lives and dies with one run.
///
/// The state tells as much as a digest does, and the last bytes themselves: whoever keeps it seals it.
public struct RunningSHA256: Sendable {
    /// Bytes of ``state``.
    public static let stateCount = 112

    private var context: SHA256_CTX

    public init() {
        context = SHA256_CTX()
        let result = unsafe sceau_sha256_start(&context)
        precondition(result == 1)
    }

    /// - Returns: nil where these are not the bytes of a state: never past its bounds, whoever wrote them.
    public init?(state: [UInt8]) {
        guard state.count == Self.stateCount, MemoryLayout<SHA256_CTX>.size == Self.stateCount else { return nil }
        var context = SHA256_CTX()
        unsafe withUnsafeMutableBytes(of: &context) { unsafe $0.copyBytes(from: state) }
        guard context.num < 64, context.md_len == 32 else { return nil }
        self.context = context
    }

    public var state: [UInt8] {
        unsafe withUnsafeBytes(of: context) { unsafe Array($0) }
    }

    public mutating func update(_ bytes: Span<UInt8>) {
        // Fails on nothing but a length past 2^61 bytes.
        let result = unsafe bytes.withUnsafeBufferPointer { unsafe sceau_sha256_update(&context, $0.baseAddress, $0.count) }
        precondition(result == 1)
    }

    /// Of what came so far. This value can go on.
    public func finish() -> InlineArray<32, UInt8> {
        var copy = context
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var span = digest.mutableSpan
        let result = unsafe span.withUnsafeMutableBufferPointer { unsafe sceau_sha256_finish($0.baseAddress, &copy) }
        precondition(result == 1)
        return digest
    }
}
