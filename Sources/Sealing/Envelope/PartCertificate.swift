public import Canonical
public import OpenSSL

/// The certificate that documents of one part of a consultation are sealed to.
public struct PartCertificate: Sendable, Hashable {
    public let part: String
    public let certificate: Certificate
    public let digest: Digest

    public init(part: String, certificate: Certificate) throws(SealingError) {
        guard Self.isName(part) else { throw SealingError(.keys, "a part's name is 1 to 32 letters a to z") }
        guard certificate.keyKind == .p256 else {
            throw SealingError(.keys, "part \(part): its certificate holds \(certificate.keyKind), not P-256")
        }
        self.part = part
        self.certificate = certificate
        digest = Digest(certificate)
    }

    /// 1 to 32 letters a to z: it stands in file names.
    public static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7a).contains($0) }
    }
}
