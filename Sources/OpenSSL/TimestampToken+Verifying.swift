internal import COpenSSL

extension TimestampToken {
    /// What a check found beside that it holds.
    public struct Verified: Sendable {
        public let signer: Certificate
        /// From the signer to a trust anchor.
        public let chain: [Certificate]
        /// Parts of the token that nothing proves: certificates outside the chain, unsigned attributes, revocation lists.
        public let unproved: Int
    }

    /// Whether this is a timestamp of those bytes by an authority that is trusted, as of the token's own instant.
    ///
    /// Checked in this order: the imprint is this SHA-256; the signer's certificate lies in the token and is for
    /// timestamps alone (critical); a chain leads from it to one of `trust`, every certificate of it valid at `genTime`
    /// and no key under 112 bits; the attribute ESSCertIDv2 names the signer's certificate; the signature holds.
    /// Revocation is not looked up: there is no network here.
    ///
    /// - Parameters:
    ///   - imprint: SHA-256 of what is said to be stamped.
    ///   - trust: anchors, and intermediate certificates of theirs that the token may lack.
    @discardableResult
    public func verify(imprint: InlineArray<32, UInt8>, trust: [Certificate]) throws(TimestampError) -> Verified {
        guard isSHA256, self.imprint == imprint.indices.map({ imprint[$0] }) else { throw .imprint }
        defer { OpenSSLError.clearQueue() }
        let parsed = unsafe der.withUnsafeBufferPointer { bytes -> UnsafeMutablePointer<PKCS7>? in
            var next = bytes.baseAddress
            return unsafe d2i_PKCS7(nil, &next, bytes.count)
        }
        guard let token = unsafe parsed else { throw .malformed("its CMS does not read") }
        defer { unsafe PKCS7_free(token) }
        guard let x509 = unsafe sceau_pkcs7_signer(token) else { throw .signature }
        let signer = try failing { () throws(OpenSSLError) in unsafe try Certificate(encoding: x509) }
        // OpenSSL finds it whatever the case of its letters: a byte could be another unseen.
        guard signer.issuerAndSerial == signerName else { throw .malformed("it names its signer in another writing") }
        guard unsafe sceau_x509_only_stamps(x509) == 1 else { throw .usage(signer.shortName) }
        let store = unsafe try Self.store(trust, second: genTime / 1000)
        defer { unsafe X509_STORE_free(store) }
        let chain = unsafe try Self.chain(of: x509, beside: sceau_pkcs7_certificates(token), store)
        guard unsafe TS_RESP_verify_signature(token, nil, store, nil) == 1 else {
            throw sceau_error_is_ess() == 1 ? .signingCertificate : .signature
        }
        let outside = certificates.filter { !chain.contains($0) }.count
        return Verified(signer: signer, chain: chain, unproved: outside + unprovedParts)
    }

    private static func store(_ trust: [Certificate], second: Int64) throws(TimestampError) -> OpaquePointer {
        guard let store = unsafe X509_STORE_new(), let parameters = unsafe X509_STORE_get0_param(store) else {
            throw .failed(.drain("make a store of trust"))
        }
        unsafe X509_VERIFY_PARAM_set_time(parameters, time_t(second))
        // Level 2 is 112 bits: RSA 2048 and SHA-256 upwards. An anchor need not be self-signed.
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
        var isMade = unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1
        for anchor in trust { isMade = unsafe isMade && X509_STORE_add_cert(store, anchor.pointer) == 1 }
        guard isMade else {
            let error = OpenSSLError.drain("make a store of trust")
            unsafe X509_STORE_free(store)
            throw .failed(error)
        }
        return unsafe store
    }

    /// The same walk as TS_RESP_verify_signature makes, for the name of what fails and for the chain.
    private static func chain(
        of signer: OpaquePointer, beside certificates: OpaquePointer?, _ store: OpaquePointer
    ) throws(TimestampError) -> [Certificate] {
        guard let context = unsafe X509_STORE_CTX_new() else { throw .failed(.drain("prepare a chain of certificates")) }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, store, signer, certificates) == 1,
            unsafe X509_STORE_CTX_set_purpose(context, X509_PURPOSE_TIMESTAMP_SIGN) == 1
        else { throw .failed(.drain("prepare a chain of certificates")) }
        guard unsafe X509_verify_cert(context) == 1 else {
            throw unsafe reason(X509_STORE_CTX_get_error(context), at: X509_STORE_CTX_get_current_cert(context))
        }
        let list = unsafe X509_STORE_CTX_get0_chain(context)
        var chain: [Certificate] = []
        for index in 0..<(unsafe sceau_certificates_count(list)) {
            chain.append(
                try failing { () throws(OpenSSLError) in
                    unsafe try Certificate(encoding: try check(sceau_certificates_at(list, index), "read a chain"))
                })
        }
        return chain
    }

    private static func reason(_ code: Int32, at x509: OpaquePointer?) -> TimestampError {
        let found = unsafe x509.flatMap { unsafe try? Certificate(encoding: $0) }
        let name = found?.shortName ?? "?"
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: return .expired(name)
        case X509_V_ERR_CERT_NOT_YET_VALID: return .notYetValid(name)
        case X509_V_ERR_INVALID_PURPOSE: return .usage(name)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED:
            return .untrusted(found?.issuerName ?? name)
        default:
            let text = unsafe X509_verify_cert_error_string(Int(code)).map { unsafe String(cString: $0) } ?? "\(code)"
            return .chain("\(text) («\(name)»)")
        }
    }
}

/// Runs what fails only when we do.
func failing<Result: ~Copyable>(
    _ body: () throws(OpenSSLError) -> Result
) throws(TimestampError) -> Result {
    do { return try body() } catch { throw .failed(error) }
}
