import Canonical
import OpenSSL
public import Procurement

/// 128 random bits that belong to the bidder alone, as 32 hex digits: made by its tool and sent as `Bid-Code`, or made
/// here and returned once. Only the digest of the 16 bytes is kept.
public struct BidCode: Sendable {
    let digest: Digest
    /// What to return, where it was made here.
    let made: String?

    /// A code brought by the client.
    public init(_ text: String) throws(Refusal) {
        guard let code = try? Identifier(text) else {
            throw Refusal(.invalid, "Bid-Code: not 32 lower-case hex digits.")
        }
        digest = BidCode.digest(of: code)
        made = nil
    }

    public init() throws {
        let code = Identifier(random: try Random.sixteen())
        digest = BidCode.digest(of: code)
        made = code.text
    }

    private static func digest(of code: Identifier) -> Digest {
        Digest(SHA256.hash(Array("sceau/bid-code/1 \(code.text)".utf8)))
    }
}
