internal import OpenSSL

/// Whose word a client takes for who a server is.
public enum Trust: Sendable {
    /// These certificates (PEM) and no others: roots, issuers, or the server's own.
    case authorities(pem: [UInt8])
    /// What the operating system trusts.
    case system

    func context() throws(ClientError) -> TLSContext {
        do {
            switch self {
            case .authorities(let pem): return try TLSContext(trustedPEM: pem.span)
            case .system: return try TLSContext(systemTrust: .tls13)
            }
        } catch {
            throw ClientError.untrusted("the trusted certificates cannot be read (\(error))")
        }
    }
}
