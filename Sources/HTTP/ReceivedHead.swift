/// The status line and fields of one answer, and how its body is delimited (RFC 9112 §6.3).
public struct ReceivedHead: Sendable, Equatable {
    /// A field line. The name is kept in lower case, the value without surrounding blanks.
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How the end of the body is known.
    public enum Framing: Sendable, Equatable {
        case none
        case length(Int64)
        case chunked
        /// The body ends with the connection; only an orderly end may count as one.
        case untilClose
    }

    /// 100 to 599.
    public let status: Int
    public let fields: [Field]
    public let framing: Framing
    /// Whether another request may follow on the same connection.
    public let keepsAlive: Bool

    /// The one value of a field, or nil when it is absent or stands there twice.
    public func value(of name: String) -> String? {
        let matching = fields.filter { $0.name == name }
        return matching.count == 1 ? matching[0].value : nil
    }
}

extension ReceivedHead {
    /// Reads a whole head, without the empty line that ends it; lines are already known to end in CRLF.
    ///
    /// - Parameter toHead: the request was a HEAD, whose answer has no body whatever its fields say.
    init(lines: [ArraySlice<UInt8>], toHead: Bool, limits: ResponseLimits) throws(ResponseError) {
        guard let first = lines.first else { throw ResponseError.malformed("no status line") }
        let (status, minor) = try Self.statusLine(first)
        guard lines.count - 1 <= limits.fields else { throw ResponseError.tooLarge("too many fields") }
        var fields: [Field] = []
        for line in lines.dropFirst() { fields.append(try Field(line: line)) }

        self.status = status
        self.fields = fields
        self.framing = try Self.framing(of: fields, status: status, minor: minor, toHead: toHead)
        let connection = fields.filter { $0.name == "connection" }
            .flatMap { $0.value.split(separator: ",") }
            .map { $0.trimmingBlanks().lowercased() }
        self.keepsAlive = minor == 1 && !connection.contains("close") && framing != .untilClose
    }

    /// `HTTP/1.1 200 OK`: exactly one space each, three digits; the reason is ignored (RFC 9112 §4).
    private static func statusLine(_ line: ArraySlice<UInt8>) throws(ResponseError) -> (status: Int, minor: Int) {
        let bytes = Array(line)
        guard bytes.count >= 12, bytes.starts(with: Array("HTTP/1.".utf8)), bytes[8] == 0x20,
            bytes[7] == 0x30 || bytes[7] == 0x31,
            bytes[9...11].allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.count == 12 || bytes[12] == 0x20,
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw ResponseError.malformed("status line") }
        let status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (100...599).contains(status) else { throw ResponseError.malformed("status out of range") }
        return (status, Int(bytes[7] - 0x30))
    }

    /// Two lengths, or a length beside a coding, are how a desynchronised peer smuggles: refused, never reconciled.
    private static func framing(
        of fields: [Field], status: Int, minor: Int, toHead: Bool
    ) throws(ResponseError) -> Framing {
        let lengths = fields.filter { $0.name == "content-length" }
        let codings = fields.filter { $0.name == "transfer-encoding" }
        guard lengths.count <= 1, codings.count <= 1, lengths.isEmpty || codings.isEmpty else {
            throw ResponseError.malformed("contradictory lengths")
        }
        if let coding = codings.first, coding.value.lowercased() != "chunked" || minor == 0 {
            throw ResponseError.malformed("unknown transfer coding")
        }
        var length: Int64?
        if let text = lengths.first?.value {
            guard !text.isEmpty, text.utf8.count <= 16, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = Int64(text)
            else { throw ResponseError.malformed("Content-Length") }
            length = value
        }
        if toHead || status < 200 || status == 204 || status == 304 { return .none }
        if !codings.isEmpty { return .chunked }
        if let length { return length == 0 ? .none : .length(length) }
        return .untilClose
    }
}

extension ReceivedHead.Field {
    /// `name: value`; a folded line, a blank before the colon and any control character are refused (RFC 9112 §5).
    init(line: ArraySlice<UInt8>) throws(ResponseError) {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else {
            throw ResponseError.malformed("field line")
        }
        let name = line[line.startIndex..<colon]
        guard name.allSatisfy(Self.isToken) else { throw ResponseError.malformed("field name") }
        let value = line[(colon + 1)...]
        guard value.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
            throw ResponseError.malformed("field value")
        }
        self.name = String(decoding: name, as: UTF8.self).lowercased()
        self.value = String(decoding: value, as: UTF8.self).trimmingBlanks()
    }

    /// tchar of RFC 9110 §5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    fileprivate func trimmingBlanks() -> String {
        var part = self[...]
        while let first = part.first, first == " " || first == "\t" { part = part.dropFirst() }
        while let last = part.last, last == " " || last == "\t" { part = part.dropLast() }
        return String(part)
    }
}
