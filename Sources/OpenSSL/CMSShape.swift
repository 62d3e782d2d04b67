/// The one byte shape that a CMS of ours has (`Shape` in Sealing's documentation).
///
/// OpenSSL's CMS parser accepts a one-byte tag, a second recipient, indefinite lengths, bytes behind the end: each was
/// used in an attack. So the DER that we expect is rendered first, with holes only where a value is free, and compared
/// byte by byte; what does not match never reaches the parser.
struct CMSShape {
    enum Content: Equatable {
        case detached
        case attached(count: Int)
    }

    /// A value that the sealer chose; everything else is fixed.
    enum Hole { case ephemeralKey, wrappedKey, nonce, ciphertext, tag }

    private enum Piece {
        case fixed([UInt8])
        case hole(Hole, count: Int)
        var count: Int {
            switch self {
            case .fixed(let bytes): bytes.count
            case .hole(_, let count): count
            }
        }
    }

    private let pieces: [Piece]
    let count: Int

    init(_ recipient: CMSRecipient, _ content: Content) {
        let encrypted: [Piece] =
            switch content {
            case .detached: []
            case .attached(let count): Self.node(0x80, [.hole(.ciphertext, count: count)])  // [0] IMPLICIT OCTET STRING
            }
        let gcm = Self.node(
            0x30,
            [.fixed(OID.aes256GCM)]
                + Self.node(0x30, Self.node(0x04, [.hole(.nonce, count: 12)]) + [.fixed([0x02, 0x01, 0x10])]))
        let body: [Piece] =
            [.fixed([0x02, 0x01, 0x00])]  // version 0
            + Self.node(0x31, Self.recipient(recipient))
            + Self.node(0x30, [.fixed(OID.data)] + gcm + encrypted)
            + Self.node(0x04, [.hole(.tag, count: 16)])
        pieces = Self.node(0x30, [.fixed(OID.authEnvelopedData)] + Self.node(0xa0, Self.node(0x30, body)))
        count = pieces.reduce(0) { $0 + $1.count }
    }

    /// RecipientInfo (RFC 5652, 6.2).
    private static func recipient(_ recipient: CMSRecipient) -> [Piece] {
        switch recipient {
        case .agreement(let certificate):
            // originator [0]: originatorKey [1], id-ecPublicKey without parameters, uncompressed point
            let point = node(0x03, [.fixed([0x00, 0x04]), .hole(.ephemeralKey, count: 64)])
            let originator = node(0xa0, node(0xa1, node(0x30, [.fixed(OID.ecPublicKey)]) + point))
            let algorithm = node(0x30, [.fixed(OID.ecdhSHA256)] + node(0x30, [.fixed(OID.aes256Wrap)]))
            let key = node(0x30, [.fixed(certificate.issuerAndSerial)] + node(0x04, [.hole(.wrappedKey, count: 40)]))
            return node(0xa1, [.fixed([0x02, 0x01, 0x03])] + originator + algorithm + node(0x30, key))
        case .transport(let certificate, let count):
            let hash = node(0x30, [.fixed(OID.sha256)])
            let mask = node(0x30, [.fixed(OID.mgf1)] + hash)
            let oaep = node(0x30, [.fixed(OID.oaep)] + node(0x30, node(0xa0, hash) + node(0xa1, mask)))
            return node(
                0x30,
                [.fixed([0x02, 0x01, 0x00]), .fixed(certificate.issuerAndSerial)] + oaep
                    + node(0x04, [.hole(.wrappedKey, count: count)]))
        case .keyEncryption:
            let identifier = node(0x30, node(0x04, [.fixed(CMSRecipient.keyIdentifier)]))
            return node(
                0xa2,
                [.fixed([0x02, 0x01, 0x04])] + identifier + node(0x30, [.fixed(OID.aes256Wrap)])
                    + node(0x04, [.hole(.wrappedKey, count: 40)]))
        }
    }

    private static func node(_ tag: UInt8, _ children: [Piece]) -> [Piece] {
        [.fixed([tag] + DER.length(children.reduce(0) { $0 + $1.count }))] + children
    }

    /// The ciphertext's place in bytes that have this shape.
    ///
    /// Throws saying where the first byte differs, never what it is.
    func match(_ bytes: [UInt8]) throws(CMSError) -> Range<Int> {
        guard bytes.count == count else { throw .shape("it is \(bytes.count) bytes long, not \(count)") }
        var ciphertext = 0..<0
        var offset = 0
        for piece in pieces {
            switch piece {
            case .fixed(let expected):
                for byte in expected {
                    guard bytes[offset] == byte else { throw .shape("byte \(offset) is not what the shape has there") }
                    offset += 1
                }
            case .hole(let hole, let count):
                if hole == .ciphertext { ciphertext = offset..<(offset + count) }
                offset += count
            }
        }
        return ciphertext
    }

    /// The shape of an attached CMS whose whole length is known, or none if no content gives that length.
    static func attached(_ recipient: CMSRecipient, total: Int) -> CMSShape? {
        var content = max(0, total - CMSShape(recipient, .attached(count: total)).count + total)
        // The lengths' own lengths change at most a few times on the way.
        for _ in 0..<8 {
            let shape = CMSShape(recipient, .attached(count: content))
            if shape.count == total { return shape }
            content += total - shape.count
            guard content >= 0 else { return nil }
        }
        return nil
    }
}

/// Object identifiers of the shape, encoded.
private enum OID {
    static let authEnvelopedData: [UInt8] = [
        0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17,
    ]  // RFC 5083
    static let data: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]
    static let aes256GCM: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e]  // RFC 5084
    static let aes256Wrap: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d]  // RFC 3565
    static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
    static let ecdhSHA256: [UInt8] = [0x06, 0x06, 0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01]  // dhSinglePass-stdDH-sha256kdf-scheme
    static let oaep: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07]  // RFC 8017
    static let mgf1: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08]
    static let sha256: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
}
