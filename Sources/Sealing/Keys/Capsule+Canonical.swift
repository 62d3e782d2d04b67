public import Canonical
internal import OpenSSL

extension Capsule {
    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "part": .string(part), "notBefore": .instant(notBefore),
            "k": .integer(Int64(k)),
            "certificate": .base64(certificate.der), "sealedKey": .base64(sealedKey),
            "committeeDigest": .digest(committeeDigest),
            "platformDigest": .digest(platformDigest), "members": .array(members.map(\.json)),
            "timeLock": timeLock.json,
        ]
        fields["recovery"] = recovery.map(\.json)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        func secret(_ reader: FieldReader) throws(CanonicalError) -> SealedPlatformSecret {
            var reader = reader
            let secret = SealedPlatformSecret(
                certificate: try reader.digest("certificate"),
                secret: try reader.base64("secret", max: Self.longestSealed))
            try reader.finish()
            return secret
        }
        let members = try reader.objects("members", max: SealingLimits.members) { (member) throws(CanonicalError) in
            Member(
                number: try member.number(), name: try member.text("name", max: 256),
                certificate: try member.certificate("certificate"),
                signing: try member.optionalCertificate("signing"),
                share: try member.base64("share", max: Self.longestSealed),
                shareDigest: try member.digest("shareDigest"))
        }
        self.init(
            consultation: try reader.identifier("consultation"), part: try reader.part(),
            notBefore: try reader.instant("notBefore"),
            k: try reader.number("k"), certificate: try reader.certificate("certificate"),
            sealedKey: try reader.base64("sealedKey", max: Self.longestSealed),
            committeeDigest: try reader.digest("committeeDigest"),
            platformDigest: try reader.digest("platformDigest"), members: members,
            timeLock: try secret(reader.object("timeLock")),
            recovery: try reader.optionalObject("recovery").map { (object) throws(CanonicalError) in try secret(object)
            })
    }

    /// No sealed object of a capsule is longer: names and an RSA 8192 key within.
    private static let longestSealed = 32 * 1024
}

extension Capsule.Member {
    var json: JSON {
        var fields: [String: JSON] = [
            "number": .integer(Int64(number)), "name": .string(name), "certificate": .base64(certificate.der),
            "share": .base64(share),
            "shareDigest": .digest(shareDigest),
        ]
        fields["signing"] = signing.map { .base64($0.der) }
        return .object(fields)
    }
}

extension Capsule.SealedPlatformSecret {
    var json: JSON { .object(["certificate": .digest(certificate), "secret": .base64(secret)]) }
}
