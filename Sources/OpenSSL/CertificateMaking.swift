internal import COpenSSL

/// What a certificate that we make is for.
public enum CertificateUsage: Sendable {
    /// A part of a consultation, a session, a time lock, a recovery key: things are sealed to it.
    case sealing
    /// A committee member: shares are sealed to it, and it signs.
    case member
    /// The second certificate of a member whose card has one for each: it signs, and nothing is sealed to it.
    case signing
    /// A TLS server.
    case server
    /// A certificate authority of ours: it issues certificates of keys, and none of another authority.
    case authority
    /// A time-stamping authority's key: extended usage timeStamping alone, critical (RFC 3161, 2.3).
    case timestamping
}

extension Certificate {
    /// A self-signed certificate, X.509 v3, random serial, SHA-256.
    ///
    /// - Parameters:
    ///   - commonName: 1 to 64 characters.
    ///   - unit: an organisational unit, 1 to 64 characters.
    ///   - alternativeNames: DNS names, IPv4 or IPv6 addresses.
    ///   - notBefore, notAfter: seconds since 1970 UTC.
    public static func selfSigned(
        _ key: borrowing PrivateKey, commonName: String, unit: String? = nil, alternativeNames: [String] = [],
        usage: CertificateUsage, notBefore: Int64, notAfter: Int64
    ) throws(OpenSSLError) -> Certificate {
        let x509 = unsafe try prepared(key, commonName, notBefore, notAfter)
        defer { unsafe X509_free(x509) }
        if let unit { unsafe try add(unit, as: NID_organizationalUnitName, to: x509) }
        try check(unsafe X509_set_issuer_name(x509, X509_get_subject_name(x509)), "set an issuer")
        unsafe try extend(x509, issuer: x509, usage, key.kind)
        if !alternativeNames.isEmpty { try unsafe setNames(x509, alternativeNames) }
        guard unsafe X509_sign(x509, key.pointer, EVP_sha256()) > 0 else { throw .drain("sign a certificate") }
        return unsafe try Certificate(encoding: x509)
    }

    /// A certificate for `key` that this one, of usage `authority`, issues with its own key.
    public func issue(
        to key: borrowing PrivateKey, commonName: String, usage: CertificateUsage, notBefore: Int64, notAfter: Int64,
        signedWith issuerKey: borrowing PrivateKey
    ) throws(OpenSSLError) -> Certificate {
        guard matches(issuerKey) else { throw OpenSSLError(operation: "issue a certificate with a key that is another's") }
        let x509 = unsafe try Self.prepared(key, commonName, notBefore, notAfter)
        defer { unsafe X509_free(x509) }
        try check(unsafe X509_set_issuer_name(x509, X509_get_subject_name(pointer)), "set an issuer")
        unsafe try Self.extend(x509, issuer: pointer, usage, key.kind)
        guard unsafe X509_sign(x509, issuerKey.pointer, EVP_sha256()) > 0 else { throw .drain("sign a certificate") }
        return unsafe try Certificate(encoding: x509)
    }

    /// Version, serial, validity, subject and key: what does not depend on who signs. The caller frees it.
    private static func prepared(
        _ key: borrowing PrivateKey, _ commonName: String, _ notBefore: Int64, _ notAfter: Int64
    ) throws(OpenSSLError) -> OpaquePointer {
        let x509 = unsafe try check(X509_new(), "make a certificate")
        do throws(OpenSSLError) {
            try check(unsafe X509_set_version(x509, 2), "set a version")
            try unsafe setSerial(x509)
            guard unsafe ASN1_TIME_set(X509_getm_notBefore(x509), time_t(notBefore)) != nil,
                unsafe ASN1_TIME_set(X509_getm_notAfter(x509), time_t(notAfter)) != nil
            else { throw OpenSSLError.drain("set a validity") }
            unsafe try add(commonName, as: NID_commonName, to: x509)
            try check(unsafe X509_set_pubkey(x509, key.pointer), "set a public key")
            return unsafe x509
        } catch {
            unsafe X509_free(x509)
            throw error
        }
    }

    private static func add(_ text: String, as field: Int32, to x509: OpaquePointer) throws(OpenSSLError) {
        let bytes = Array(text.utf8)
        try check(
            unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(x509), field, MBSTRING_FLAG | 0, bytes, Int32(bytes.count), -1, 0),
            "set a name (1 to 64 characters)")
    }

    private static func extend(
        _ x509: OpaquePointer, issuer: OpaquePointer, _ usage: CertificateUsage, _ kind: KeyKind
    ) throws(OpenSSLError) {
        let constraints = if case .authority = usage { "critical,CA:TRUE,pathlen:0" } else { "critical,CA:FALSE" }
        try check(unsafe sceau_x509_extend(x509, issuer, NID_basic_constraints, constraints), "set basic constraints")
        try check(
            unsafe sceau_x509_extend(x509, issuer, NID_key_usage, "critical," + usage.keyUsage(kind)),
            "set a key usage")
        if let extended = usage.extendedKeyUsage {
            try check(unsafe sceau_x509_extend(x509, issuer, NID_ext_key_usage, extended), "set an extended key usage")
        }
        try check(unsafe sceau_x509_extend(x509, issuer, NID_subject_key_identifier, "hash"), "set a key identifier")
        if unsafe x509 != issuer {
            try check(
                unsafe sceau_x509_extend(x509, issuer, NID_authority_key_identifier, "keyid:always"),
                "name the issuer's key")
        }
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
        case .server, .timestamping, .signing: "digitalSignature"
        case .authority: "keyCertSign,cRLSign"
        }
    }

    fileprivate var extendedKeyUsage: String? {
        switch self {
        case .server: "serverAuth"
        case .timestamping: "critical,timeStamping"
        case .sealing, .member, .signing, .authority: nil
        }
    }
}
