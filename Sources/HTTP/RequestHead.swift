/// Turns the lines of a head into a `Request`, or a refusal: what decides where a message ends is decided here, once.
struct RequestHead {
    private var method = Method.get
    private var target: RequestTarget?
    private var fields = Fields()

    /// `method SP request-target SP HTTP/1.1`, one space each (RFC 9112 section 3).
    mutating func requestLine(_ line: ArraySlice<UInt8>) throws(RequestRefusal) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { throw Self.malformed("malformed request line") }
        guard parts[0].count <= 32, parts[0].allSatisfy(Syntax.isToken) else { throw Self.malformed("malformed method") }
        let version = String(decoding: parts[2], as: UTF8.self)
        guard version == "HTTP/1.1" else {
            let bytes = Array(version.utf8)
            let isVersion = bytes.count == 8 && version.hasPrefix("HTTP/") && bytes[6] == 0x2E
                && (0x30...0x39).contains(bytes[5]) && (0x30...0x39).contains(bytes[7])
            throw isVersion
                ? RequestRefusal(status: 505, reason: "not HTTP/1.1") : Self.malformed("malformed protocol version")
        }
        method = Method(String(decoding: parts[0], as: UTF8.self))
        target = try RequestTarget(parts[1])
    }

    mutating func field(_ line: ArraySlice<UInt8>, maximum: Int) throws(RequestRefusal) {
        guard fields.count < maximum else { throw RequestRefusal(status: 431, reason: "too many header fields") }
        let (name, value): (String, String)
        do throws(SyntaxError) {
            (name, value) = try Syntax.fieldLine(line)
        } catch {
            throw Self.malformed(error.reason)
        }
        if fields.contains(name), !Fields.mayRepeat(name) {
            switch name {
            case "content-length": throw Self.malformed("two content lengths")
            case "transfer-encoding": throw Self.malformed("two transfer encodings")
            case "host": throw Self.malformed("two hosts")
            default: throw Self.malformed("repeated header field")
            }
        }
        fields.append(name, value)
    }

    /// The whole head.
    func finish() throws(RequestRefusal) -> Request {
        guard let target else { throw Self.malformed("malformed request line") }
        guard let host = fields["host"]?.lowercased() else { throw Self.malformed("no host") }
        guard Self.isHost(host) else { throw Self.malformed("malformed host") }
        // RFC 9112 section 3.2.2 lets the target win over Host; two names for one server only serve to confuse.
        if let authority = target.authority, authority != host { throw Self.malformed("address and host differ") }

        var length: Int64?
        if let text = fields["content-length"] {
            length = Syntax.length(text)
            guard length != nil else { throw Self.malformed("malformed content length") }
        }
        var isChunked = false
        if let coding = fields["transfer-encoding"]?.lowercased() {
            guard length == nil else { throw Self.malformed("content length with transfer encoding") }
            guard coding == "chunked" else {
                throw RequestRefusal(status: 501, reason: "transfer coding other than chunked")
            }
            isChunked = true
        }
        var expectsContinue = false
        if let expectation = fields["expect"]?.lowercased() {
            guard expectation == "100-continue" else {
                throw RequestRefusal(status: 417, reason: "expectation other than 100-continue")
            }
            // Without a body there is nothing to wait for.
            expectsContinue = isChunked || (length ?? 0) > 0
        }
        return Request(
            method: method, path: target.path, query: target.query, fields: fields, host: host, contentLength: length,
            isChunked: isChunked, expectsContinue: expectsContinue, closes: fields.tokens("connection").contains("close"))
    }

    /// `uri-host [ ":" port ]` (RFC 9110 section 7.2): a name, an IPv4 address, or an IPv6 one in brackets.
    private static func isHost(_ host: String) -> Bool {
        var bytes = host.utf8[...]
        guard !bytes.isEmpty, bytes.count <= 262 else { return false }
        if bytes.first == 0x5B {
            guard let end = bytes.firstIndex(of: 0x5D) else { return false }
            let literal = bytes[..<end].dropFirst()
            guard !literal.isEmpty, literal.allSatisfy({ Syntax.hexValue($0) != nil || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
            bytes = bytes[bytes.index(after: end)...]
        } else {
            let end = bytes.firstIndex(of: 0x3A) ?? bytes.endIndex
            let name = bytes[..<end]
            guard !name.isEmpty,
                name.allSatisfy({
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
                })
            else { return false }
            bytes = bytes[end...]
        }
        if bytes.isEmpty { return true }
        let port = bytes.dropFirst()
        return bytes.first == 0x3A && (1...5).contains(port.count) && port.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func malformed(_ reason: StaticString) -> RequestRefusal {
        RequestRefusal(status: 400, reason: reason)
    }
}
