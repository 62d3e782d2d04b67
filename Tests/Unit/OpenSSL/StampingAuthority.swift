@testable import OpenSSL

/// A certificate authority and the certificates of time-stamping keys that it issued, good ones and bad ones.
final class StampingAuthority: Sendable {
    let caKey: PrivateKey
    let ca: Certificate
    let key: PrivateKey
    let certificate: Certificate

    /// 2026-01-01 and ten years later.
    static let start: Int64 = 1_767_225_600
    static let end: Int64 = 2_082_758_400

    init(
        name: String = "Test authority", usage: CertificateUsage = .timestamping, notBefore: Int64 = StampingAuthority.start,
        notAfter: Int64 = StampingAuthority.end
    ) throws {
        caKey = try PrivateKey.generateP256()
        ca = try Certificate.selfSigned(
            caKey, commonName: name, usage: .authority, notBefore: 0, notAfter: 4_102_444_800)
        key = try PrivateKey.generateP256()
        certificate = try ca.issue(
            to: key, commonName: "Timestamps of \(name)", usage: usage, notBefore: notBefore, notAfter: notAfter,
            signedWith: caKey)
    }

    static let shared = try! StampingAuthority()
    static let other = try! StampingAuthority(name: "Another authority")

    func authority() throws -> TimestampAuthority {
        try TimestampAuthority(key: PrivateKey(pkcs8: key.pkcs8()), certificate: certificate)
    }

    /// A token of 2026-11-23T17:00:08.918Z unless told otherwise, over `digest`.
    func token(_ digest: InlineArray<32, UInt8>, at milliseconds: Int64 = StampingAuthority.instant) throws -> TimestampToken {
        let request = try TimestampRequest(imprint: digest)
        return try TimestampResponse(der: authority().answer(request.der, at: milliseconds)).token
    }

    static let instant: Int64 = 1_795_453_208_918

    /// Trust for the stock command.
    var caFile: [UInt8] { Array(ca.pem.utf8) }
}

extension InlineArray<32, UInt8> {
    static let document: InlineArray<32, UInt8> = SHA256.hash(Array("the document".utf8))
}
