/// The answer to one request, read strictly (RFC 9112): bytes in, events out, no I/O.
///
/// The server is the one we chose to trust, but what speaks on the socket may be anything: every length is bounded,
/// bare LF, folded lines and doubtful framing are refused. Fed one byte at a time it gives what it gives when fed
/// whole.
public struct ResponseParser {
    public enum Event: Equatable {
        /// All was consumed and nothing came of it yet.
        case incomplete
        /// An interim answer (1xx); the final one follows.
        case interim(ReceivedHead)
        case head(ReceivedHead)
        /// The bytes at these offsets of the input are body.
        case body(Range<Int>)
        /// The answer is whole. What is left of the input does not belong to it.
        case end
    }

    /// One event, and how many bytes of the input it used up.
    public struct Step: Equatable {
        public let consumed: Int
        public let event: Event
    }

    private enum State {
        case head
        case body(left: Int64)
        case untilClose
        case chunkSize
        case chunk(left: Int64)
        case chunkEnd
        case trailer
        /// The last byte was consumed, `end` is still to be told.
        case ending
        case ended
    }

    private let limits: ResponseLimits
    private let toHead: Bool
    private var state = State.head
    /// Bytes of the head or of the line that is being gathered; never longer than its bound.
    private var gathered: [UInt8] = []
    private var interims = 0
    private var trailerBytes = 0

    /// - Parameter toHead: the request was a HEAD.
    public init(limits: ResponseLimits = ResponseLimits(), toHead: Bool = false) {
        self.limits = limits
        self.toHead = toHead
    }

    /// Takes one event from the front of `input`. Call again with the rest until `incomplete` (more bytes are needed)
    /// or `end`.
    public mutating func next(_ input: Span<UInt8>) throws(ResponseError) -> Step {
        switch state {
        case .head: return try head(input)
        case .body(let left):
            guard !input.isEmpty else { return Step(consumed: 0, event: .incomplete) }
            let count = Int(min(Int64(input.count), left))
            state = left == Int64(count) ? .ending : .body(left: left - Int64(count))
            return Step(consumed: count, event: .body(0..<count))
        case .untilClose:
            guard !input.isEmpty else { return Step(consumed: 0, event: .incomplete) }
            return Step(consumed: input.count, event: .body(0..<input.count))
        case .chunkSize, .chunkEnd, .trailer, .chunk: return try chunked(input)
        case .ending:
            state = .ended
            return Step(consumed: 0, event: .end)
        case .ended: return Step(consumed: 0, event: .end)
        }
    }

    /// The peer closed in good order. Only an answer that ends with the connection is whole by that.
    public mutating func close() throws(ResponseError) {
        switch state {
        case .untilClose, .ending, .ended: state = .ended
        default: throw ResponseError.cut
        }
    }

    private mutating func head(_ input: Span<UInt8>) throws(ResponseError) -> Step {
        for index in 0..<input.count {
            let byte = input[index]
            gathered.append(byte)
            guard gathered.count <= limits.head else { throw ResponseError.tooLarge("head") }
            guard byte == 0x0A else { continue }
            guard gathered.count >= 2, gathered[gathered.count - 2] == 0x0D else {
                throw ResponseError.malformed("bare line feed")
            }
            guard gathered.count >= 4, gathered[gathered.count - 4] == 0x0D, gathered[gathered.count - 3] == 0x0A else {
                if gathered.count == 2 { throw ResponseError.malformed("empty line before the status line") }
                continue
            }
            let head = try ReceivedHead(lines: Self.lines(gathered.dropLast(2)), toHead: toHead, limits: limits)
            gathered = []
            return Step(consumed: index + 1, event: try begin(head))
        }
        return Step(consumed: input.count, event: .incomplete)
    }

    private mutating func begin(_ head: ReceivedHead) throws(ResponseError) -> Event {
        if head.status < 200 {
            // We never ask for another protocol.
            guard head.status != 101 else { throw ResponseError.malformed("unasked switch of protocols") }
            interims += 1
            guard interims <= limits.interim else { throw ResponseError.tooLarge("interim answers") }
            return .interim(head)
        }
        state =
            switch head.framing {
            case .none: .ending
            case .length(let length): .body(left: length)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
        return .head(head)
    }

    /// Lines without their CRLF.
    private static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: true).map { $0.dropLast() }
    }
}

extension ResponseParser {
    private mutating func chunked(_ input: Span<UInt8>) throws(ResponseError) -> Step {
        var index = 0
        while index < input.count {
            if case .chunk(let left) = state {
                let count = Int(min(Int64(input.count - index), left))
                state = left == Int64(count) ? .chunkEnd : .chunk(left: left - Int64(count))
                return Step(consumed: index + count, event: .body(index..<index + count))
            }
            gathered.append(input[index])
            index += 1
            guard try line() else { continue }
            try took(line: gathered.dropLast(2))
            gathered = []
            if case .ended = state { return Step(consumed: index, event: .end) }
        }
        return Step(consumed: index, event: .incomplete)
    }

    /// Whether the gathered bytes are a whole line; bounds it.
    private func line() throws(ResponseError) -> Bool {
        let bound =
            switch state {
            case .chunkSize: limits.chunkLine
            case .chunkEnd: 2
            default: limits.head - trailerBytes
            }
        guard gathered.count <= bound else { throw ResponseError.tooLarge("chunk framing") }
        guard gathered.last == 0x0A else { return false }
        guard gathered.count >= 2, gathered[gathered.count - 2] == 0x0D else {
            throw ResponseError.malformed("bare line feed")
        }
        return true
    }

    private mutating func took(line: ArraySlice<UInt8>) throws(ResponseError) {
        switch state {
        case .chunkSize:
            let size = try Self.size(line)
            state = size == 0 ? .trailer : .chunk(left: size)
        case .chunkEnd:
            guard line.isEmpty else { throw ResponseError.malformed("chunk longer than its size") }
            state = .chunkSize
        default:
            // Trailers are held to the rules of fields, and then ignored.
            trailerBytes += line.count + 2
            if line.isEmpty { state = .ended } else { _ = try ReceivedHead.Field(line: line) }
        }
    }

    /// Hexadecimal digits, then perhaps extensions, which are ignored (RFC 9112 §7.1.1).
    private static func size(_ line: ArraySlice<UInt8>) throws(ResponseError) -> Int64 {
        let digits = line.prefix { $0 != 0x3B && $0 != 0x20 && $0 != 0x09 }
        let rest = line[digits.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
        guard (1...12).contains(digits.count), rest.isEmpty || rest.first == 0x3B,
            line.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 })
        else { throw ResponseError.malformed("chunk size") }
        var size: Int64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: size = size << 4 | Int64(digit - 0x30)
            case 0x41...0x46: size = size << 4 | Int64(digit - 0x41 + 10)
            case 0x61...0x66: size = size << 4 | Int64(digit - 0x61 + 10)
            default: throw ResponseError.malformed("chunk size")
            }
        }
        return size
    }
}
