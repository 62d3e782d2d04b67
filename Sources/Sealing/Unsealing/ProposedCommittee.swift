public import Canonical
internal import OpenSSL

/// `sceau/committee/1`: to whom a re-share deals. Its SHA-256 stands in the signed opening, so that who approves knows, by name
/// and certificate, whose shares it helps to make.
public struct ProposedCommittee: CanonicalObject, Hashable {
    public static let format = "sceau/committee/1"

    /// How many of them will open.
    public let k: Int
    /// Numbered 1, 2, 3 … in this order.
    public let members: [CommitteeMember]

    public init(k: Int, members: [CommitteeMember]) {
        self.k = k
        self.members = members
    }

    public var digest: Digest { Digest(of: canonicalBytes) }

    /// How many acceptances put its shares in force.
    public var needed: Int { min(k + 1, members.count) }

    /// What the capsules for it would be refused for: a quorum that nobody can be, a weak key, one person under two numbers, a
    /// name that no reader takes.
    public func check() throws(SealingError) {
        guard (1...SealingLimits.members).contains(members.count), (1...members.count).contains(k) else {
            throw SealingError(.keys, "a committee has 1 to 255 members, and its quorum 1 to all of them")
        }
        guard (try? ProposedCommittee(canonical: canonicalBytes)) == self else {
            throw SealingError(.keys, "a member's name is empty, too long or holds a control character")
        }
        for keys in [members.map(\.certificate), members.map { $0.signing ?? $0.certificate }] {
            var seen: Set<[UInt8]> = []
            for (index, certificate) in keys.enumerated() {
                guard certificate.keyKind.isAccepted else {
                    throw SealingError(
                        .keys,
                        "member \(index + 1)'s certificate holds \(certificate.keyKind): P-256, or RSA from 3072 bits, is needed")
                }
                let key = try naming(.keys, "member \(index + 1)") { try certificate.publicKey() }
                guard seen.insert(key).inserted else {
                    throw SealingError(.keys, "two members share one key, among them number \(index + 1)")
                }
            }
        }
    }

    public var fields: [String: JSON] {
        [
            "k": .integer(Int64(k)),
            "members": .array(
                members.enumerated().map { index, member in
                    var fields: [String: JSON] = [
                        "number": .integer(Int64(index + 1)), "name": .string(member.name),
                        "certificate": .base64(member.certificate.der),
                    ]
                    fields["signing"] = member.signing.map { .base64($0.der) }
                    return .object(fields)
                }),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        k = try reader.number("k")
        var numbers: [Int] = []
        members = try reader.objects("members", max: SealingLimits.members) { (member) throws(CanonicalError) in
            numbers.append(try member.number())
            return CommitteeMember(
                name: try member.text("name", max: 256), certificate: try member.certificate("certificate"),
                signing: try member.optionalCertificate("signing"))
        }
        guard !members.isEmpty, numbers == Array(1...members.count), k <= members.count else {
            throw CanonicalError(reason: "`members` are not numbered 1, 2, 3 …, or are fewer than `k`")
        }
    }
}
