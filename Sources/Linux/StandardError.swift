internal import Glibc

/// The process's stderr, for bytes that must not be copied into a text.
public enum StandardError {
    /// Best effort: with nobody left to tell there is nothing to do about it.
    public static func write(_ bytes: Span<UInt8>) {
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
