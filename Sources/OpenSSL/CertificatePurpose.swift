internal import COpenSSL

extension Certificate {
    /// Whether its key usages let it do what we would ask of it (RFC 5280, 4.2.1.3 and 4.2.1.12). One without the
    /// extension is not restricted by it.
    public func allows(_ usage: CertificateUsage) -> Bool {
        let bits = unsafe X509_get_key_usage(pointer)
        let extended = unsafe X509_get_extended_key_usage(pointer)
        let takesKeys = if case .rsa = keyKind { UInt32(KU_KEY_ENCIPHERMENT) } else { UInt32(KU_KEY_AGREEMENT) }
        let signs = UInt32(KU_DIGITAL_SIGNATURE)
        return switch usage {
        case .sealing: bits & takesKeys != 0
        case .member: bits & takesKeys != 0 && bits & signs != 0
        // A card's second certificate often says nonRepudiation (contentCommitment) alone.
        case .signing: bits & (signs | UInt32(KU_NON_REPUDIATION)) != 0
        case .server: bits & signs != 0 && extended & UInt32(XKU_SSL_SERVER | XKU_ANYEKU) != 0
        case .authority: unsafe X509_check_ca(pointer) == 1 && bits & UInt32(KU_KEY_CERT_SIGN) != 0
        case .timestamping: unsafe sceau_x509_only_stamps(pointer) == 1 && bits & signs != 0
        }
    }

    /// Whether who issued it signed with something that nobody forges: at least 128 bits of security, which SHA-1 and MD5
    /// have not, whatever the key (X509_get_signature_info).
    public var isSignedStrongly: Bool {
        defer { OpenSSLError.clearQueue() }
        var bits: Int32 = 0
        return unsafe X509_get_signature_info(pointer, nil, nil, &bits, nil) == 1 && bits >= 128
    }
}
