internal import COpenSSL

/// A request for a timestamp (RFC 3161, 2.4.1): SHA-256 of something, a nonce of 64 bits, and the wish for certificates.
public struct TimestampRequest: Sendable {
    public let imprint: InlineArray<32, UInt8>
    /// Eight bytes, the first neither zero nor above 0x7f, so that its integer is these bytes.
    public let nonce: [UInt8]
    /// The policy asked for; nil leaves it to the authority.
    public let policy: ObjectIdentifier?
    public let der: [UInt8]

    /// Stock requests are about 70 bytes; what is longer is refused unread.
    public static let maximumCount = 4096
    /// RFC 3161, 3.4.
    public static let mediaType = "application/timestamp-query"

    public init(imprint: InlineArray<32, UInt8>, policy: ObjectIdentifier? = nil) throws(OpenSSLError) {
        var nonce = try Random.bytes(8)
        nonce[0] = nonce[0] & 0x3f | 0x40
        try self.init(imprint: imprint, nonce: nonce, policy: policy)
    }

    init(imprint: InlineArray<32, UInt8>, nonce: [UInt8], policy: ObjectIdentifier?) throws(OpenSSLError) {
        self.imprint = imprint
        self.nonce = nonce
        self.policy = policy
        let request = unsafe try check(TS_REQ_new(), "make a timestamp request")
        defer { unsafe TS_REQ_free(request) }
        try check(unsafe TS_REQ_set_version(request, 1), "set a request's version")
        unsafe try Self.setImprint(request, imprint)
        let number = unsafe try check(BN_bin2bn(nonce, Int32(nonce.count), nil), "make a nonce")
        defer { unsafe BN_free(number) }
        guard let integer = unsafe BN_to_ASN1_INTEGER(number, nil) else { throw .drain("make a nonce") }
        defer { unsafe ASN1_INTEGER_free(integer) }
        try check(unsafe TS_REQ_set_nonce(request, integer), "set a nonce")
        if let policy {
            let object = unsafe try check(OBJ_txt2obj(policy.description, 1), "read a policy")
            defer { unsafe ASN1_OBJECT_free(object) }
            try check(unsafe TS_REQ_set_policy_id(request, object), "set a policy")
        }
        try check(unsafe TS_REQ_set_cert_req(request, 1), "ask for certificates")
        let count = unsafe i2d_TS_REQ(request, nil)
        guard count > 0 else { throw .drain("write a timestamp request") }
        var der = [UInt8](repeating: 0, count: Int(count))
        unsafe der.withUnsafeMutableBufferPointer { buffer in
            var next = buffer.baseAddress
            _ = unsafe i2d_TS_REQ(request, &next)
        }
        self.der = der
    }

    private static func setImprint(_ request: OpaquePointer, _ imprint: InlineArray<32, UInt8>) throws(OpenSSLError) {
        let message = unsafe try check(TS_MSG_IMPRINT_new(), "make an imprint")
        defer { unsafe TS_MSG_IMPRINT_free(message) }
        guard let algorithm = unsafe X509_ALGOR_new() else { throw .drain("name SHA-256") }
        defer { unsafe X509_ALGOR_free(algorithm) }
        try check(unsafe X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil), "name SHA-256")
        try check(unsafe TS_MSG_IMPRINT_set_algo(message, algorithm), "name SHA-256")
        var bytes = imprint.indices.map { imprint[$0] }
        try check(unsafe TS_MSG_IMPRINT_set_msg(message, &bytes, Int32(bytes.count)), "set an imprint")
        try check(unsafe TS_REQ_set_msg_imprint(request, message), "set an imprint")
    }
}
