internal import COpenSSL

/// What a certificate that we make is for.
public enum CertificateUsage: Sendable {
    /// A part of a consultation, a session, a time lock, a recovery key: things are sealed to it.
    case sealing
    /// A committee member: shares are sealed to it, and it signs.
    case member
    /// A TLS server.
    case server
}

extension Certificate {
    /// A self-signed certificate, X.509 v3, random serial, SHA-256.
    ///
    /// - Parameters:
    ///   - commonName: 1 to 64 characters.
    ///   - alternativeNames: DNS names, IPv4 or IPv6 addresses.
    ///   - notBefore, notAfter: seconds since 1970 UTC.
    public static func selfSigned(
        _ key: borrowing PrivateKey, commonName: String, alternativeNames: [String] = [], usage: CertificateUsage,
        notBefore: Int64, notAfter: Int64
    ) throws(OpenSSLError) -> Certificate {
        let x509 = unsafe try check(X509_new(), "make a certificate")
        defer { unsafe X509_free(x509) }
        try check(unsafe X509_set_version(x509, 2), "set a version")
        try unsafe setSerial(x509)
        guard unsafe ASN1_TIME_set(X509_getm_notBefore(x509), time_t(notBefore)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notAfter(x509), time_t(notAfter)) != nil
        else { throw .drain("set a validity") }
        let name = unsafe X509_get_subject_name(x509)
        let text = Array(commonName.utf8)
        try check(
            unsafe X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_FLAG | 0, text, Int32(text.count), -1, 0),
            "set a common name (1 to 64 characters)")
        try check(unsafe X509_set_issuer_name(x509, name), "set an issuer")
        try check(unsafe X509_set_pubkey(x509, key.pointer), "set a public key")
        try check(unsafe sceau_x509_extend(x509, NID_basic_constraints, "critical,CA:FALSE"), "set basic constraints")
        try check(
            unsafe sceau_x509_extend(x509, NID_key_usage, "critical," + usage.keyUsage(key.kind)), "set a key usage")
        if case .server = usage {
            try check(unsafe sceau_x509_extend(x509, NID_ext_key_usage, "serverAuth"), "set an extended key usage")
        }
        try check(unsafe sceau_x509_extend(x509, NID_subject_key_identifier, "hash"), "set a key identifier")
        if !alternativeNames.isEmpty { try unsafe setNames(x509, alternativeNames) }
        guard unsafe X509_sign(x509, key.pointer, EVP_sha256()) > 0 else { throw .drain("sign a certificate") }
        return unsafe try Certificate(encoding: x509)
    }

    /// 126 random bits, positive, never zero (RFC 5280, 4.1.2.2).
    private static func setSerial(_ x509: OpaquePointer) throws(OpenSSLError) {
        var bytes = try Random.bytes(16)
        bytes[0] = bytes[0] & 0x3f | 0x40
        let number = unsafe try check(BN_bin2bn(bytes, Int32(bytes.count), nil), "make a serial number")
        defer { unsafe BN_free(number) }
        guard unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != nil else {
            throw .drain("set a serial number")
        }
    }

    private static func setNames(_ x509: OpaquePointer, _ names: [String]) throws(OpenSSLError) {
        let list = unsafe try check(GENERAL_NAMES_new(), "make a list of names")
        defer { unsafe GENERAL_NAMES_free(list) }
        for name in names {
            if let address = unsafe a2i_IPADDRESS(name) {
                defer { unsafe ASN1_OCTET_STRING_free(address) }
                let added = unsafe sceau_names_add(
                    list, GEN_IPADD, ASN1_STRING_get0_data(address), ASN1_STRING_length(address))
                try check(added, "add an address")
            } else {
                OpenSSLError.clearQueue()
                let bytes = Array(name.utf8)
                guard !bytes.isEmpty, bytes.count <= 253, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                    throw OpenSSLError(operation: "use a name that is neither a DNS name nor an address")
                }
                try check(unsafe sceau_names_add(list, GEN_DNS, bytes, Int32(bytes.count)), "add a name")
            }
        }
        try check(
            unsafe X509_add1_ext_i2d(x509, NID_subject_alt_name, UnsafeMutableRawPointer(list), 0, 0), "set the names")
    }
}

extension CertificateUsage {
    /// RFC 5280, 4.2.1.3: RSA takes keys by encipherment, an elliptic curve by agreement.
    fileprivate func keyUsage(_ kind: KeyKind) -> String {
        let takesKeys = if case .rsa = kind { "keyEncipherment" } else { "keyAgreement" }
        return switch self {
        case .sealing: takesKeys
        case .member: "digitalSignature," + takesKeys
        case .server: "digitalSignature"
        }
    }
}
