/// The head of a request that passed the parser.
///
/// The target as sent is not kept: paths carry names of documents, which are never logged.
public struct Request: Sendable {
    public let method: Method
    /// The path's segments, percent-decoded, in UTF-8, without NUL. `/` has none; `/a/` has `a` and an empty one. An encoded
    /// slash stays inside its segment, and `.` and `..` are text like any other: a name never becomes a path.
    public let path: [String]
    /// The query's pairs, decoded as forms write them (`+` is a space), in order.
    public let query: [(name: String, value: String)]
    public let fields: Fields
    /// The value of `Host`, in lower case.
    public let host: String
    /// Content-Length; nil without one. 0 is a body of no byte.
    public let contentLength: Int64?
    /// The body is in the chunked coding and its length unknown.
    public let isChunked: Bool
    /// The client sends its body only after 100 (Continue) (RFC 9110 section 10.1.1).
    public let expectsContinue: Bool
    /// The client asked that this be the connection's last exchange.
    public let closes: Bool

    public var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    public init(
        method: Method, path: [String], query: [(name: String, value: String)], fields: Fields, host: String,
        contentLength: Int64?, isChunked: Bool, expectsContinue: Bool, closes: Bool
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.host = host
        self.contentLength = contentLength
        self.isChunked = isChunked
        self.expectsContinue = expectsContinue
        self.closes = closes
    }

    /// The first value of a name in the query.
    public func query(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}

/// The parser's no: the status to answer with, and why. After it the connection is closed, since its bytes have lost
/// their meaning.
public struct RequestRefusal: Error, Sendable {
    public let status: Int
    /// Names the rule, never the client's bytes.
    public let reason: StaticString

    public init(status: Int, reason: StaticString) {
        self.status = status
        self.reason = reason
    }
}
