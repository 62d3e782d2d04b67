/// A server and what is asked of it: `http://host[:port]/path?query` or `https://…`, as an administrator writes it.
///
/// For services whose answers prove themselves, such as timestamps; ``Endpoint/init(parsing:)``, which takes no `http:`, is
/// for everything that bears a token.
public struct WebAddress: Sendable, Hashable {
    public let endpoint: Endpoint
    /// Path and query.
    public let target: String

    public init(parsing text: String) throws(ClientError) {
        guard text.utf8.count <= 1000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains("#"),
            !text.contains("@")
        else { throw ClientError.badAddress("an address has no blanks, no user and no fragment") }
        let isSecure = text.lowercased().hasPrefix("https://")
        guard isSecure || text.lowercased().hasPrefix("http://") else {
            throw ClientError.badAddress("'\(text)' begins with neither http:// nor https://")
        }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let path = String(rest[end...])
        target = path.hasPrefix("/") ? path : "/" + path
        let secure = try Endpoint(parsing: "https://" + rest[..<end])
        guard case .https(let host, let port) = secure else { throw ClientError.badAddress("'\(text)'") }
        let hasPort = rest[..<end].last != "]" && rest[..<end].split(separator: "]").last?.contains(":") == true
        endpoint = isSecure ? secure : .http(host: host, port: hasPort ? port : 80)
    }

    /// Name or address of the server.
    public var host: String {
        switch endpoint {
        case .https(let host, _), .http(let host, _): host
        case .unix: "localhost"
        }
    }

    /// Whether what is sent can be read on the way.
    public var isInTheClear: Bool { if case .http = endpoint { true } else { false } }
}
