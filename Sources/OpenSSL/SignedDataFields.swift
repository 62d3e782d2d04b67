/// The CMS around a timestamp (RFC 5652, 5.1), walked without trusting it: where its parts lie, and nothing else in it.
struct SignedDataFields {
    /// The DER of TSTInfo.
    let content: Range<Int>
    let certificates: [Range<Int>]
    let hasSigningCertificateV2: Bool
    /// Content of the signer's IssuerAndSerialNumber.
    let signer: Range<Int>
    /// Revocation lists and unsigned attributes.
    let unproved: Int

    init(_ der: [UInt8]) throws(DERReader.Failure) {
        var file = DERReader(der)
        var info = file.inside(try file.content(0x30, "the token"))
        try file.end(of: "the token")
        try info.expect(TimestampOID.signedData, "the content type of the token")
        var explicit = info.inside(try info.content(0xa0, "the signed data"))
        try info.end(of: "the signed data")
        var signed = explicit.inside(try explicit.content(0x30, "the signed data"))
        try explicit.end(of: "the signed data")

        guard try signed.smallNatural("the version") == 3 else { throw .init(reason: "its version is not 3") }
        var digests = signed.inside(try signed.content(0x31, "the digest algorithms"))
        let digest = try digests.digestAlgorithm()
        try digests.end(of: "the digest algorithm")

        var encapsulated = signed.inside(try signed.content(0x30, "the content"))
        try encapsulated.expect(TimestampOID.timestamp, "the type of the content")
        var octets = encapsulated.inside(try encapsulated.content(0xa0, "the content"))
        try encapsulated.end(of: "the content")
        content = try octets.content(0x04, "the content")
        try octets.end(of: "the content")

        var certificates: [Range<Int>] = []
        if let range = try signed.optional(0xa0, "the certificates") {
            var list = signed.inside(range)
            while !list.isAtEnd {
                guard list.tag == 0x30, certificates.count < 16 else {
                    throw .init(reason: "its certificates are not at most 16 of X.509")
                }
                certificates.append(try list.element("a certificate").whole)
            }
        }
        self.certificates = certificates
        var unproved = try signed.optional(0xa1, "the revocation lists") == nil ? 0 : 1

        var signers = signed.inside(try signed.content(0x31, "the signers"))
        try signed.end(of: "the signers")
        var signer = signers.inside(try signers.content(0x30, "the signer"))
        try signers.end(of: "the one signer")
        guard try signer.smallNatural("the signer's version") == 1 else {
            throw .init(reason: "its signer is not named by issuer and serial number")
        }
        self.signer = try signer.content(0x30, "the signer's name")
        guard try signer.digestAlgorithm() == digest else { throw .init(reason: "it names two digest algorithms") }
        hasSigningCertificateV2 = try Self.hasSigningCertificateV2(
            signer.inside(try signer.content(0xa0, "the signed attributes")))
        try signer.signatureAlgorithm(over: digest)
        _ = try signer.content(0x04, "the signature")
        if try signer.optional(0xa1, "the unsigned attributes") != nil { unproved += 1 }
        try signer.end(of: "the signer")
        self.unproved = unproved
    }

    private static func hasSigningCertificateV2(_ attributes: DERReader) throws(DERReader.Failure) -> Bool {
        var attributes = attributes
        var found = false
        while !attributes.isAtEnd {
            var attribute = attributes.inside(try attributes.content(0x30, "a signed attribute"))
            let type = try attribute.content(0x06, "an attribute's type")
            _ = try attribute.content(0x31, "an attribute's values")
            try attribute.end(of: "an attribute")
            found = found || attributes.bytes[type].elementsEqual(TimestampOID.signingCertificateV2)
        }
        return found
    }
}

/// Contents of the DER of the identifiers that a token may hold.
enum TimestampOID {
    static let signedData: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]
    static let timestamp: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04]
    static let signingCertificateV2: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f]
    /// 2.16.840.1.101.3.4.2.n: 1 is SHA-256, 2 SHA-384, 3 SHA-512.
    static let sha2: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]
    /// 1.2.840.10045.4.3.n: 2 is ECDSA with SHA-256, then as above.
    static let ecdsa: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03]
    /// 1.2.840.113549.1.1.n: 1 is RSA, 11 RSA with SHA-256, then as above.
    static let rsa: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01]
}

extension DERReader {
    mutating func expect(_ identifier: [UInt8], _ what: StaticString) throws(Failure) {
        let range = try content(0x06, what)
        guard bytes[range].elementsEqual(identifier) else { throw Failure(reason: "\(what) is another") }
    }

    /// 1, 2 or 3 for SHA-256, SHA-384 and SHA-512, with NULL for parameters or none (RFC 5754, 2).
    mutating func digestAlgorithm() throws(Failure) -> UInt8 {
        let identifier = try algorithm("a digest algorithm")
        guard identifier.count == TimestampOID.sha2.count + 1, identifier.starts(with: TimestampOID.sha2),
            let last = identifier.last, (1...3).contains(last)
        else { throw Failure(reason: "its digest is none of SHA-256, SHA-384 and SHA-512") }
        return last
    }

    /// ECDSA or RSA (PKCS #1, 1.5) over that digest.
    mutating func signatureAlgorithm(over digest: UInt8) throws(Failure) {
        let identifier = try algorithm("a signature algorithm")
        let wanted = [TimestampOID.ecdsa + [digest + 1], TimestampOID.rsa + [1], TimestampOID.rsa + [digest + 10]]
        guard wanted.contains(identifier) else {
            throw Failure(reason: "its signature is neither ECDSA nor RSA over the digest it names")
        }
    }

    private mutating func algorithm(_ what: StaticString) throws(Failure) -> [UInt8] {
        var algorithm = inside(try content(0x30, what))
        let identifier = Array(bytes[try algorithm.content(0x06, what)])
        if let parameters = try algorithm.optional(0x05, "a NULL"), !parameters.isEmpty {
            throw Failure(reason: "\(what) is not DER")
        }
        try algorithm.end(of: what)
        return identifier
    }
}
