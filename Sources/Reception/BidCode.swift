import Canonical
import OpenSSL
public import Procurement

/// 128 random bits that belong to the bidder alone, as 32 hex digits: made by its tool and sent as `Bid-Code`, or made
/// here and returned once. Only the digest of the 16 bytes is kept, and what a key derived from them seals.
public struct BidCode: Sendable {
    let digest: Digest
    /// What to return, where it was made here.
    let made: String?
    /// Lives as long as the head of a request is looked at.
    private let code: Identifier

    /// A code brought by the client.
    public init(_ text: String) throws(Refusal) {
        guard let code = try? Identifier(text) else {
            throw Refusal(.invalid, "Bid-Code: not 32 lower-case hex digits.")
        }
        self.init(code, made: nil)
    }

    public init() throws {
        let code = Identifier(random: try Random.sixteen())
        self.init(code, made: code.text)
    }

    private init(_ code: Identifier, made: String?) {
        digest = Digest(SHA256.hash(Array("sceau/bid-code/1 \(code.text)".utf8)))
        self.made = made
        self.code = code
    }

    /// The key under which the names and digests of this draft's documents are kept.
    func draftKey(for draft: DraftEntry) throws -> DraftKey {
        let bytes = try Hex.decode(code.text)
        return try DraftKey(Secret(copying: bytes.span), bid: draft.bid, keys: draft.keys)
    }

    /// The key under which what belongs to the depositor of this bid is sealed at rest.
    func key(for bid: Identifier) throws -> ReceiptKey {
        let bytes = try Hex.decode(code.text)
        let secret = Secret(copying: bytes.span)
        return try ReceiptKey(secret, .bidCode, bid: bid)
    }
}
