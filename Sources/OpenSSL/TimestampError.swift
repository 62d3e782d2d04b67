/// Why a timestamp is not taken for one: each way it can fail has its name, for the tool and the log say it.
public enum TimestampError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not the DER of RFC 3161, or with something that we do not know and that must be understood.
    case malformed(String)
    /// The authority refused (RFC 3161, 2.4.2): PKIStatus, and its words, cut to what a log bears.
    case notGranted(status: Int, text: String?)
    /// It is over something else.
    case imprint
    /// It answers another request.
    case nonce
    /// It was made under another policy than the one asked for.
    case policy(String)
    /// The signature does not hold, or its signer is not in the token.
    case signature
    /// The attribute ESSCertIDv2 (RFC 5816) is missing, or names another certificate than the signer's.
    case signingCertificate
    /// The signer's certificate is not for timestamps: its extended usage must be timeStamping alone, critical.
    case usage(String)
    /// A certificate of its chain had ended, or had not begun, at the token's instant.
    case expired(String)
    case notYetValid(String)
    /// Its chain ends at an authority that is not trusted here: the name of the last certificate found.
    case untrusted(String)
    /// Its chain does not hold for another reason, in OpenSSL's words.
    case chain(String)
    /// Something of ours failed: memory, a key.
    case failed(OpenSSLError)

    public var description: String {
        switch self {
        case .malformed(let reason): "it is not a timestamp of RFC 3161: \(reason)"
        case .notGranted(let status, let text):
            "the authority did not grant it (status \(status)\(text.map { ": \($0)" } ?? ""))"
        case .imprint: "it is over something else (wrong imprint)"
        case .nonce: "it answers another request (wrong nonce)"
        case .policy(let found): "it was made under another policy, \(found)"
        case .signature: "its signature does not hold"
        case .signingCertificate: "it does not name its signer's certificate (ESSCertIDv2)"
        case .usage(let name): "the certificate «\(name)» is not for timestamps alone"
        case .expired(let name): "the certificate «\(name)» had expired at the token's instant"
        case .notYetValid(let name): "the certificate «\(name)» was not yet valid at the token's instant"
        case .untrusted(let name): "its authority is not trusted here: «\(name)»"
        case .chain(let reason): "its chain of certificates does not hold: \(reason)"
        case .failed(let error): error.description
        }
    }
}

/// Runs a walk through DER whose failure is a malformed timestamp.
func walking<Result>(_ body: () throws(DERReader.Failure) -> Result) throws(TimestampError) -> Result {
    do { return try body() } catch { throw .malformed(error.reason) }
}
