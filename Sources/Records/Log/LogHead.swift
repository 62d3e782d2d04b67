public import Canonical
internal import OpenSSL

/// How long a log is, and the digest that stands for all of it.
///
/// Until the Merkle tree is there the head is a chain: head₀ is 32 zero bytes, headₙ = SHA-256(headₙ₋₁ ‖ leafₙ).
public struct LogHead: Hashable, Sendable {
    public let count: Int64
    public let head: Digest

    public init(count: Int64, head: Digest) {
        self.count = count
        self.head = head
    }

    public static let empty = LogHead(count: 0, head: .zero)

    /// The head once `leaf` is appended.
    public func appending(_ leaf: Digest) -> LogHead {
        LogHead(count: count + 1, head: Digest(SHA256.hash(head.bytes + leaf.bytes)))
    }

    /// RFC 6962, section 2.1: SHA-256(0x00 ‖ bytes).
    public static func leaf(_ event: [UInt8]) -> Digest { Digest(SHA256.hash([0] + event)) }
}
