internal import COpenSSL

/// A call into OpenSSL failed. `reasons` is what its error queue held, oldest first; never a secret or a path.
public struct OpenSSLError: Error, Sendable, CustomStringConvertible {
    public let operation: StaticString
    public let reasons: [String]

    public init(operation: StaticString, reasons: [String]) {
        self.operation = operation
        self.reasons = reasons
    }

    /// Empties this thread's error queue, so that no later call finds this one's errors.
    public static func drain(_ operation: StaticString) -> OpenSSLError {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { break }
            if let text = unsafe ERR_reason_error_string(code) {
                unsafe reasons.append(String(cString: text))
            } else {
                reasons.append("error \(code)")
            }
        }
        return OpenSSLError(operation: operation, reasons: reasons)
    }

    public var description: String {
        reasons.isEmpty ? "\(operation) failed" : "\(operation): \(reasons.joined(separator: "; "))"
    }
}
