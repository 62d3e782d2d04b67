/// 128 random bits, written as 32 lower-case hexadecimal digits: what a consultation, a bid, an account, a user and
/// an opening are called. Nobody can guess one, and none tells how many there are.
public struct Identifier: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(CanonicalError) {
        guard try Hex.decode(text).count == 16 else {
            throw CanonicalError(reason: "an identifier is not 32 hexadecimal digits")
        }
        self.text = text
    }

    public init(random bytes: InlineArray<16, UInt8>) {
        text = Hex.encode(bytes.indices.map { bytes[$0] })
    }

    public var description: String { text }
}
