internal import OpenSSL

/// A blocking client of one server: trust is given, never found on the machine unless asked; every phase, every answer
/// is bounded; the connection is kept while the server keeps it.
///
/// Not thread-safe: one thread at a time. Threads that work side by side have a client each.
public final class HTTPSClient {
    public let endpoint: Endpoint
    private let trust: Trust
    private let limits: TimeLimits
    private var kept: Connection?
    private var context: TLSContext?

    /// - Parameter trust: ignored for a unix socket and in the clear.
    public init(_ endpoint: Endpoint, trust: Trust, limits: TimeLimits = TimeLimits()) {
        self.endpoint = endpoint
        self.trust = trust
        self.limits = limits
    }

    /// Makes the call and gathers the whole answer.
    ///
    /// - Parameter limit: bytes of the answer's body; one more and it is `ClientError.tooLarge`.
    public func send(_ call: Call, limit: Int) throws -> Answer {
        try open(call).gather(limit: limit)
    }

    /// Makes the call and returns with the head of its answer; the body is then read from the download, to its end or
    /// not. The next call may be made on the same connection only if it was.
    public func open(_ call: Call) throws -> Download {
        guard Self.isSafe(call) else { throw ClientError.malformed("a control character in the request") }
        if let connection = kept {
            kept = nil
            if connection.isQuiet() {
                do { return try open(call, on: connection) } catch let error as ClientError {
                    // The server may end a kept connection at the very moment we use it. Not a byte of an answer came,
                    // so a call that may be made twice is.
                    guard case .cut = error, call.isRepeatable, !connection.heard else { throw error }
                }
            }
        }
        return try open(call, on: connect())
    }

    private func open(_ call: Call, on connection: Connection) throws -> Download {
        let head = try connection.begin(call, authority: endpoint.authority)
        return Download(head, connection) { [weak self] in self?.kept = $0 }
    }

    private func connect() throws(ClientError) -> Connection {
        let link: any Link
        switch endpoint {
        case .unix(let path): link = try PlainLink(path: path)
        case .http(let host, let port): link = try PlainLink(host: host, port: port, limits: limits)
        case .https(let host, let port):
            let context: TLSContext
            if let made = self.context { context = made } else { context = try trust.context() }
            self.context = context
            link = try TLSLink(host: host, port: port, context: context, limits: limits)
        }
        return Connection(link, limits: limits)
    }

    /// A line break in a value would be a second field, or a second request.
    private static func isSafe(_ call: Call) -> Bool {
        func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
        return call.target.hasPrefix("/") && call.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && call.fields.allSatisfy { isPlain($0.name) && isPlain($0.value) && !$0.name.contains(":") }
    }
}
