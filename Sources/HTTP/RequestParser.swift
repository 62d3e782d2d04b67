/// Reads requests from the bytes of one connection: bytes in, events out. One byte at a time gives what the whole gives.
///
/// It never looks behind the end of a request before it is asked to, so that pipelined requests wait their turn in the
/// caller's buffer.
public struct RequestParser: Sendable {
    public enum Event: Sendable {
        case head(Request)
        /// Bytes of the body: a range of the input given.
        case body(Range<Int>)
        /// The request is complete; what follows belongs to the next one.
        case end
    }

    private enum State: Sendable {
        /// In a line of the head.
        case line
        /// After its CR.
        case lineFeed
        case fixed(Int64)
        case chunked(ChunkedDecoder)
        /// The request had no body, or an empty one: `end` comes without a byte more.
        case complete
    }

    private let maximumHead: Int
    private let maximumFields: Int
    private var state = State.line
    private var line: [UInt8] = []
    private var head = RequestHead()
    private var hasRequestLine = false
    private var skippedEmptyLine = false
    private var headBytes = 0

    /// - Parameters:
    ///   - maximumHead: bytes of a head with its line ends, 431 beyond (414 within the request line).
    ///   - maximumFields: field lines of a head, 431 beyond.
    public init(maximumHead: Int, maximumFields: Int) {
        self.maximumHead = maximumHead
        self.maximumFields = maximumFields
    }

    /// No byte of a request was read since the last one ended.
    public var isBetweenRequests: Bool {
        if case .line = state { return headBytes == 0 }
        return false
    }

    /// The next event of `input` from `position`, which moves behind what was read; nil when more input is needed.
    /// After a refusal the parser must not be used again.
    public mutating func next(
        _ input: Span<UInt8>, from position: inout Int
    ) throws(RequestRefusal) -> Event? {
        while true {
            switch state {
            case .complete:
                start()
                return .end
            case .fixed(let left):
                guard position < input.count else { return nil }
                let count = Int(min(left, Int64(input.count - position)))
                let range = position..<(position + count)
                position += count
                state = left == Int64(count) ? .complete : .fixed(left - Int64(count))
                return .body(range)
            case .chunked(var decoder):
                state = .complete  // so that the decoder has one owner while it changes
                do throws(SyntaxError) {
                    let event = try decoder.next(input, from: &position)
                    if event == .end { continue }
                    state = .chunked(decoder)
                    guard case .body(let range) = event else { return nil }
                    return .body(range)
                } catch {
                    throw RequestRefusal(status: 400, reason: error.reason)
                }
            case .line, .lineFeed:
                guard position < input.count else { return nil }
                let byte = input[position]
                position += 1
                if let request = try step(byte) { return .head(request) }
            }
        }
    }

    private mutating func start() {
        state = .line
        line.removeAll(keepingCapacity: true)
        head = RequestHead()
        hasRequestLine = false
        skippedEmptyLine = false
        headBytes = 0
    }

    private mutating func step(_ byte: UInt8) throws(RequestRefusal) -> Request? {
        headBytes += 1
        guard headBytes <= maximumHead else {
            throw hasRequestLine
                ? RequestRefusal(status: 431, reason: "head too long")
                : RequestRefusal(status: 414, reason: "request line too long")
        }
        if case .lineFeed = state {
            guard byte == 0x0A else { throw RequestRefusal(status: 400, reason: "bare CR") }
            state = .line
            defer { line.removeAll(keepingCapacity: true) }
            return try endLine()
        }
        switch byte {
        case 0x0D: state = .lineFeed
        case 0x0A: throw RequestRefusal(status: 400, reason: "bare LF")
        case 0x00: throw RequestRefusal(status: 400, reason: "NUL in the head")
        default: line.append(byte)
        }
        return nil
    }

    private mutating func endLine() throws(RequestRefusal) -> Request? {
        if !hasRequestLine {
            // RFC 9112 section 2.2: old clients end a body with a CRLF too many. One is forgiven.
            if line.isEmpty, !skippedEmptyLine {
                skippedEmptyLine = true
                return nil
            }
            try head.requestLine(line[...])
            hasRequestLine = true
            return nil
        }
        guard line.isEmpty else {
            try head.field(line[...], maximum: maximumFields)
            return nil
        }
        let request = try head.finish()
        if request.isChunked {
            state = .chunked(ChunkedDecoder())
        } else if let length = request.contentLength, length > 0 {
            state = .fixed(length)
        } else {
            state = .complete
        }
        return request
    }
}
