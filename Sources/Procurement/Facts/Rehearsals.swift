public import Canonical

/// A member's share opened again, on the member's machine. The signed statement is an object of the register.
public struct ShareRehearsed: Fact {
    public static let type = "share-rehearsed"
    public let consultation: Identifier
    public let user: Identifier
    public let fingerprint: Digest
    public let member: Int
    /// By the member's own clock.
    public let memberInstant: Instant
    public let rehearsal: Digest
    /// The key lies on paper, and was taken out.
    public let isPaper: Bool

    public init(
        consultation: Identifier, user: Identifier, fingerprint: Digest, member: Int, memberInstant: Instant,
        rehearsal: Digest, isPaper: Bool = false
    ) {
        self.consultation = consultation
        self.user = user
        self.fingerprint = fingerprint
        self.member = member
        self.memberInstant = memberInstant
        self.rehearsal = rehearsal
        self.isPaper = isPaper
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "user": .identifier(user), "fingerprint": .digest(fingerprint),
            "member": .integer(Int64(member)), "memberInstant": .instant(memberInstant), "rehearsal": .digest(rehearsal),
        ]
        if isPaper { fields["paper"] = .bool(true) }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        user = try reader.identifier("user")
        fingerprint = try reader.digest("fingerprint")
        member = try reader.count("member", in: 1...255)
        memberInstant = try reader.instant("memberInstant")
        rehearsal = try reader.digest("rehearsal")
        isPaper = try reader.paper()
    }
}

/// A member has not opened its share for as long as the vault allows: once for each such period.
public struct RehearsalDue: Fact {
    public static let type = "rehearsal-due"
    public let consultation: Identifier
    public let fingerprint: Digest
    public let member: Int
    /// Of the last acceptance or rehearsal.
    public let since: Instant

    public init(consultation: Identifier, fingerprint: Digest, member: Int, since: Instant) {
        self.consultation = consultation
        self.fingerprint = fingerprint
        self.member = member
        self.since = since
    }

    public var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "fingerprint": .digest(fingerprint),
            "member": .integer(Int64(member)), "since": .instant(since),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        fingerprint = try reader.digest("fingerprint")
        member = try reader.count("member", in: 1...255)
        since = try reader.instant("since")
    }
}

/// When a member's share was last known to open: a row for each acceptance.
public struct RehearsalEntry: Sendable, Equatable {
    public let consultation: Identifier
    public let fingerprint: Digest
    public let member: Int
    public let since: Instant
    /// The member's own instant of the last rehearsal.
    public let rehearsed: Instant?
    /// When it was last said that a rehearsal is due, if that was after ``since``.
    public let reminded: Instant?

    public init(
        consultation: Identifier, fingerprint: Digest, member: Int, since: Instant, rehearsed: Instant? = nil,
        reminded: Instant?
    ) {
        self.consultation = consultation
        self.fingerprint = fingerprint
        self.member = member
        self.since = since
        self.rehearsed = rehearsed
        self.reminded = reminded
    }
}

extension FieldReader {
    /// `paper`, which is `true` or absent.
    mutating func paper() throws(CanonicalError) -> Bool {
        guard let paper = try optionalBool("paper") else { return false }
        guard paper else { throw CanonicalError(reason: "`paper` is true, or absent") }
        return true
    }
}
