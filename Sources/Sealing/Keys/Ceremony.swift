public import Canonical
public import OpenSSL

/// The making of a consultation's keys, on a buyer's machine and never in the daemon.
///
/// Nothing secret is returned: part keys, C and T are gone when it returns, but for what is sealed in the capsules. What
/// this cannot prove is that whoever ran it kept nothing.
public enum Ceremony {
    /// - Parameters:
    ///   - notBefore: the deadline at this moment.
    ///   - parts: in opening order.
    ///   - members: numbered 1, 2, 3 … in this order.
    ///   - timeLock: the platform's certificate, to which T is sealed.
    ///   - recovery: the holder's, to which T is sealed again.
    ///   - now: at which the members' certificates must be valid; stands in the parts' own.
    public static func make(
        consultation: Identifier, notBefore: Instant, parts: [String], members: [CommitteeMember], k: Int,
        timeLock: Certificate,
        recovery: Certificate?, now: Instant
    ) throws(SealingError) -> (keySet: KeySet, capsules: [Capsule]) {
        try CommitteeMember.check(members, k: k, at: now)
        guard (1...SealingLimits.parts).contains(parts.count) else {
            throw SealingError(.limit, "a consultation has 1 to 8 parts")
        }
        guard Set(parts).count == parts.count else { throw SealingError(.keys, "a part is named twice") }
        var capsules: [Capsule] = []
        for part in parts {
            let capsule = try naming(.keys, "part \(part)") {
                try Self.capsule(
                    consultation: consultation, notBefore: notBefore, part: part, members: members, k: k,
                    timeLock: timeLock, recovery: recovery,
                    now: now)
            }
            try capsule.check(recovery: recovery)
            // A capsule that its own readers would refuse must not leave this machine.
            guard (try? Capsule(canonical: capsule.canonicalBytes)) == capsule else {
                throw SealingError(
                    .keys, "part \(part): a member's name is empty, too long or holds a control character")
            }
            capsules.append(capsule)
        }
        let keySet = KeySet(
            consultation: consultation,
            parts: capsules.map { KeySet.Part(part: $0.part, certificate: Digest($0.certificate), capsule: $0.digest) })
        try keySet.check(capsules)
        return (keySet, capsules)
    }

    private static func capsule(
        consultation: Identifier, notBefore: Instant, part: String, members: [CommitteeMember], k: Int,
        timeLock: Certificate,
        recovery: Certificate?, now: Instant
    ) throws -> Capsule {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: "\(part) \(consultation.text.prefix(16))", usage: .sealing, notBefore: now.second,
            notAfter: endOfTime)
        let c = try Secret.random(32)
        let t = try Secret.random(32)
        let released = try PlatformSecret.derive(
            t, consultation: consultation, part: part, certificate: Digest(certificate), notBefore: notBefore)
        let encoded = try key.pkcs8()
        let sealedKey = try SealedObject.seal(encoded, under: c.xor(released))

        let (holders, dealt) = try deal(
            c, k: k, to: members, consultation: consultation, part: part, certificate: certificate, notBefore: notBefore)
        try rehearse(
            dealt, k: k, released: released, sealedKey: sealedKey, certificate: certificate, committee: c.digest)
        return Capsule(
            consultation: consultation, part: part, notBefore: notBefore, k: k, certificate: certificate,
            sealedKey: sealedKey,
            committeeDigest: c.digest, platformDigest: t.digest, members: holders,
            timeLock: .init(certificate: Digest(timeLock), secret: try SealedObject.seal(t, to: timeLock)),
            recovery: try recovery.map { .init(certificate: Digest($0), secret: try SealedObject.seal(t, to: $0)) })
    }

    /// Splits C, and seals each member its share.
    static func deal(
        _ c: borrowing Secret, k: Int, to members: [CommitteeMember], consultation: Identifier, part: String,
        certificate: Certificate, notBefore: Instant
    ) throws -> (holders: [Capsule.Member], dealt: ShareBook) {
        let polynomial = try Shamir.Polynomial(secret: c, k: k)
        let dealt = ShareBook()
        var holders: [Capsule.Member] = []
        for (index, member) in members.enumerated() {
            let number = index + 1
            let share = polynomial.share(number)
            let object = ShareObject(
                consultation: consultation, part: part, certificate: Digest(certificate), notBefore: notBefore,
                number: number
            ).encoded(share)
            holders.append(
                Capsule.Member(
                    number: number, name: member.name, certificate: member.certificate, signing: member.signing,
                    share: try naming(.keys, "member \(number)") {
                        try SealedObject.seal(object, to: member.certificate)
                    }, shareDigest: object.digest))
            dealt.add(number, share)
        }
        return (holders, dealt)
    }

    /// Rebuilds C and the key from the dealt shares, so that each of them is in at least one quorum that opened.
    private static func rehearse(
        _ dealt: ShareBook, k: Int, released: borrowing Secret, sealedKey: [UInt8], certificate: Certificate,
        committee: Digest
    ) throws {
        let numbers = dealt.numbers
        // The last quorum reaches back into the one before it: n/k of them, where n rotations of k cost minutes for 255 members.
        for start in stride(from: 0, to: numbers.count, by: k) {
            let first = min(start, numbers.count - k)
            let c = dealt.combine(Array(numbers[first..<(first + k)]))
            guard c.digest == committee else {
                throw SealingError(.keys, "the dealt shares do not combine: nothing was kept")
            }
            let key = try PrivateKey(pkcs8: SealedObject.open(sealedKey, length: nil, under: c.xor(released)))
            guard certificate.matches(key) else {
                throw SealingError(.keys, "the sealed key is not the certificate's: nothing was kept")
            }
        }
    }

    /// 9999-12-31T23:59:59Z: no well-defined end (RFC 5280, 4.1.2.5).
    static let endOfTime: Int64 = 253_402_300_799
}
