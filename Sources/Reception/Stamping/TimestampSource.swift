public import OpenSSL

/// An authority that can be asked for a token. The call blocks, within bounds of its own; never on a loop or the scribe.
public protocol TimestampSource: Sendable {
    /// `embedded`, or the host of the external authority, as events name it.
    var name: String { get }
    /// A token over this digest that was checked: nonce, imprint, policy, chain at its instant.
    func token(over digest: InlineArray<32, UInt8>) throws(StampFailure) -> TimestampToken
}

/// Why an authority gave no token that we take. The next one is asked.
public struct StampFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
