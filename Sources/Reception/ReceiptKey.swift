import Canonical
import OpenSSL

/// A key under which the lists of a bid's documents lie at rest: HKDF of what only its depositor has, for this purpose and
/// this bid alone.
final class ReceiptKey: Sendable {
    enum Source: String {
        case bidCode = "bid-code"
        /// The bearer token of the deposit, as it came.
        case token
    }

    private let secret: Secret

    init(_ secret: borrowing Secret, _ source: Source, bid: Identifier) throws {
        self.secret = try HKDF.sha256(
            secret, salt: [], info: Array("\(KeptLists.format) \(source.rawValue) \(bid.text)".utf8), count: 32)
    }

    convenience init(token: [UInt8], bid: Identifier) throws {
        let secret = Secret(copying: token.span)
        try self.init(secret, .token, bid: bid)
    }

    func lend<Result>(_ body: (borrowing Secret) throws -> Result) rethrows -> Result { try body(secret) }
}
