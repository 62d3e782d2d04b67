/// Decodes the chunked transfer coding (RFC 9112 section 7.1), of requests and of responses.
///
/// Stricter than the RFC where implementations have disagreed and been played against each other: the size is followed by
/// CRLF or `;` at once, lines end in CRLF only, a chunk's data is followed by CRLF exactly. Extensions are ignored, trailer
/// fields are checked and dropped; both are bounded.
public struct ChunkedDecoder: Sendable {
    /// Bytes of one line with a size and its extensions.
    public static let maximumLine = 256
    /// Bytes of extensions in all lines together, so that a body cannot be mostly extensions.
    public static let maximumExtensions = 4096
    /// Bytes of the trailer section.
    public static let maximumTrailer = 4096

    public enum Event: Sendable, Equatable {
        /// Bytes of the content: a range of the input given.
        case body(Range<Int>)
        /// The last chunk and the trailer section were read.
        case end
    }

    private enum State: Sendable {
        case size(Int64, digits: Int)
        case chunkExtension(Int64)
        case sizeLineFeed(Int64)
        case data(Int64)
        case dataReturn
        case dataLineFeed
        case trailer
        case trailerLineFeed
        case ended
    }

    private var state = State.size(0, digits: 0)
    private var lineLength = 0
    private var extensions = 0
    private var trailer = 0
    private var line: [UInt8] = []

    public init() {}

    /// The next event of `input` from `position`, which moves behind what was read; nil when all of it was.
    public mutating func next(
        _ input: Span<UInt8>, from position: inout Int
    ) throws(SyntaxError) -> Event? {
        while position < input.count {
            if case .data(let left) = state {
                let count = Int(min(left, Int64(input.count - position)))
                let range = position..<(position + count)
                position += count
                state = left == Int64(count) ? .dataReturn : .data(left - Int64(count))
                return .body(range)
            }
            if case .ended = state { return nil }
            let byte = input[position]
            position += 1
            try step(byte)
            if case .ended = state { return .end }
        }
        return nil
    }

    private mutating func step(_ byte: UInt8) throws(SyntaxError) {
        switch state {
        case .size(let size, let digits):
            if let digit = Syntax.hexValue(byte) {
                // 15 digits are 2^60: no sum of ours overflows, and no leading zeros without end.
                guard digits < 15 else { throw SyntaxError("chunk size too long") }
                state = .size(size << 4 | Int64(digit), digits: digits + 1)
                return
            }
            guard digits > 0 else { throw SyntaxError("chunk without a size") }
            lineLength = digits
            switch byte {
            case 0x0D: state = .sizeLineFeed(size)
            case 0x3B: state = .chunkExtension(size)
            default: throw SyntaxError("bad character in a chunk size")
            }
        case .chunkExtension(let size):
            if byte == 0x0D {
                state = .sizeLineFeed(size)
                return
            }
            guard Syntax.isFieldValue(byte), byte < 0x80 else { throw SyntaxError("bad character in a chunk extension") }
            lineLength += 1
            extensions += 1
            guard lineLength < Self.maximumLine, extensions < Self.maximumExtensions else {
                throw SyntaxError("chunk extensions too long")
            }
        case .sizeLineFeed(let size):
            guard byte == 0x0A else { throw SyntaxError("bare CR after a chunk size") }
            state = size == 0 ? .trailer : .data(size)
        case .dataReturn:
            guard byte == 0x0D else { throw SyntaxError("chunk longer than its size") }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0A else { throw SyntaxError("bare CR after a chunk") }
            state = .size(0, digits: 0)
        case .trailer:
            trailer += 1
            guard trailer <= Self.maximumTrailer else { throw SyntaxError("trailer section too long") }
            switch byte {
            case 0x0D: state = .trailerLineFeed
            case 0x0A: throw SyntaxError("bare LF in the trailer section")
            case 0x00: throw SyntaxError("NUL in the trailer section")
            default: line.append(byte)
            }
        case .trailerLineFeed:
            guard byte == 0x0A else { throw SyntaxError("bare CR in the trailer section") }
            trailer += 1
            if line.isEmpty {
                state = .ended
            } else {
                _ = try Syntax.fieldLine(line[...])
                line.removeAll()
                state = .trailer
            }
        case .data, .ended:
            break
        }
    }
}
