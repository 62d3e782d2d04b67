public import Canonical

/// What a key that the host holds is for.
public enum HostKeyKind: String, Sendable, CaseIterable {
    /// The platform's half of every consultation's key is sealed to it.
    case timeLock = "time-lock"
    /// A second copy of that half is sealed to it. Its holder keeps it offline: the host has the certificate alone.
    case recovery
    /// The embedded time-stamping authority signs with it.
    case timestamp
    /// It issued the time-stamping key's certificate: what people trust. Older ones are kept as certificates alone, for the tokens
    /// under them.
    case timestampAuthority = "timestamp-authority"
    case tls
}

/// A key came into use: from here on it is the one of its kind. What was sealed to the one before still needs that.
public struct HostKeyAdded: Fact {
    public static let type = "host-key-added"
    public let kind: HostKeyKind
    /// SHA-256 of its certificate in DER.
    public let certificate: Digest
    /// Until when its certificate says that it is good.
    public let notAfter: Instant

    public init(kind: HostKeyKind, certificate: Digest, notAfter: Instant) {
        self.kind = kind
        self.certificate = certificate
        self.notAfter = notAfter
    }

    public var fields: [String: JSON] {
        ["kind": .string(kind.rawValue), "certificate": .digest(certificate), "notAfter": .instant(notAfter)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        kind = try reader.word("kind", of: HostKeyKind.self)
        certificate = try reader.digest("certificate")
        notAfter = try reader.instant("notAfter")
    }
}

/// Nothing needs this key any more: it is gone from the host.
public struct HostKeyRetired: Fact {
    public static let type = "host-key-retired"
    public let kind: HostKeyKind
    public let certificate: Digest

    public init(kind: HostKeyKind, certificate: Digest) {
        self.kind = kind
        self.certificate = certificate
    }

    public var fields: [String: JSON] { ["kind": .string(kind.rawValue), "certificate": .digest(certificate)] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        kind = try reader.word("kind", of: HostKeyKind.self)
        certificate = try reader.digest("certificate")
    }
}

/// The platform's half of one part's key, brought back from its recovery copy and sealed to another time-lock key. It stands beside
/// the capsule, which stays as it is: no fingerprint changes.
public struct PlatformSecretRestored: Fact {
    public static let type = "platform-secret-restored"
    public let consultation: Identifier
    public let part: String
    /// SHA-256 of the secret, as the capsule has it.
    public let secret: Digest
    /// SHA-256 of the time-lock certificate to which it is sealed now.
    public let certificate: Digest
    /// SHA-256 of the sealed secret, an object.
    public let sealed: Digest

    public init(consultation: Identifier, part: String, secret: Digest, certificate: Digest, sealed: Digest) {
        self.consultation = consultation
        self.part = part
        self.secret = secret
        self.certificate = certificate
        self.sealed = sealed
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "part": .string(part), "secretHash": .digest(secret),
            "certificate": .digest(certificate), "sealed": .digest(sealed),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        part = try reader.part("part")
        secret = try reader.digest("secretHash")
        certificate = try reader.digest("certificate")
        sealed = try reader.digest("sealed")
    }
}

/// Somebody showed that a recovery key opens every copy that was sealed to it. Nothing of what it opened was kept.
public struct RecoveryRehearsed: Fact {
    public static let type = "recovery-rehearsed"
    /// SHA-256 of the recovery certificate.
    public let certificate: Digest
    /// How many secrets it opened.
    public let secrets: Int64

    public init(certificate: Digest, secrets: Int64) {
        self.certificate = certificate
        self.secrets = secrets
    }

    public var fields: [String: JSON] { ["certificate": .digest(certificate), "secrets": .integer(secrets)] }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        certificate = try reader.digest("certificate")
        secrets = try reader.integer("secrets", in: 0...(1 << 52))
    }
}

/// A bearer token signs nobody in any more, from an instant on.
public struct TokenEnded: Fact {
    public static let type = "token-ended"
    public let user: Identifier
    /// SHA-256 of the token.
    public let token: Digest
    public let from: Instant

    public init(user: Identifier, token: Digest, from: Instant) {
        self.user = user
        self.token = token
        self.from = from
    }

    public var fields: [String: JSON] {
        ["user": .identifier(user), "tokenHash": .digest(token), "from": .instant(from)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        user = try reader.identifier("user")
        token = try reader.digest("tokenHash")
        from = try reader.instant("from")
    }
}
