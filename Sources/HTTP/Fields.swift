/// Header fields in the order of arrival; names compare without regard to ASCII case (RFC 9110 section 5.1).
///
/// The parsers refuse a repeated name unless it is one of `lists`, so that a value read here is the only one there was.
public struct Fields: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        /// In lower case.
        public let name: String
        public let value: String
    }

    public private(set) var all: [Field] = []

    public init() {}

    public init(_ pairs: [(String, String)]) {
        for (name, value) in pairs { append(name, value) }
    }

    public var count: Int { all.count }

    /// The value of a field; for one that may come in several lines, those joined by `, ` (RFC 9110 section 5.3).
    public subscript(name: String) -> String? {
        let name = name.lowercased()
        var result: String?
        for field in all where field.name == name {
            result = result.map { "\($0), \(field.value)" } ?? field.value
        }
        return result
    }

    public func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        return all.contains { $0.name == name }
    }

    public mutating func append(_ name: String, _ value: String) {
        all.append(Field(name: name.lowercased(), value: value))
    }

    /// The members of a comma-separated field, trimmed, in lower case: `Connection: Close, X` gives `close`, `x`.
    public func tokens(_ name: String) -> [String] {
        guard let value = self[name] else { return [] }
        return value.split(separator: ",").map { member in
            var text = Substring(member)
            while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
            while let last = text.last, last == " " || last == "\t" { text.removeLast() }
            return text.lowercased()
        }
    }

    /// Whether a field may come in several lines: lists that clients and proxies write so, and cookies.
    static func mayRepeat(_ name: String) -> Bool {
        lists.contains(name) || name.hasPrefix("x-") || name.hasPrefix("sec-")
    }

    private static let lists: Set<String> = [
        "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection", "cookie",
        "forwarded", "keep-alive", "link", "pragma", "prefer", "server-timing", "set-cookie", "te", "trailer", "upgrade",
        "vary", "via", "warning", "www-authenticate",
    ]
}
