internal import COpenSSL

/// A time-stamping authority (RFC 3161): answers requests with tokens of the instant that it is given.
///
/// Accuracy 1 s, milliseconds in the instant, ESSCertIDv2 (RFC 5816), a random serial number of 126 bits for each token,
/// one policy of its own. Requests over SHA-256, SHA-384 and SHA-512 are taken; other policies, digests and extensions get
/// the refusals of RFC 3161, 2.4.2. Several threads may ask at once.
public final class TimestampAuthority: Sendable {
    public let certificate: Certificate
    public let policy: ObjectIdentifier
    private let key: PrivateKey

    /// The policy of every Sceau's embedded authority: an identifier made from a UUID (ITU-T X.667), so that nobody had to
    /// assign it. It promises what this type says, and no qualification.
    public static let embeddedPolicy = "2.25.96121005266415352961362523811139819718"

    /// - Throws: where key and certificate do not match, or the certificate is not for timestamps alone.
    public init(key: consuming PrivateKey, certificate: Certificate) throws(OpenSSLError) {
        guard certificate.matches(key) else { throw OpenSSLError(operation: "stamp with a key that is not the certificate's") }
        guard certificate.allows(.timestamping) else {
            throw OpenSSLError(operation: "stamp under a certificate that is not for timestamps alone")
        }
        guard let policy = ObjectIdentifier(Self.embeddedPolicy) else { throw .drain("read a policy") }
        self.policy = policy
        self.certificate = certificate
        self.key = key
    }

    /// The answer to a request, whatever it is: TimeStampResp in DER.
    ///
    /// - Parameters:
    ///   - request: DER, at most ``TimestampRequest/maximumCount`` bytes.
    ///   - milliseconds: since 1970 UTC; nil where there is no trusted time now, which is then the refusal.
    public func answer(_ request: [UInt8], at milliseconds: Int64?) throws(OpenSSLError) -> [UInt8] {
        let context = unsafe try check(TS_RESP_CTX_new(), "prepare a timestamp")
        defer { unsafe TS_RESP_CTX_free(context) }
        unsafe try configure(context)
        // 126 random bits, positive: unique without a counter that a restored backup would put back.
        var serial = try Random.bytes(16)
        serial[0] = serial[0] & 0x3f | 0x40
        var stamp = sceau_stamp()
        stamp.has_time = milliseconds == nil ? 0 : 1
        stamp.seconds = Int((milliseconds ?? 0) / 1000)
        stamp.microseconds = Int((milliseconds ?? 0) % 1000 * 1000)
        unsafe withUnsafeMutableBytes(of: &stamp.serial) { unsafe $0.copyBytes(from: serial) }
        // What is not one element of DER is given as nothing at all, which is refused as badDataFormat.
        let file = try MemoryBIO(Self.isOneElement(request) ? request : [])
        let response = unsafe try withUnsafeMutablePointer(to: &stamp) { (stamp) throws(OpenSSLError) in
            unsafe sceau_stamp_set(context, stamp)
            return unsafe try check(TS_RESP_create_response(context, file.pointer), "make a timestamp")
        }
        defer { unsafe TS_RESP_free(response) }
        // A refused request leaves its reasons in the queue.
        OpenSSLError.clearQueue()
        let count = unsafe i2d_TS_RESP(response, nil)
        guard count > 0 else { throw .drain("write a timestamp") }
        var der = [UInt8](repeating: 0, count: Int(count))
        unsafe der.withUnsafeMutableBufferPointer { buffer in
            var next = buffer.baseAddress
            _ = unsafe i2d_TS_RESP(response, &next)
        }
        return der
    }

    private func configure(_ context: OpaquePointer) throws(OpenSSLError) {
        try check(unsafe TS_RESP_CTX_set_signer_cert(context, certificate.pointer), "set a signer's certificate")
        try check(unsafe TS_RESP_CTX_set_signer_key(context, key.pointer), "set a signer's key")
        try check(unsafe TS_RESP_CTX_set_signer_digest(context, EVP_sha256()), "set a signer's digest")
        try check(unsafe TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()), "choose ESSCertIDv2")
        let object = unsafe try check(OBJ_txt2obj(policy.description, 1), "read a policy")
        defer { unsafe ASN1_OBJECT_free(object) }
        try check(unsafe TS_RESP_CTX_set_def_policy(context, object), "set a policy")
        try check(unsafe TS_RESP_CTX_add_md(context, EVP_sha256()), "take SHA-256")
        try check(unsafe TS_RESP_CTX_add_md(context, EVP_sha384()), "take SHA-384")
        try check(unsafe TS_RESP_CTX_add_md(context, EVP_sha512()), "take SHA-512")
        try check(unsafe TS_RESP_CTX_set_accuracy(context, 1, 0, 0), "state an accuracy")
        try check(unsafe TS_RESP_CTX_set_clock_precision_digits(context, 3), "state milliseconds")
    }

    private static func isOneElement(_ request: [UInt8]) -> Bool {
        guard request.count <= TimestampRequest.maximumCount else { return false }
        var reader = DERReader(request)
        return (try? reader.element("the request")) != nil && reader.isAtEnd
    }
}
