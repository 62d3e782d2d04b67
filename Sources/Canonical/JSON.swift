/// A value of canonical JSON: what is signed, hashed or logged. There is no null and no fraction.
public enum JSON: Sendable {
    case string(String)
    /// Magnitude below 2^53, so that every reader in every language reads the same number.
    case integer(Int64)
    case bool(Bool)
    case array([JSON])
    /// Keys match `[a-z][A-Za-z0-9]*`.
    case object([String: JSON])

    /// The largest integer that may be written: 2^53 − 1.
    public static let largestInteger: Int64 = 9_007_199_254_740_991
    /// Arrays and objects within one another, the outermost included.
    public static let deepest = 16
    /// Bytes that a reader accepts.
    public static let longest = 64 << 20
    /// Values (of every kind) that a reader accepts, so that 64 MiB of `1,1,1…` cannot become gigabytes of memory.
    public static let mostValues = 1 << 20
}

// Swift compares strings after Unicode normalisation; here two values are equal only if their bytes are.
extension JSON: Hashable {
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.integer(let a), .integer(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        case .integer(let number): hasher.combine(number)
        case .bool(let truth): hasher.combine(truth)
        case .array(let values): hasher.combine(values)
        case .object(let fields): hasher.combine(fields)
        }
    }
}

extension JSON {
    public static func hex(_ bytes: some Collection<UInt8>) -> JSON { .string(Hex.encode(bytes)) }
    public static func base64(_ bytes: some Collection<UInt8>) -> JSON { .string(Base64.encode(bytes)) }
    public static func instant(_ instant: Instant) -> JSON { .string(instant.description) }
    public static func digest(_ digest: Digest) -> JSON { .string(digest.hex) }
    public static func identifier(_ identifier: Identifier) -> JSON { .string(identifier.text) }

    /// Whether a text may be a key of an object.
    public static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7a).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
        }
    }
}
