public import Canonical
public import OpenSSL

/// `sceau/standing-committee/1`: who holds the shares of an account's consultations, until the account says otherwise.
///
/// Its SHA-256 is what an account's admin reads to the buyers, and their tools pin: a daemon that puts another certificate into it
/// is found out before anything is dealt to it.
public struct StandingCommittee: CanonicalObject, Hashable {
    public static let format = "sceau/standing-committee/1"

    public struct Member: Sendable, Hashable {
        public let name: String
        public let certificate: Certificate
        public let signing: Certificate?
        /// The mandate: from this instant…
        public let from: Instant
        /// …until this one, which is not in it any more; nil where no end is known.
        public let until: Instant?

        public init(name: String, certificate: Certificate, signing: Certificate? = nil, from: Instant, until: Instant? = nil) {
            self.name = name
            self.certificate = certificate
            self.signing = signing
            self.from = from
            self.until = until
        }

        public var committeeMember: CommitteeMember {
            CommitteeMember(name: name, certificate: certificate, signing: signing)
        }
    }

    /// 1 to 64 lower-case letters, digits and hyphens: how commands and addresses name it.
    public let name: String
    public let k: Int
    /// Numbered 1, 2, 3 … in this order, in every key set that is dealt to them.
    public let members: [Member]

    public init(name: String, k: Int, members: [Member]) {
        self.name = name
        self.k = k
        self.members = members
    }

    public var digest: Digest { Digest(of: canonicalBytes) }
    public var committeeMembers: [CommitteeMember] { members.map(\.committeeMember) }

    public static func isName(_ text: String) -> Bool {
        let letters = text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        return (1...64).contains(text.utf8.count) && letters && text.first != "-" && text.last != "-"
    }

    /// What it must be to be kept: ``CommitteeMember/check(_:k:at:)``, and a mandate of each that is not over.
    public func check(at now: Instant) throws(SealingError) {
        try CommitteeMember.check(committeeMembers, k: k, at: now)
        for (index, member) in members.enumerated() {
            guard member.until.map({ $0 > member.from }) ?? true else {
                throw SealingError(.keys, "member \(index + 1) (\(member.name)): the mandate ends before it begins")
            }
            guard member.until.map({ $0 > now }) ?? true else {
                throw SealingError(.keys, "member \(index + 1) (\(member.name)): the mandate is over")
            }
        }
    }

    /// What it must be for a consultation that opens after `deadline`: each mandate has begun, and neither it nor a certificate ends
    /// before somebody could be asked to open.
    public func check(at now: Instant, opening deadline: Instant) throws(SealingError) {
        try check(at: now)
        for (index, member) in members.enumerated() {
            func wrong(_ reason: String) -> SealingError {
                SealingError(.keys, "member \(index + 1) (\(member.name)): \(reason); the deadline is \(deadline)")
            }
            guard member.from <= now else { throw wrong("the mandate begins only on \(member.from)") }
            if let until = member.until, until <= deadline { throw wrong("the mandate ends on \(until)") }
            let last = member.committeeMember.lastSecond
            if last <= deadline.second { throw wrong("a certificate ends on \(Instant(milliseconds: last * 1000))") }
        }
    }

    public var fields: [String: JSON] {
        [
            "name": .string(name), "k": .integer(Int64(k)),
            "members": .array(
                members.map { member in
                    var fields: [String: JSON] = [
                        "name": .string(member.name), "certificate": .base64(member.certificate.der),
                        "from": .instant(member.from),
                    ]
                    fields["signing"] = member.signing.map { .base64($0.der) }
                    fields["until"] = member.until.map(JSON.instant)
                    return .object(fields)
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        name = try reader.string("name", max: 64)
        guard Self.isName(name) else {
            throw CanonicalError(reason: "`name` is not 1 to 64 lower-case letters, digits and hyphens")
        }
        k = try reader.number("k")
        members = try reader.objects("members", max: SealingLimits.members) { (member) throws(CanonicalError) in
            Member(
                name: try member.text("name", max: 256), certificate: try member.certificate("certificate"),
                signing: try member.optionalCertificate("signing"), from: try member.instant("from"),
                until: try member.optionalInstant("until"))
        }
        guard !members.isEmpty, k <= members.count else {
            throw CanonicalError(reason: "`k` is more than there are members")
        }
    }
}
