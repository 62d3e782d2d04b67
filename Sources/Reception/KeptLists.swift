import Canonical
import OpenSSL
import Procurement
import Sealing

/// The manifests of a bid, as its receipt shows them: kept for its depositor, who alone can open them before the committee.
///
/// `sceau/kept-lists/1`: a 12-byte random nonce, then AES-256-GCM over canonical JSON; bid, consultation, key set and seal are the
/// associated data, so that lists moved to another bid do not open.
struct KeptLists: CanonicalObject {
    static let format = "sceau/kept-lists/1"
    /// Each manifest's bytes, in the order of the seal's parts.
    let manifests: [[UInt8]]

    init(manifests: [[UInt8]]) { self.manifests = manifests }

    var fields: [String: JSON] { ["manifests": .array(manifests.map { .base64($0) })] }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        var manifests: [[UInt8]] = []
        for value in try reader.array("manifests", max: SealingLimits.parts) {
            guard case .string(let text) = value else { throw CanonicalError(reason: "`manifests` is not a list of base64") }
            manifests.append(try Base64.decode(text))
        }
        self.manifests = manifests
    }

    /// Where lists belong.
    struct Place: Sendable {
        let bid: Identifier
        let consultation: Identifier
        let keys: Digest
        let seal: Digest

        init(bid: Identifier, consultation: Identifier, keys: Digest, seal: Digest) {
            self.bid = bid
            self.consultation = consultation
            self.keys = keys
            self.seal = seal
        }

        init(_ bid: BidReceived) {
            self.init(bid: bid.bid, consultation: bid.consultation, keys: bid.keys, seal: bid.seal)
        }

        var associated: [UInt8] {
            JSON.object([
                "bid": .identifier(bid), "consultation": .identifier(consultation), "keys": .digest(keys),
                "seal": .digest(seal), "format": .string(KeptLists.format),
            ]).encoded()
        }
    }

    func sealed(under key: ReceiptKey, place: Place) throws -> [UInt8] {
        let nonce = try Random.bytes(AEAD.nonceCount)
        let bytes = canonicalBytes
        return nonce
            + (try key.lend { try AEAD.seal(bytes.span, key: $0, nonce: nonce, associated: place.associated) })
    }

    /// - Throws: where the key is not the one, or a byte was changed.
    static func opening(_ sealed: [UInt8], under key: ReceiptKey, place: Place) throws -> KeptLists {
        guard sealed.count > AEAD.nonceCount + AEAD.tagCount else { throw CanonicalError(reason: "kept lists: too short") }
        return try key.lend { key in
            try KeptLists(
                canonical: AEAD.openBytes(
                    Array(sealed[AEAD.nonceCount...]), key: key, nonce: Array(sealed[..<AEAD.nonceCount]),
                    associated: place.associated))
        }
    }
}
