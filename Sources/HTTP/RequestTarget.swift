/// Reads a request target (RFC 9112 section 3.2) into segments and query.
///
/// Accepted: origin-form, and absolute-form if its authority is the `Host` field's. Refused: `*`, authority-form, a
/// fragment, a character RFC 3986 does not allow there, a bad percent-escape, what does not decode to UTF-8, NUL. Unescaped
/// UTF-8 is accepted, for curl sends an address as it was typed.
struct RequestTarget {
    static let maximumSegments = 16
    static let maximumPairs = 32

    var path: [String] = []
    var query: [(name: String, value: String)] = []
    /// Of absolute-form, in lower case.
    var authority: String?

    init(_ bytes: ArraySlice<UInt8>) throws(RequestRefusal) {
        var rest = bytes
        if rest.first != 0x2F {
            let lowered = String(decoding: rest.prefix(8), as: UTF8.self).lowercased()
            let scheme = lowered == "https://" ? 8 : lowered.hasPrefix("http://") ? 7 : 0
            guard scheme > 0 else { throw Self.refusal("request target is neither a path nor an address") }
            rest = rest.dropFirst(scheme)
            let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.endIndex
            authority = String(decoding: rest[..<end], as: UTF8.self).lowercased()
            rest = rest[end...]
            guard rest.isEmpty || rest.first == 0x2F else { throw Self.refusal("address without a path") }
        }
        let mark = rest.firstIndex(of: 0x3F) ?? rest.endIndex
        try readPath(rest[..<mark].dropFirst())
        if mark < rest.endIndex { try readQuery(rest[(mark + 1)...]) }
    }

    private mutating func readPath(_ bytes: ArraySlice<UInt8>) throws(RequestRefusal) {
        guard !bytes.isEmpty else { return }
        for segment in bytes.split(separator: 0x2F, omittingEmptySubsequences: false) {
            guard path.count < Self.maximumSegments else {
                throw RequestRefusal(status: 414, reason: "path of too many segments")
            }
            path.append(try Self.decode(segment, plusIsSpace: false))
        }
    }

    private mutating func readQuery(_ bytes: ArraySlice<UInt8>) throws(RequestRefusal) {
        for pair in bytes.split(separator: 0x26, omittingEmptySubsequences: true) {
            guard query.count < Self.maximumPairs else {
                throw RequestRefusal(status: 414, reason: "query of too many pairs")
            }
            let equals = pair.firstIndex(of: 0x3D) ?? pair.endIndex
            let name = try Self.decode(pair[..<equals], plusIsSpace: true)
            let value = equals < pair.endIndex ? try Self.decode(pair[(equals + 1)...], plusIsSpace: true) : ""
            query.append((name, value))
        }
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(RequestRefusal) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x25:
                guard index + 1 < bytes.endIndex, let high = Syntax.hexValue(bytes[index]),
                    let low = Syntax.hexValue(bytes[index + 1])
                else { throw refusal("bad percent-escape") }
                guard high | low != 0 else { throw refusal("NUL in the request target") }
                decoded.append(high << 4 | low)
                index += 2
            case 0x2B where plusIsSpace:
                decoded.append(0x20)
            default:
                guard isAllowed(byte) else { throw refusal("bad character in the request target") }
                decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw refusal("request target is not UTF-8")
        }
        return text
    }

    /// `pchar`, `/` and `?` of RFC 3986 without the percent sign, and bytes of unescaped UTF-8. Not `#`: no fragment is sent.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x40...0x5A, 0x61...0x7A, 0x80...0xFF: true  // digits, @ and letters
        case 0x21, 0x24, 0x26...0x2F, 0x3A, 0x3B, 0x3D, 0x3F, 0x5F, 0x7E: true  // !$&'()*+,-./:;=?_~
        default: false
        }
    }

    private static func refusal(_ reason: StaticString) -> RequestRefusal {
        RequestRefusal(status: 400, reason: reason)
    }
}
