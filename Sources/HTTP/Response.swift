/// An answer. Its length, `Date` and `Connection` are the server's to write.
public struct Response: Sendable {
    /// 200 to 599.
    public var status: Int
    /// Names and values that `ResponseHead` can write; anything else makes the server answer 500.
    public var fields: [(String, String)]
    public var body: Body
    /// The connection ends after this answer.
    public var closes: Bool

    public init(status: Int, fields: [(String, String)] = [], body: Body = .none, closes: Bool = false) {
        self.status = status
        self.fields = fields
        self.body = body
        self.closes = closes
    }
}

public enum Body: Sendable {
    case none
    case bytes([UInt8])
    case file(any FileSource)

    public var length: Int64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(let source): source.length
        }
    }
}

/// A long body that is read piece by piece, by one of the server's reading threads at a time, never by a loop.
public protocol FileSource: AnyObject, Sendable {
    /// In bytes; does not change.
    var length: Int64 { get }
    /// The next bytes, at least one until `length` were given. An error, or none too early, cuts the connection: the client
    /// sees a short body.
    func read(max: Int) throws -> [UInt8]
}
