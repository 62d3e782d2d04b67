public import HTTP

/// What the server said, whole.
public struct Answer: Sendable {
    public let head: ReceivedHead
    public let body: [UInt8]

    public var status: Int { head.status }
}

/// An answer whose body is read as it comes.
public final class Download {
    public let head: ReceivedHead
    private var connection: Connection?
    private let keep: (Connection) -> Void

    public var status: Int { head.status }

    init(_ head: ReceivedHead, _ connection: Connection, keep: @escaping (Connection) -> Void) {
        self.head = head
        self.connection = connection
        self.keep = keep
    }

    /// The next bytes, at least one and at most `max`; none at the end of the body.
    public func read(max: Int) throws -> [UInt8] {
        guard let connection else { return [] }
        do {
            let bytes = try connection.read(max: max)
            if bytes.isEmpty {
                self.connection = nil
                if connection.isReusable { keep(connection) }
            }
            return bytes
        } catch {
            self.connection = nil
            throw error
        }
    }

    /// The whole body.
    ///
    /// - Parameter limit: bytes; one more and it is `ClientError.tooLarge`.
    public func gather(limit: Int) throws -> Answer {
        if case .length(let length) = head.framing, length > Int64(limit) { throw ClientError.tooLarge }
        var body: [UInt8] = []
        while true {
            let bytes = try read(max: 64 * 1024)
            guard !bytes.isEmpty else { return Answer(head: head, body: body) }
            guard body.count + bytes.count <= limit else { throw ClientError.tooLarge }
            body += bytes
        }
    }
}
