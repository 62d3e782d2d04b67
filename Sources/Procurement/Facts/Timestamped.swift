public import Canonical

/// An authority's token (RFC 3161) over a bid or a closing was kept: what had no stamp has one now.
public struct Timestamped: Fact {
    public static let type = "timestamped"

    /// What was stamped.
    public enum Kind: String, Sendable, CaseIterable { case bid, closing }

    /// The word for this vault's own authority.
    public static let embedded = "embedded"
    public static let longestAuthority = 253

    /// SHA-256 of what the token is over: of a bid's `ASiCManifest001.xml`, of a closing's event.
    public let subject: Digest
    public let kind: Kind
    public let consultation: Identifier
    /// nil for a closing.
    public let bid: Identifier?
    /// The token's object: the DER of its ContentInfo.
    public let token: Digest
    /// `embedded`, or the host of an external authority.
    public let authority: String
    /// The token's own instant (genTime).
    public let instant: Instant

    public init(
        subject: Digest, kind: Kind, consultation: Identifier, bid: Identifier?, token: Digest, authority: String,
        instant: Instant
    ) {
        self.subject = subject
        self.kind = kind
        self.consultation = consultation
        self.bid = bid
        self.token = token
        self.authority = authority
        self.instant = instant
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "subject": .digest(subject), "kind": .string(kind.rawValue), "consultation": .identifier(consultation),
            "token": .digest(token), "authority": .string(authority), "instant": .instant(instant),
        ]
        fields["bid"] = bid.map(JSON.identifier)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        subject = try reader.digest("subject")
        kind = try reader.word("kind", of: Kind.self)
        consultation = try reader.identifier("consultation")
        bid = try reader.optionalIdentifier("bid")
        guard (bid != nil) == (kind == .bid) else { throw CanonicalError(reason: "`bid` stands where the kind is bid") }
        token = try reader.digest("token")
        authority = try reader.string("authority", max: Self.longestAuthority)
        guard Self.isAuthority(authority) else { throw CanonicalError(reason: "`authority` is no host") }
        instant = try reader.instant("instant")
    }

    /// A host's name or address, in lower case.
    public static func isAuthority(_ text: String) -> Bool {
        (1...longestAuthority).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x3a
            }
    }
}
