public import Canonical
public import OpenSSL
public import Procurement
import Sealing

/// A key that the host holds, by its certificate.
public struct HostKey: Sendable, Equatable {
    public let kind: HostKeyKind
    public let certificate: Certificate
    /// The one of its kind that is used for what is new.
    public let isCurrent: Bool

    public init(_ kind: HostKeyKind, _ certificate: Certificate, isCurrent: Bool) {
        self.kind = kind
        self.certificate = certificate
        self.isCurrent = isCurrent
    }

    public var digest: Digest { Digest(certificate) }
    public var notAfter: Instant { .ofCertificate(certificate.notAfter) }
    public var notBefore: Instant { .ofCertificate(certificate.notBefore) }

    /// The fact that it came into use.
    public var added: HostKeyAdded { HostKeyAdded(kind: kind, certificate: digest, notAfter: notAfter) }

    /// nil also for a key that is not the current one: what was sealed under it opens whatever its certificate says.
    public func notice(at now: Instant) -> ExpiryNotice? { isCurrent ? ExpiryNotice(notAfter: notAfter, now: now) : nil }
}

extension Instant {
    /// A bound of a certificate, as far as an instant can be written.
    fileprivate static func ofCertificate(_ second: Int64) -> Instant {
        Instant(milliseconds: min(max(second, 0), 253_402_300_799) * 1000)
    }
}

/// Adds and retires the keys of the host while the daemon runs: whoever knows their files. Asked over the host's own socket alone.
public protocol HostKeyKeeping: Sendable {
    /// Makes a key, or takes a certificate, and puts it into use at once.
    ///
    /// - Parameters:
    ///   - certificate: PEM: of the recovery key, or of a time-lock key that is elsewhere; nil for those that are made here.
    ///   - key: URI (OSSL_STORE) of a time-lock key that a token or another file holds.
    ///   - hosts: names for a TLS certificate; those of the present one where empty.
    func add(_ kind: HostKeyKind, certificate: String?, key: String?, hosts: [String]) throws -> HostKey
    func retire(_ kind: HostKeyKind, _ certificate: Digest) throws
    /// A new key for a log.
    ///
    /// - Returns: its verifier key (C2SP signed-note).
    func rotate(_ log: Log) throws -> String
}
