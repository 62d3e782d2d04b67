/// A SHA-256 digest: 32 bytes, written in lower-case hexadecimal.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    private let octets: InlineArray<32, UInt8>

    public init(_ bytes: InlineArray<32, UInt8>) { octets = bytes }

    public init(hex: String) throws(CanonicalError) { try self.init(bytes: Hex.decode(hex)) }

    public init(bytes: some Collection<UInt8>) throws(CanonicalError) {
        guard bytes.count == 32 else { throw CanonicalError(reason: "a digest is not 32 bytes") }
        var octets = InlineArray<32, UInt8>(repeating: 0)
        for (index, byte) in bytes.enumerated() { octets[index] = byte }
        self.octets = octets
    }

    /// 32 zero bytes: the head of an empty log.
    public static let zero = Digest(InlineArray(repeating: 0))

    public var bytes: [UInt8] { octets.indices.map { octets[$0] } }
    public var inline: InlineArray<32, UInt8> { octets }
    public var hex: String { Hex.encode(bytes) }
    public var description: String { hex }

    public static func == (left: Digest, right: Digest) -> Bool {
        left.octets.indices.allSatisfy { left.octets[$0] == right.octets[$0] }
    }

    public func hash(into hasher: inout Hasher) {
        for index in octets.indices { hasher.combine(octets[index]) }
    }
}
