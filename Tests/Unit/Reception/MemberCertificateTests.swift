import Canonical
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Reception

/// A key set that another tool made, which deals to anybody: the daemon has its own look.
@Suite("Certificates of a key set") struct MemberCertificateTests {
    /// Of ECDSA with SHA-1, valid from 2020.
    private static let weak = """
        -----BEGIN CERTIFICATE-----
        MIIBfzCCASegAwIBAgIUdlSJk9Ti0Y7F23f0JdpMhKuTflwwCQYHKoZIzj0EATAP
        MQ0wCwYDVQQDDARXZWFrMCAXDTIwMDEwMTAwMDAwMFoYDzIxMTkxMjA4MDAwMDAw
        WjAPMQ0wCwYDVQQDDARXZWFrMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBWXx
        Bv9ZIaZJs+7qAHimCHz3l4PDP9cmMu02KUZNcfEf6cJ8nkYXPqKJ6tWMeAvOSYFM
        nFsiwgPH2HM7GWhZSKNgMF4wHQYDVR0OBBYEFJnetu/KDdOt6Kt7Y2GXjpZOH/P7
        MB8GA1UdIwQYMBaAFJnetu/KDdOt6Kt7Y2GXjpZOH/P7MA8GA1UdEwEB/wQFMAMB
        Af8wCwYDVR0PBAQDAgOIMAkGByqGSM49BAEDRwAwRAIgSTEn325SD/4rSZ7fzDQ5
        mUsErb0KBSYFicQqxCZ/qWACIG07PJNX9831s/ZglFGe7RNpmNULp3jpCu7MAAoK
        wAH+
        -----END CERTIFICATE-----
        """

    private static func certificate(
        _ usage: CertificateUsage, _ key: consuming PrivateKey, from: String? = nil, to: String? = nil
    ) throws -> Certificate {
        try Certificate.selfSigned(
            key, commonName: "Bob", usage: usage, notBefore: from.map { Dial.instant($0).second } ?? 0,
            notAfter: to.map { Dial.instant($0).second } ?? 4_102_444_800)
    }

    /// What the platform says of a set whose second member has these certificates.
    private func answer(_ house: House, _ certificate: Certificate, signing: Certificate? = nil) throws -> String {
        let id = try house.vault.create(
            by: house.buyer.principal, reference: "R", title: "T", object: nil, deadline: Dial.instant("12:00:00.000"),
            timeZone: "Europe/Paris", training: true, parts: ["offer"]
        ).consultation.id
        let capsule = try Members.ceremony(id).1[0]
        let length = JSON.object([
            "certificate": .digest(Digest(capsule.certificate)), "consultation": .identifier(id), "format": .string("sceau/share/1"),
            "notBefore": .instant(capsule.notBefore), "number": .integer(2), "part": .string("offer"),
            "share": .base64([UInt8](repeating: 0, count: 32)),
        ]).encoded().count
        let old = capsule.members[1]
        // A shape that a weak key has none of is refused for the key, before it is looked at.
        let share = (try? SealedObject.seal([UInt8](repeating: 0, count: length).span, to: certificate)) ?? []
        let members = [
            capsule.members[0],
            Capsule.Member(
                number: 2, name: old.name, certificate: certificate, signing: signing, share: share, shareDigest: old.shareDigest),
            capsule.members[2],
        ]
        let dealt = Capsule(
            consultation: id, part: "offer", notBefore: capsule.notBefore, k: capsule.k, certificate: capsule.certificate,
            sealedKey: capsule.sealedKey, committeeDigest: capsule.committeeDigest, platformDigest: capsule.platformDigest,
            members: members, timeLock: capsule.timeLock, recovery: nil)
        let keySet = KeySet(
            consultation: id, parts: [.init(part: "offer", certificate: Digest(dealt.certificate), capsule: dealt.digest)])
        do {
            _ = try house.setKeys(of: id, keySet, [dealt])
            return "taken"
        } catch let error as Refusal {
            #expect(error.kind == .keys)
            return error.detail ?? ""
        }
    }

    @Test func badOnesAreRefusedByName() throws {
        let house = try House()
        let good = try Self.certificate(.member, .generateP256())
        let cases: [(says: String, certificate: Certificate, signing: Certificate?)] = [
            ("member 2 (Member 2): the certificate expired on 2026-11-23T10:59:59.000Z", try Self.certificate(.member, .generateP256(), to: "10:59:59.000"), nil),
            ("member 2 (Member 2): the certificate is not valid before 2026-11-23T11:00:01.000Z", try Self.certificate(.member, .generateP256(), from: "11:00:01.000"), nil),
            ("is for other uses: its key usage must have keyAgreement and digitalSignature", try Self.certificate(.server, .generateP256()), nil),
            ("is for other uses", try Self.certificate(.sealing, .generateP256()), nil),
            ("the signing certificate is for other uses", try Self.certificate(.sealing, .generateP256()), try Self.certificate(.sealing, .generateP256())),
            ("the signing certificate expired on", good, try Self.certificate(.signing, .generateP256(), to: "10:00:00.000")),
            ("is signed with SHA-1, or something as weak", try Certificate(pem: Array(Self.weak.utf8)), nil),
            ("member 2's certificate holds RSA 2048", try Self.certificate(.member, .generateRSA(bits: 2048)), nil),
            ("members share one key, among them number 2", Members.all[0].certificate, nil),
            ("two members sign with one key", good, Members.all[2].certificate),
        ]
        for (says, certificate, signing) in cases {
            let answer = try answer(house, certificate, signing: signing)
            #expect(answer.contains(says), "\(says): \(answer)")
        }
        #expect(try house.facts(KeysSet.self).isEmpty)
        #expect(try answer(house, good) == "taken")
        #expect(try answer(house, Self.certificate(.sealing, .generateP256()), signing: Self.certificate(.signing, .generateP256())) == "taken")
    }

    /// Once taken, a calendar locks nobody out.
    @Test func anExpiredMemberStillAccepts() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        house.dial.pass(200 * 365 * 86_400)
        let signed = try Members.all[0].member().accept(committee, fingerprint: committee.fingerprint)
        #expect(try house.vault.accept(id, by: house.opener.principal, signed: signed.canonicalBytes).accepted == [1])
    }
}
