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

    /// - Parameter trust: ignored for a unix socket.
    public init(_ endpoint: Endpoint, trust: Trust, limits: TimeLimits = TimeLimits()) {
        self.endpoint = endpoint
        self.trust = trust
        self.limits = limits
    }

    /// Makes the call and gathers the whole answer.
    ///
    /// - Parameter limit: bytes of the answer's body; one more and it is `ClientError.tooLarge`.
    public func send(_ call: Call, limit: Int) throws -> Answer {
        try send(call, sink: nil, sinkLimit: 0, limit: limit)
    }

    /// Makes the call; the body of an answer 2xx goes to `sink` piece by piece, any other is gathered.
    ///
    /// - Parameters:
    ///   - sinkLimit: bytes that the sink takes.
    ///   - limit: bytes of a gathered body.
    public func send(_ call: Call, to sink: any BodySink, sinkLimit: Int64, limit: Int) throws -> Answer {
        try send(call, sink: sink, sinkLimit: sinkLimit, limit: limit)
    }

    private func send(_ call: Call, sink: (any BodySink)?, sinkLimit: Int64, limit: Int) throws -> Answer {
        guard Self.isSafe(call) else { throw ClientError.malformed("a control character in the request") }
        if let connection = kept {
            kept = nil
            if connection.isQuiet() {
                do { return try exchange(call, on: connection, sink, sinkLimit, limit) } catch let error as ClientError {
                    // The server may end a kept connection at the very moment we use it. Not a byte of an answer came,
                    // so a call that may be made twice is.
                    guard case .cut = error, call.isRepeatable, !connection.heard else { throw error }
                }
            }
        }
        return try exchange(call, on: connect(), sink, sinkLimit, limit)
    }

    private func exchange(
        _ call: Call, on connection: Connection, _ sink: (any BodySink)?, _ sinkLimit: Int64, _ limit: Int
    ) throws -> Answer {
        let answer = try connection.exchange(
            call, authority: endpoint.authority, sink: sink, sinkLimit: sinkLimit, limit: limit)
        if connection.isReusable { kept = connection }
        return answer
    }

    private func connect() throws(ClientError) -> Connection {
        let link: any Link
        switch endpoint {
        case .unix(let path): link = try PlainLink(path: path)
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
