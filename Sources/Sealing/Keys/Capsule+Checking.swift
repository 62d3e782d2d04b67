internal import Canonical
internal import OpenSSL

extension Capsule {
    /// All that can be checked without a private key: numbers, keys, shapes. `recovery` is the certificate that the second
    /// copy of T must be sealed to, where the checker knows it.
    func check(recovery certificate: Certificate? = nil) throws(SealingError) {
        _ = try partCertificate
        guard k <= members.count else { throw wrong("\(k) of \(members.count) members cannot open") }
        guard members.map(\.number) == Array(1...members.count) else {
            throw wrong("its members are not numbered 1, 2, 3 …")
        }
        var keys: Set<[UInt8]> = []
        for member in members {
            for certificate in [member.certificate, member.signer] where !certificate.keyKind.isAccepted {
                throw wrong(
                    "member \(member.number)'s certificate holds \(certificate.keyKind): P-256, or RSA from 3072 bits, is needed"
                )
            }
            // Two shares for one key would be two votes for one person.
            let key = try naming(.keys, "part \(part), member \(member.number)") { try member.certificate.publicKey() }
            guard keys.insert(key).inserted else {
                throw wrong("members share one key, among them number \(member.number)")
            }
            do {
                try SealedObject.check(member.share, length: shareObject(member.number).length, for: member.certificate)
            } catch {
                throw wrong("the sealed share of member \(member.number): \(error)")
            }
        }
        // By the key again: with one key under two certificates one person would approve twice.
        var signers: Set<[UInt8]> = []
        for member in members {
            let key = try naming(.keys, "part \(part), member \(member.number)") { try member.signer.publicKey() }
            guard signers.insert(key).inserted else { throw wrong("two members sign with one key") }
        }
        do { try SealedObject.checkUnderKey(sealedKey, length: nil) } catch { throw wrong("the sealed key: \(error)") }
        guard sealedKey.count <= SealingLimits.partKey + 256 else { throw wrong("the sealed key is too long") }
        if let recovery, let certificate {
            guard recovery.certificate == Digest(certificate) else {
                throw wrong("the recovery copy is sealed to another certificate")
            }
            do { try SealedObject.check(recovery.secret, length: 32, for: certificate) } catch {
                throw wrong("the recovery copy: \(error)")
            }
        }
    }

    private func wrong(_ reason: String) -> SealingError { SealingError(.keys, "part \(part): \(reason)") }

    /// Whether both have the same committee: the same members under the same numbers, and the same k.
    func hasCommittee(of other: Capsule) -> Bool {
        k == other.k
            && members.elementsEqual(other.members) {
                $0.number == $1.number && $0.name.utf8.elementsEqual($1.name.utf8) && $0.certificate == $1.certificate
                    && $0.signing == $1.signing
            }
    }
}
