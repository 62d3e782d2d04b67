/// One request to be made.
public struct Call {
    public enum Body {
        case none
        case bytes([UInt8])
        /// Exactly `length` bytes, streamed; the server is asked for its consent first.
        case stream(length: Int64, any BodySource)
    }

    public let method: String
    /// Path and query, percent-encoded already: see `Call.path`.
    public let target: String
    public var fields: [(name: String, value: String)]
    public var body: Body
    /// Whether sending it twice does no harm, so that a kept connection that had died may be replaced unseen.
    public let isRepeatable: Bool
    /// Called with the bytes of the body sent so far.
    public var progress: ((Int64) -> Void)?

    public init(
        _ method: String, _ target: String, fields: [(name: String, value: String)] = [], body: Body = .none,
        isRepeatable: Bool? = nil, progress: ((Int64) -> Void)? = nil
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.isRepeatable = isRepeatable ?? (method == "GET" || method == "HEAD")
        self.progress = progress
    }

    /// `/a/b%2Fc`: segments joined, everything but unreserved characters percent-encoded (RFC 3986 §2.3).
    public static func path(_ segments: [String]) -> String {
        segments.map { segment in
            "/"
                + segment.utf8.map { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                        String(UnicodeScalar(byte))
                    default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                    }
                }.joined()
        }.joined()
    }
}

/// Bytes to be sent.
public protocol BodySource: AnyObject {
    /// The next bytes, at most `max`; empty at the end.
    func read(max: Int) throws -> [UInt8]
}
