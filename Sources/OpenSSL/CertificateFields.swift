internal import COpenSSL

/// What a certificate says.
extension Certificate {
    /// The subject's first common name.
    public var commonName: String? { unsafe Self.commonName(X509_get_subject_name(pointer)) }

    /// The subject's first organisational unit.
    public var organizationalUnit: String? {
        unsafe Self.entry(NID_organizationalUnitName, of: X509_get_subject_name(pointer))
    }

    /// The issuer's common name, or where it has none what stands for it in a message.
    public var issuerName: String { unsafe Self.commonName(X509_get_issuer_name(pointer)) ?? "an authority without a name" }

    /// The subject, in a message.
    public var shortName: String { commonName ?? "a certificate without a name" }

    private static func commonName(_ name: OpaquePointer?) -> String? { unsafe entry(NID_commonName, of: name) }

    private static func entry(_ field: Int32, of name: OpaquePointer?) -> String? {
        let index = unsafe X509_NAME_get_index_by_NID(name, field, -1)
        guard index >= 0, let entry = unsafe X509_NAME_get_entry(name, index) else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
        guard count >= 0, let text = unsafe text else {
            OpenSSLError.clearQueue()
            return nil
        }
        defer { unsafe sceau_free(text) }
        return unsafe String(validating: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    }

    /// IssuerAndSerialNumber (RFC 5652, 10.2.4) in DER: how a CMS names its recipient.
    public var issuerAndSerial: [UInt8] {
        let issuer = unsafe X509_get_issuer_name(pointer)
        let serial = unsafe X509_get0_serialNumber(pointer)
        let issuerCount = unsafe i2d_X509_NAME(issuer, nil)
        let serialCount = unsafe i2d_ASN1_INTEGER(serial, nil)
        precondition(issuerCount > 0 && serialCount > 0)
        var body = [UInt8](repeating: 0, count: Int(issuerCount + serialCount))
        unsafe body.withUnsafeMutableBufferPointer { buffer in
            var next = buffer.baseAddress
            _ = unsafe i2d_X509_NAME(issuer, &next)
            _ = unsafe i2d_ASN1_INTEGER(serial, &next)
        }
        return DER.encode(0x30, body)
    }

    public var keyKind: KeyKind {
        guard let key = unsafe X509_get0_pubkey(pointer) else {
            OpenSSLError.clearQueue()
            return .other("an unreadable key")
        }
        return unsafe KeyKind(key)
    }

    /// SubjectPublicKeyInfo in DER.
    public func publicKey() throws(OpenSSLError) -> [UInt8] {
        unsafe try encodedPublicKey(try check(X509_get0_pubkey(pointer), "read a certificate's key"))
    }

    /// Seconds since 1970 UTC. What cannot be read is the far past.
    public var notBefore: Int64 { unsafe seconds(X509_get0_notBefore(pointer)) }
    public var notAfter: Int64 { unsafe seconds(X509_get0_notAfter(pointer)) }

    /// Both bounds are included (RFC 5280, 4.1.2.5).
    public func isValid(atSecond second: Int64) -> Bool { notBefore <= second && second <= notAfter }

    public func matches(_ key: borrowing PrivateKey) -> Bool {
        let result = unsafe X509_check_private_key(pointer, key.pointer)
        OpenSSLError.clearQueue()
        return result == 1
    }

    /// Whether its key signed it.
    public var isSelfSigned: Bool {
        guard let key = unsafe X509_get0_pubkey(pointer) else { return false }
        let result = unsafe X509_verify(pointer, key)
        OpenSSLError.clearQueue()
        return result == 1
    }

    /// Whether whoever signed it used a digest that is broken: SHA-1, MD5.
    public var isWeaklySigned: Bool {
        var digest: Int32 = 0
        guard unsafe X509_get_signature_info(pointer, &digest, nil, nil, nil) == 1 else {
            OpenSSLError.clearQueue()
            // Ed25519 has none of its own; what cannot be read at all is no reason to trust it.
            return unsafe X509_get_signature_nid(pointer) == NID_undef
        }
        return digest == NID_sha1 || digest == NID_md5 || digest == NID_md5_sha1
    }

    /// The DNS names and addresses that it is for, as ``selfSigned(_:commonName:alternativeNames:usage:notBefore:notAfter:)`` takes them.
    public var alternativeNames: [String] {
        guard let list = unsafe X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else {
            OpenSSLError.clearQueue()
            return []
        }
        let names = OpaquePointer(list)
        defer { unsafe GENERAL_NAMES_free(names) }
        var found: [String] = []
        for index in 0..<max(0, unsafe sceau_names_count(names)) {
            var start: UnsafePointer<UInt8>?
            var count: Int32 = 0
            let kind = unsafe sceau_name_at(names, index, &start, &count)
            guard kind >= 0, let start = unsafe start, count > 0 else { continue }
            let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
            if kind == GEN_DNS {
                found.append(String(decoding: bytes, as: UTF8.self))
            } else if bytes.count == 4 {
                found.append(bytes.map(String.init).joined(separator: "."))
            } else if bytes.count == 16 {
                let groups = stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
                found.append(groups.joined(separator: ":"))
            }
        }
        return found
    }

    private func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        guard let epoch = unsafe ASN1_TIME_set(nil, 0) else { return .min }
        defer { unsafe ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var rest: Int32 = 0
        guard unsafe time != nil, unsafe ASN1_TIME_diff(&days, &rest, epoch, time) == 1 else { return .min }
        return Int64(days) * 86_400 + Int64(rest)
    }
}
