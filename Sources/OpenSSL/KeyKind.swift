/// What a key can be used for with us.
public enum KeyKind: Sendable, Hashable, CustomStringConvertible {
    case p256
    case rsa(bits: Int)
    /// A log's key: it signs notes, and nothing else.
    case ed25519
    case other(String)

    /// Whether we seal to such a key and accept its signatures: P-256, or RSA of at least 3072 bits.
    public var isAccepted: Bool {
        switch self {
        case .p256: true
        case .rsa(let bits): bits >= 3072 && bits <= 8192
        case .ed25519, .other: false
        }
    }

    public var description: String {
        switch self {
        case .p256: "P-256"
        case .rsa(let bits): "RSA \(bits)"
        case .ed25519: "Ed25519"
        case .other(let name): name
        }
    }
}
