internal import COpenSSL

/// A call into OpenSSL that failed, with everything that its per-thread error queue said.
///
/// The queue is drained at once, on the thread of the call, so that no later call is blamed for it.
/// Reasons are OpenSSL's own words, never a value: they may stand in a log.
public struct OpenSSLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done, in words: "read a certificate".
    public let operation: String
    /// OpenSSL's reasons, oldest first; empty where it gave none.
    public let reasons: [String]

    public init(operation: String, reasons: [String] = []) {
        self.operation = operation
        self.reasons = reasons
    }

    public init(operation: StaticString, reasons: [String]) {
        self.init(operation: operation.description, reasons: reasons)
    }

    /// The error of a call that has just failed on this thread.
    public static func drain(_ operation: StaticString) -> OpenSSLError {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            // Bounded: the queue holds 16 entries.
            var text = [CChar](repeating: 0, count: 256)
            unsafe ERR_error_string_n(code, &text, text.count)
            reasons.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return OpenSSLError(operation: operation.description, reasons: reasons)
    }

    /// Forgets what the queue holds: before a call whose failure is read from the queue, and after one that is expected to fail.
    static func clearQueue() { ERR_clear_error() }

    public var description: String {
        reasons.isEmpty
            ? "OpenSSL could not \(operation)" : "OpenSSL could not \(operation): \(reasons.joined(separator: "; "))"
    }
}

/// The result of a call that returns 1 for success, as most of OpenSSL's do.
func check(_ result: Int32, _ operation: StaticString) throws(OpenSSLError) {
    guard result == 1 else { throw .drain(operation) }
}

/// The result of a call that returns an object or null.
func check(_ pointer: OpaquePointer?, _ operation: StaticString) throws(OpenSSLError) -> OpaquePointer {
    guard let pointer = unsafe pointer else { throw .drain(operation) }
    return unsafe pointer
}
