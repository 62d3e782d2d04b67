public import Canonical
public import OpenSSL

/// One who is to hold a share.
public struct CommitteeMember: Sendable, Hashable {
    public let name: String
    /// P-256, or RSA from 3072 bits.
    public let certificate: Certificate
    /// A second certificate to sign with, where a card has two.
    public let signing: Certificate?

    public init(name: String, certificate: Certificate, signing: Certificate? = nil) {
        self.name = name
        self.certificate = certificate
        self.signing = signing
    }

    /// Whether its key is printed and lies in a safe.
    public var isPaper: Bool { certificate.isPaper }
}

extension Certificate {
    /// The organisational unit of a key that is kept on paper: it stands in the certificate, so that whoever sees a signature of
    /// such a key, now or years later, sees that the paper was taken out. It is for the record, and stops nobody.
    public static let paperUnit = "paper"

    public var isPaper: Bool { organizationalUnit == Self.paperUnit }
}

extension CommitteeMember {
    /// Refuses a committee to which shares should not be dealt at this instant, and says whose certificate, and why.
    ///
    /// Asked when keys are made, when a daemon takes them, and when they are dealt anew; never later: a share opens with an expired
    /// certificate too, and a committee must not be locked out by a calendar.
    public static func check(_ members: [CommitteeMember], k: Int, at now: Instant) throws(SealingError) {
        guard !members.isEmpty else { throw SealingError(.keys, "a committee has at least one member") }
        guard members.count <= SealingLimits.members else {
            throw SealingError(.keys, "a committee has at most \(SealingLimits.members) members, not \(members.count)")
        }
        guard k >= 1 else { throw SealingError(.keys, "a quorum of \(k) is none: at least one member opens") }
        guard k <= members.count else { throw SealingError(.keys, "\(k) of \(members.count) members cannot open") }
        for (index, member) in members.enumerated() { try member.check(index + 1, at: now) }
        var certificates: [Certificate: Int] = [:]
        var keys: [[UInt8]: Int] = [:]
        var signers: [[UInt8]: Int] = [:]
        for (index, member) in members.enumerated() {
            let number = index + 1
            if let other = certificates.updateValue(number, forKey: member.certificate) {
                throw SealingError(.keys, "members \(other) and \(number) have one certificate: \(member.name) stands there twice")
            }
            let key = try naming(.keys, "member \(number)") { try member.certificate.publicKey() }
            if let other = keys.updateValue(number, forKey: key) {
                throw SealingError(
                    .keys, "members \(other) and \(number) share one key, in two certificates: who holds it would count twice")
            }
            let signer = try naming(.keys, "member \(number)") { try (member.signing ?? member.certificate).publicKey() }
            if let other = signers.updateValue(number, forKey: signer) {
                throw SealingError(.keys, "members \(other) and \(number) sign with one key")
            }
        }
    }

    /// Refuses one member's certificates: which, and why.
    func check(_ number: Int, at now: Instant) throws(SealingError) {
        let what = signing == nil ? "certificate" : "certificate for shares"
        try check(certificate, signing == nil ? .member : .sealing, number, what, at: now)
        if let signing { try check(signing, .signing, number, "signing certificate", at: now) }
    }

    private func check(
        _ certificate: Certificate, _ usage: CertificateUsage, _ number: Int, _ what: String, at now: Instant
    ) throws(SealingError) {
        func wrong(_ reason: String) -> SealingError {
            SealingError(.keys, "member \(number) (\(name)): the \(what) \(reason)")
        }
        let kind = certificate.keyKind
        guard kind.isAccepted else {
            throw wrong("holds \(kind): P-256, or RSA from 3072 to 8192 bits, is needed")
        }
        guard now.second >= certificate.notBefore else {
            throw wrong("is not valid before \(Instant(milliseconds: certificate.notBefore * 1000))")
        }
        guard now.second <= certificate.notAfter else {
            throw wrong("expired on \(Instant(milliseconds: certificate.notAfter * 1000))")
        }
        guard certificate.isSignedStrongly else {
            throw wrong("is signed with SHA-1, or something as weak: SHA-256 or better is needed")
        }
        guard certificate.allows(usage) else {
            let wanted =
                switch (usage, kind) {
                case (.signing, _): "digitalSignature or nonRepudiation"
                case (.sealing, .rsa): "keyEncipherment"
                case (.sealing, _): "keyAgreement"
                case (_, .rsa): "keyEncipherment and digitalSignature"
                default: "keyAgreement and digitalSignature"
                }
            throw wrong(
                "is for other uses: its key usage must have \(wanted)"
                    + (usage == .member ? " (a card with two certificates gives both: CERT,SIGNING)" : ""))
        }
    }

    /// The first instant at which one of its certificates is valid no more: seconds since 1970 UTC.
    public var lastSecond: Int64 { min(certificate.notAfter, signing?.notAfter ?? .max) }
}

extension Committee {
    /// What the daemon asks besides, when it takes a key set: ``CommitteeMember/check(_:k:at:)`` of its members.
    public func checkMembers(at now: Instant) throws(SealingError) {
        try CommitteeMember.check(
            members.map { CommitteeMember(name: $0.name, certificate: $0.certificate, signing: $0.signing) }, k: k, at: now)
    }
}
