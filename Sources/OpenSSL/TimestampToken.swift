/// A timestamp token (RFC 3161, 2.4.2): a CMS that an authority signed over a digest and an instant.
///
/// Reading it proves nothing: ``verify(imprint:trust:)`` does. It is read strictly, so that no byte of it can be another
/// without a check failing: DER alone, one signer named by issuer and serial, digests SHA-256 to SHA-512, its certificate
/// inside, no critical extension. What no signature covers (certificates beside the chain, unsigned attributes, revocation
/// lists) is kept and counted in ``unprovedParts``.
public struct TimestampToken: Sendable {
    /// The whole ContentInfo (RFC 5652), as `timestamp001.tst` holds it.
    public let der: [UInt8]
    public let isSHA256: Bool
    public let imprint: [UInt8]
    /// Milliseconds since 1970 UTC; a finer fraction is cut.
    public let genTime: Int64
    /// Big-endian, without leading zero.
    public let serial: [UInt8]
    public let policy: ObjectIdentifier
    public let nonce: [UInt8]?
    /// Microseconds either way; nil where the authority states none.
    public let accuracy: Int64?
    /// All that lie in it, the signer's among them, in its order.
    public let certificates: [Certificate]
    /// Unsigned attributes and revocation lists: nobody's signature in this token covers them.
    public let unprovedParts: Int

    /// A token with a chain of certificates has 2 to 10 KiB; one of more than 64 KiB is refused unread.
    public static let maximumCount = 64 * 1024

    /// The signer's IssuerAndSerialNumber, as written here: no signature covers it.
    let signerName: [UInt8]

    public init(der: [UInt8]) throws(TimestampError) {
        guard der.count <= Self.maximumCount else { throw .malformed("it is longer than 64 KiB") }
        self.der = der
        let outside: SignedDataFields
        do { outside = try SignedDataFields(der) } catch { throw .malformed(error.reason) }
        let inside: TSTInfoFields
        do { inside = try TSTInfoFields(DERReader(der, outside.content)) } catch { throw .malformed(error.reason) }
        isSHA256 = inside.isSHA256
        imprint = inside.imprint
        genTime = inside.genTime
        serial = inside.serial
        policy = inside.policy
        nonce = inside.nonce
        accuracy = inside.accuracy
        unprovedParts = outside.unproved
        signerName = DER.encode(0x30, Array(der[outside.signer]))
        guard outside.hasSigningCertificateV2 else { throw .signingCertificate }
        var certificates: [Certificate] = []
        for range in outside.certificates {
            do { certificates.append(try Certificate(der: Array(der[range]))) } catch {
                throw .malformed("a certificate in it does not read")
            }
        }
        self.certificates = certificates
    }
}
