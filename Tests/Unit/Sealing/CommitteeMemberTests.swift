import Canonical
import Foundation
import OpenSSL
import Testing

@testable import Sealing

/// Certificates that no share is dealt to: which, and why.
@Suite struct CommitteeMemberTests {
    /// Behind what stock OpenSSL makes while the tests run.
    private static let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).advanced(bySeconds: 3600)

    private static func certificate(
        _ key: borrowing PrivateKey, _ name: String = "Zoé", usage: CertificateUsage = .member, from: Int64 = -7200,
        to: Int64 = 10_000_000, unit: String? = nil
    ) throws -> Certificate {
        try Certificate.selfSigned(
            key, commonName: name, unit: unit, usage: usage, notBefore: now.second + from, notAfter: now.second + to)
    }

    /// Made by stock OpenSSL, which makes what we would not.
    private static func stock(_ genpkey: String, _ req: String = "") throws -> Certificate {
        let shell = try Shell()
        try shell.write(
            "recipe",
            Array("""
                openssl genpkey \(genpkey) -out k
                openssl req -x509 -new -key k -subj /CN=Zoé -utf8 -days 3650 \(req) -out c
                """.utf8))
        guard try shell.run("sh", "-e", "recipe") == 0 else { throw SealingError(.cryptography, "stock openssl: \(genpkey) \(req)") }
        return try Certificate(pem: shell.read("c"))
    }

    private static let p256 = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"
    private static let uses = "-addext keyUsage=digitalSignature,keyAgreement"

    /// What is wrong with a second member, beside an Alice who is right.
    struct Bad: CustomTestStringConvertible, Sendable {
        let name: String
        let says: String
        let member: @Sendable () throws -> CommitteeMember
        var testDescription: String { name }
    }

    static let bad: [Bad] = [
        Bad(name: "expired", says: "member 2 (Zoé): the certificate expired on ") {
            CommitteeMember(name: "Zoé", certificate: try certificate(.generateP256(), from: -7200, to: -1))
        },
        Bad(name: "not yet valid", says: "the certificate is not valid before ") {
            CommitteeMember(name: "Zoé", certificate: try certificate(.generateP256(), from: 1))
        },
        Bad(name: "of a server", says: "is for other uses: its key usage must have keyAgreement and digitalSignature") {
            CommitteeMember(name: "Zoé", certificate: try certificate(.generateP256(), usage: .server))
        },
        Bad(name: "that does not sign", says: "is for other uses") {
            CommitteeMember(name: "Zoé", certificate: try certificate(.generateP256(), usage: .sealing))
        },
        Bad(name: "RSA that only signs", says: "keyEncipherment and digitalSignature") {
            CommitteeMember(name: "Zoé", certificate: try certificate(.generateRSA(bits: 3072), usage: .server))
        },
        Bad(name: "a signing certificate that takes keys alone", says: "the signing certificate is for other uses: its key usage must have digitalSignature or nonRepudiation") {
            CommitteeMember(
                name: "Zoé", certificate: try certificate(.generateP256(), usage: .sealing),
                signing: try certificate(.generateP256(), usage: .sealing))
        },
        Bad(name: "a signing certificate that expired", says: "the signing certificate expired on ") {
            CommitteeMember(
                name: "Zoé", certificate: try certificate(.generateP256(), usage: .sealing),
                signing: try certificate(.generateP256(), usage: .signing, to: -1))
        },
        Bad(name: "one for shares that signs alone", says: "the certificate for shares is for other uses: its key usage must have keyAgreement") {
            CommitteeMember(
                name: "Zoé", certificate: try certificate(.generateP256(), usage: .signing),
                signing: try certificate(.generateP256(), usage: .signing))
        },
        Bad(name: "RSA 2048", says: "holds RSA 2048: P-256, or RSA from 3072") {
            CommitteeMember(name: "Zoé", certificate: try certificate(.generateRSA(bits: 2048)))
        },
        Bad(name: "P-384", says: "holds an elliptic curve other than P-256") {
            CommitteeMember(name: "Zoé", certificate: try stock("-algorithm EC -pkeyopt ec_paramgen_curve:P-384", uses))
        },
        Bad(name: "Ed25519", says: "holds Ed25519") {
            CommitteeMember(name: "Zoé", certificate: try stock("-algorithm ED25519", uses))
        },
        Bad(name: "SHA-1", says: "is signed with SHA-1, or something as weak") {
            CommitteeMember(name: "Zoé", certificate: try stock(p256, uses + " -sha1"))
        },
        Bad(name: "the same certificate", says: "members 1 and 2 have one certificate: Zoé stands there twice") {
            CommitteeMember(name: "Zoé", certificate: Story.members[0].certificate)
        },
        Bad(name: "the same key", says: "members 1 and 2 share one key, in two certificates") {
            CommitteeMember(name: "Zoé", certificate: try certificate(Story.members[0].key))
        },
        Bad(name: "the same signing key", says: "members 1 and 2 sign with one key") {
            CommitteeMember(
                name: "Zoé", certificate: try certificate(.generateP256(), usage: .sealing), signing: try certificate(Story.members[0].key))
        },
    ]

    private static func make(_ members: [CommitteeMember], k: Int = 1) -> String {
        refusal {
            _ = try Ceremony.make(
                consultation: Story.consultation, notBefore: Story.deadline, parts: ["offer"], members: members, k: k,
                timeLock: Story.platform.certificate, recovery: nil, now: now)
        }?.text ?? "taken"
    }

    private static var alice: CommitteeMember { CommitteeMember(name: "Alice", certificate: Story.members[0].certificate) }

    @Test(arguments: bad) func noShareIsDealt(to bad: Bad) throws {
        let text = Self.make([Self.alice, try bad.member()])
        #expect(text.contains(bad.says), "\(bad.name): \(text)")
    }

    /// The daemon has its own look at what another's tool made.
    @Test(arguments: bad.prefix(7)) func noneIsTaken(of bad: Bad) throws {
        let story = Story()
        let member = try bad.member()
        let capsule = story.capsules[0]
        let committee = Committee(
            unchecked: story.keySet,
            [
                Capsule(
                    consultation: capsule.consultation, part: capsule.part, notBefore: capsule.notBefore, k: 1,
                    certificate: capsule.certificate, sealedKey: capsule.sealedKey, committeeDigest: capsule.committeeDigest,
                    platformDigest: capsule.platformDigest,
                    members: [
                        capsule.members[0],
                        Capsule.Member(
                            number: 2, name: member.name, certificate: member.certificate, signing: member.signing, share: [],
                            shareDigest: .zero),
                    ], timeLock: capsule.timeLock, recovery: nil)
            ])
        let text = refusal { try committee.checkMembers(at: Self.now) }?.text ?? "taken"
        #expect(text.contains(bad.says), "\(text)")
    }

    @Test func theGoodOnesOfEachKindAreDealtTo() throws {
        let members = [
            Self.alice,
            CommitteeMember(name: "Card", certificate: try Self.certificate(.generateRSA(bits: 3072), usage: .sealing), signing: try Self.certificate(.generateP256(), usage: .signing)),
            CommitteeMember(name: "Stock", certificate: try Self.stock(Self.p256, Self.uses)),
            // Without the extension it is not restricted.
            CommitteeMember(name: "Plain", certificate: try Self.certificate(.generateP256(), unit: Certificate.paperUnit)),
            CommitteeMember(name: "To the second", certificate: try Self.certificate(.generateP256(), from: 0, to: 0)),
        ]
        #expect(Self.make(members, k: 3) == "taken")
        #expect(members.map(\.isPaper) == [false, false, false, true, false])
    }

    @Test func howManyThereMayBe() throws {
        let one = Self.alice
        #expect(Self.make([]).contains("at least one member"))
        #expect(Self.make([one], k: 0).contains("a quorum of 0 is none"))
        #expect(Self.make([one], k: -1).contains("a quorum of -1 is none"))
        #expect(Self.make([one], k: 2).contains("2 of 1 members cannot open"))
        #expect(Self.make(Array(repeating: one, count: 256)).contains("at most 255 members, not 256"))
    }

    /// As many as there may be, half of whom open: every share is in a quorum that was tried, and it does not take minutes.
    @Test func aCommitteeOf255() throws {
        let members = try (1...255).map {
            CommitteeMember(name: "M\($0)", certificate: try Self.certificate(.generateP256(), "M\($0)"))
        }
        let start = ContinuousClock.now
        #expect(Self.make(members, k: 128) == "taken")
        // No verdict on a timing: a figure for who reads the log.
        print("a ceremony of 128 of 255: \(ContinuousClock.now - start)")
    }
}

extension Committee {
    /// As read, without the checks of its initialiser.
    fileprivate init(unchecked keySet: KeySet, _ capsules: [Capsule]) {
        self.init(keySet: keySet, capsules: capsules, fingerprint: keySet.fingerprint)
    }
}
