public import Canonical
public import OpenSSL

/// `sceau/capsule/1`: one part's private key, sealed under what committee and platform each hold half of.
public struct Capsule: CanonicalObject, Hashable {
    public static let format = "sceau/capsule/1"

    public struct Member: Sendable, Hashable {
        /// The share's number: the members' are 1, 2, 3 …
        public let number: Int
        public let name: String
        /// Shares are sealed to it.
        public let certificate: Certificate
        /// The member signs with its key; absent where ``certificate`` does both.
        public let signing: Certificate?
        /// The sealed share object.
        public let share: [UInt8]
        /// SHA-256 of the share object, so that a wrong share is named.
        public let shareDigest: Digest

        public init(
            number: Int, name: String, certificate: Certificate, signing: Certificate?, share: [UInt8],
            shareDigest: Digest
        ) {
            self.number = number
            self.name = name
            self.certificate = certificate
            self.signing = signing
            self.share = share
            self.shareDigest = shareDigest
        }

        /// The certificate that the member's signatures must be of.
        public var signer: Certificate { signing ?? certificate }
    }

    /// T, sealed to a certificate that this digest names.
    public struct SealedPlatformSecret: Sendable, Hashable {
        public let certificate: Digest
        public let secret: [UInt8]

        public init(certificate: Digest, secret: [UInt8]) {
            self.certificate = certificate
            self.secret = secret
        }
    }

    public let consultation: Identifier
    public let part: String
    /// The deadline when the keys were made.
    public let notBefore: Instant
    /// How many members open.
    public let k: Int
    public let certificate: Certificate
    /// The private key (PKCS#8) under KEK = C xor T′.
    public let sealedKey: [UInt8]
    /// SHA-256 of C.
    public let committeeDigest: Digest
    /// SHA-256 of T: unique in a register.
    public let platformDigest: Digest
    public let members: [Member]
    public let timeLock: SealedPlatformSecret
    public let recovery: SealedPlatformSecret?

    public init(
        consultation: Identifier, part: String, notBefore: Instant, k: Int, certificate: Certificate,
        sealedKey: [UInt8],
        committeeDigest: Digest, platformDigest: Digest, members: [Member], timeLock: SealedPlatformSecret,
        recovery: SealedPlatformSecret?
    ) {
        self.consultation = consultation
        self.part = part
        self.notBefore = notBefore
        self.k = k
        self.certificate = certificate
        self.sealedKey = sealedKey
        self.committeeDigest = committeeDigest
        self.platformDigest = platformDigest
        self.members = members
        self.timeLock = timeLock
        self.recovery = recovery
    }

    public var digest: Digest { Digest(of: canonicalBytes) }

    public var partCertificate: PartCertificate {
        get throws(SealingError) { try PartCertificate(part: part, certificate: certificate) }
    }

    /// What a member's share object must say.
    func shareObject(_ number: Int) -> ShareObject {
        ShareObject(
            consultation: consultation, part: part, certificate: Digest(certificate), notBefore: notBefore,
            number: number)
    }

    func platformSecret(from secret: borrowing Secret) throws(OpenSSLError) -> Secret {
        try PlatformSecret.derive(
            secret, consultation: consultation, part: part, certificate: Digest(certificate), notBefore: notBefore)
    }
}
