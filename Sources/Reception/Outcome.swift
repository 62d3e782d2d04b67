import Canonical
import OpenSSL
import Procurement
import Sealing

/// The part of an answer that the log does not hold (names and digests of documents), as it is kept for whoever repeats
/// a request under the same `Idempotency-Key`: sealed under HKDF of the bearer token that made it, so that neither the
/// host's disk nor another user of the account can read it.
///
/// `sceau/outcome/1`: a 12-byte nonce, then AES-256-GCM over canonical JSON; account, consultation and key are the
/// associated data, so that an outcome moved elsewhere does not open.
struct Outcome: CanonicalObject {
    static let format = "sceau/outcome/1"
    let documents: [Receipt.Document]

    init(documents: [Receipt.Document]) { self.documents = documents }

    var fields: [String: JSON] { ["documents": .array(documents.map(\.json))] }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        var documents: [Receipt.Document] = []
        for value in try reader.array("documents", max: 10_000) {
            var document = try FieldReader(value)
            documents.append(
                Receipt.Document(
                    part: try document.string("part", max: 32), name: try document.string("name", max: 1024),
                    length: try document.integer("length", in: 0...(1 << 52)),
                    sha256: try document.digest("sha256")))
            try document.finish()
        }
        self.documents = documents
    }

    /// Where an outcome belongs.
    struct Place: Sendable {
        let account: Identifier
        let consultation: Identifier
        let key: Digest

        var associated: [UInt8] {
            JSON.object([
                "account": .identifier(account), "consultation": .identifier(consultation), "key": .digest(key),
                "format": .string(Outcome.format),
            ]).encoded()
        }
    }

    func sealed(under key: OutcomeKey, place: Place) throws -> [UInt8] {
        let nonce = try Random.bytes(12)
        let bytes = canonicalBytes
        return nonce
            + (try key.lend { try AEAD.seal(bytes.span, key: $0, nonce: nonce, associated: place.associated) })
    }

    /// - Throws: where the token is not the one that made it, or a byte was changed.
    static func opening(_ sealed: [UInt8], under key: OutcomeKey, place: Place) throws -> Outcome {
        guard sealed.count > 28 else { throw CanonicalError(reason: "outcome: too short") }
        return try key.lend { key in
            let plain = try AEAD.open(
                Array(sealed[12...]), key: key, nonce: Array(sealed[..<12]), associated: place.associated)
            return try plain.withBytes { bytes in
                try Outcome(canonical: bytes.indices.map { bytes[$0] })
            }
        }
    }
}
