internal import CLinux
internal import Glibc

/// A numeric internet address and port. An IPv4 address mapped into IPv6 counts as the IPv4 one it is.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]
    public let port: UInt16

    /// 127.0.0.0/8 or ::1: nobody outside this host.
    public var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1] }

    public init(bytes: [UInt8], port: UInt16) {
        precondition(bytes.count == 4 || bytes.count == 16)
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        self.bytes = bytes.count == 16 && Array(bytes[..<12]) == mapped ? Array(bytes[12...]) : bytes
        self.port = port
    }

    /// `192.0.2.1:443` or `[2001:db8::1]:443`; nil for anything else, names among them.
    public init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")), text.utf8.count <= 64 else { return nil }
        let portText = text[text.utf8.index(after: colon)...]
        guard !portText.isEmpty, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText)
        else { return nil }
        var host = String(text[..<colon])
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if bracketed { host = String(host.dropFirst().dropLast()) }
        guard let bytes = Self.parse(host), (bytes.count == 16) == bracketed else { return nil }
        self.init(bytes: bytes, port: port)
    }

    /// The bytes of `192.0.2.1` or `2001:db8::1`; nil if it is neither.
    public static func parse(_ host: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, host, &buffer) == 1 { return Array(buffer[..<4]) }
        if unsafe inet_pton(AF_INET6, host, &buffer) == 1 { return buffer }
        return nil
    }

    /// The address without its port.
    public var host: String { Self.text(bytes) }

    /// The network a flood would come from: `192.0.2.0/24`, `2001:db8:1::/48`.
    public var prefix: String {
        let kept = bytes.count == 4 ? 3 : 6
        let network = Array(bytes[..<kept]) + [UInt8](repeating: 0, count: bytes.count - kept)
        return "\(Self.text(network))/\(kept * 8)"
    }

    public var description: String { bytes.count == 4 ? "\(host):\(port)" : "[\(host)]:\(port)" }

    private static func text(_ bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard unsafe inet_ntop(family, bytes, &buffer, 64) != nil else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: The kernel's form

    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let parsed: ([UInt8], UInt16)? = unsafe withUnsafeBytes(of: &storage) { raw in
            let port = unsafe UInt16(raw[2]) << 8 | UInt16(raw[3])
            switch unsafe Int32(raw.load(as: sa_family_t.self)) {
            case AF_INET: return unsafe (Array(raw[4..<8]), port)
            case AF_INET6: return unsafe (Array(raw[8..<24]), port)
            default: return nil
            }
        }
        guard let parsed else { return nil }
        self.init(bytes: parsed.0, port: parsed.1)
    }

    /// Lends the address as `bind` and `connect` take it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(bytes.count == 4 ? AF_INET : AF_INET6)
        unsafe withUnsafeMutableBytes(of: &storage) { raw in
            unsafe raw[2] = UInt8(port >> 8)
            unsafe raw[3] = UInt8(port & 0xff)
            let start = bytes.count == 4 ? 4 : 8
            for (index, byte) in bytes.enumerated() { unsafe raw[start + index] = byte }
        }
        let length = bytes.count == 4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}
