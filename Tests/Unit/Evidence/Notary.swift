import Canonical
import OpenSSL

/// An authority and the certificate that says so.
struct Notary {
    let authority: TimestampAuthority
    let ca: Certificate

    init(_ name: String, ends: Int64 = 4_000_000_000) throws {
        let caKey = try PrivateKey.generateP256()
        ca = try Certificate.selfSigned(
            caKey, commonName: name, usage: .authority, notBefore: 0, notAfter: 4_102_444_800)
        let key = try PrivateKey.generateP256()
        let certificate = try ca.issue(
            to: key, commonName: "Key of \(name)", usage: .timestamping, notBefore: 0, notAfter: ends, signedWith: caKey)
        authority = try TimestampAuthority(key: key, certificate: certificate)
    }

    func token(_ digest: Digest) throws -> [UInt8] {
        let request = try TimestampRequest(imprint: digest.inline)
        return try TimestampResponse(der: authority.answer(request.der, at: 1_795_453_208_918)).token.der
    }

    /// The same token with a certificate more in it, which nothing in it covers; nil where it is not built as ours are.
    func token(_ token: [UInt8], beside certificate: Certificate) -> [UInt8]? {
        let own = authority.certificate.der
        guard let place = token.indices.first(where: { token[$0...].starts(with: own) }) else { return nil }
        // Lengths of ContentInfo, its content, SignedData and the certificates, each of two bytes (RFC 5652, 3 and 5.1).
        var longer = token
        for header in [0, 15, 19, place - 4] {
            guard longer[header + 1] == 0x82 else { return nil }
            let length = Int(longer[header + 2]) << 8 + Int(longer[header + 3]) + certificate.der.count
            (longer[header + 2], longer[header + 3]) = (UInt8(length >> 8), UInt8(length & 255))
        }
        longer.insert(contentsOf: certificate.der, at: place + own.count)
        return longer
    }
}
