/// Why an answer cannot be believed. Nothing of it may be used after that, nor the connection it came on.
public enum ResponseError: Error, Equatable {
    /// Not HTTP/1.1, or framed in two ways at once.
    case malformed(String)
    /// A bound of `ResponseLimits` was crossed.
    case tooLarge(String)
    /// The connection ended inside the answer.
    case cut
}

/// The bounds of what a server may send before its body.
public struct ResponseLimits: Sendable {
    /// Bytes of one head, or of one trailer section.
    public let head: Int
    /// Field lines in a head.
    public let fields: Int
    /// Interim answers (1xx) before the final one.
    public let interim: Int
    /// Bytes of one chunk-size line, extensions included.
    public let chunkLine: Int

    public init(head: Int = 16 * 1024, fields: Int = 64, interim: Int = 8, chunkLine: Int = 256) {
        self.head = head
        self.fields = fields
        self.interim = interim
        self.chunkLine = chunkLine
    }
}
