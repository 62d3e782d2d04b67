import Canonical
import OpenSSL

/// Seals what a draft keeps of its documents' names and plaintexts, under the bid code that only its depositor has.
/// See <doc:Drafts>.
final class DraftKey: Sendable {
    /// What a sealed value belongs to; elsewhere it does not open.
    struct Place: Sendable {
        let format: String
        let document: Int
        /// Of the segment's end; 0 for a detail.
        let offset: Int64
    }

    private let secret: Secret
    private let bid: Identifier
    private let keys: Digest

    /// - Parameter code: the 16 bytes of the bid code.
    init(_ code: borrowing Secret, bid: Identifier, keys: Digest) throws {
        secret = try HKDF.sha256(code, salt: [], info: Array("sceau/draft/1 \(bid.text)".utf8), count: 32)
        self.bid = bid
        self.keys = keys
    }

    func seal(_ bytes: [UInt8], at place: Place) throws -> [UInt8] {
        let nonce = try Random.bytes(AEAD.nonceCount)
        return nonce + (try AEAD.seal(bytes.span, key: secret, nonce: nonce, associated: associated(place)))
    }

    /// - Throws: where the code is not the draft's, or a byte was changed.
    func open(_ sealed: [UInt8], at place: Place) throws -> [UInt8] {
        guard sealed.count >= AEAD.nonceCount + AEAD.tagCount else { throw CanonicalError(reason: "sealed: too short") }
        return try AEAD.openBytes(
            Array(sealed[AEAD.nonceCount...]), key: secret, nonce: Array(sealed[..<AEAD.nonceCount]),
            associated: associated(place))
    }

    private func associated(_ place: Place) -> [UInt8] {
        JSON.object([
            "bid": .identifier(bid), "document": .integer(Int64(place.document)), "format": .string(place.format),
            "keys": .digest(keys), "offset": .integer(place.offset),
        ]).encoded()
    }
}
