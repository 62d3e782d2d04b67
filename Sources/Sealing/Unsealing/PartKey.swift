public import OpenSSL

/// The private key of one part, rebuilt: it opens every envelope of that part.
public struct PartKey: ~Copyable, Sendable {
    public let part: String
    public let certificate: Certificate
    public let key: PrivateKey
    /// Shares that were not what was dealt, by member: named, and not used.
    public let wrongShares: [WrongShare]

    init(part: String, certificate: Certificate, key: consuming PrivateKey, wrongShares: [WrongShare]) {
        self.part = part
        self.certificate = certificate
        self.key = key
        self.wrongShares = wrongShares
    }
}

/// A member whose share is wrong, and how.
public struct WrongShare: Sendable, Hashable, CustomStringConvertible {
    public let number: Int
    public let reason: String

    public init(number: Int, reason: String) {
        self.number = number
        self.reason = reason
    }

    public var description: String { "the share of member \(number) is wrong: \(reason)" }
}
