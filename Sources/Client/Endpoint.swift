/// Where a server listens.
public enum Endpoint: Sendable, Hashable {
    /// TLS; the certificate must name `host` and come from the trusted authorities alone.
    case https(host: String, port: UInt16)
    /// TCP in the clear, for answers that prove themselves: see ``WebAddress``.
    case http(host: String, port: UInt16)
    /// A socket of this machine, without TLS: the kernel says who is at the other end.
    case unix(path: String)

    /// Reads `https://host[:port][/]` or `unix:/path`. Nothing else is an address of ours: no user, query or path.
    public init(parsing text: String) throws(ClientError) {
        if text.hasPrefix("unix:/") {
            self = .unix(path: String(text.dropFirst("unix:".count)))
            return
        }
        let prefix = "https://"
        guard text.lowercased().hasPrefix(prefix) else {
            throw ClientError.badAddress("'\(text)' does not begin with https://")
        }
        var rest = text.dropFirst(prefix.count)
        if rest.last == "/" { rest = rest.dropLast() }
        var host: Substring
        var port: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw ClientError.badAddress("'[' without ']'") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw ClientError.badAddress("text behind ']'") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts[0]
            port = parts.count == 2 ? parts[1] : nil
        }
        guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(Self.isHostByte) else {
            throw ClientError.badAddress("'\(text)' names no host, or has a path")
        }
        var number: UInt16 = 443
        if let port {
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = UInt16(port), value > 0 else {
                throw ClientError.badAddress("'\(port)' is no port")
            }
            number = value
        }
        self = .https(host: host.lowercased(), port: number)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A: true
        default: false
        }
    }

    /// The `Host` field (RFC 9110 §7.2).
    var authority: String {
        switch self {
        case .https(let host, let port): Self.authority(host, port == 443 ? nil : port)
        case .http(let host, let port): Self.authority(host, port == 80 ? nil : port)
        case .unix: "localhost"
        }
    }

    private static func authority(_ host: String, _ port: UInt16?) -> String {
        (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }
}
