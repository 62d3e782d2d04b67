import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// What `PUT …/keys` takes: nothing that could not be released later, nothing that was made for something else.
@Suite(.serialized) struct KeySetTests {
    let stage: Stage

    init() throws { stage = try Stage() }

    /// The capsule with some of it replaced, and a key set that fits it.
    private func put(_ procedure: Procedure, _ capsule: Capsule, _ change: (inout Fields) throws -> Void) throws -> Answer {
        var fields = Fields(capsule)
        try change(&fields)
        let changed = fields.capsule
        let keySet = KeySet(
            consultation: procedure.id,
            parts: [KeySet.Part(part: changed.part, certificate: Digest(changed.certificate), capsule: changed.digest)])
        return try procedure.put(keySet, [changed])
    }

    struct Fields {
        var consultation: Identifier
        var notBefore: Instant
        var k: Int
        var sealedKey: [UInt8]
        var platformDigest: Digest
        var members: [Capsule.Member]
        var timeLock: Capsule.SealedPlatformSecret
        let original: Capsule

        init(_ capsule: Capsule) {
            original = capsule
            consultation = capsule.consultation
            notBefore = capsule.notBefore
            k = capsule.k
            sealedKey = capsule.sealedKey
            platformDigest = capsule.platformDigest
            members = capsule.members
            timeLock = capsule.timeLock
        }

        var capsule: Capsule {
            Capsule(
                consultation: consultation, part: original.part, notBefore: notBefore, k: k, certificate: original.certificate,
                sealedKey: sealedKey, committeeDigest: original.committeeDigest, platformDigest: platformDigest, members: members,
                timeLock: timeLock, recovery: original.recovery)
        }

        mutating func reshare(_ index: Int, _ change: (inout [UInt8]) -> Void) {
            let member = members[index]
            var share = member.share
            change(&share)
            members[index] = Capsule.Member(
                number: member.number, name: member.name, certificate: member.certificate, signing: member.signing, share: share,
                shareDigest: member.shareDigest)
        }
    }

    @Test func whatIsRefused() throws {
        let procedure = try Procedure(stage)
        let (keySet, capsules) = try procedure.ceremony()
        let capsule = capsules[0]
        let other = try Procedure(stage)
        try other.seal()
        let stolen = try #require(other.committee?.capsule("offer"))

        let refused: [(name: String, says: String, answer: Answer)] = [
            ("T copied from another consultation", "was used for another consultation", try put(procedure, capsule) {
                $0.timeLock = stolen.timeLock
                $0.platformDigest = stolen.platformDigest
            }),
            ("T that is not the one of its digest", "the platform's secret is not the one that the capsule says", try put(procedure, capsule) { $0.timeLock = stolen.timeLock }),
            ("a capsule of another consultation", "its capsule is of another consultation", try procedure.put(
                KeySet(consultation: procedure.id, parts: [.init(part: "offer", certificate: Digest(stolen.certificate), capsule: stolen.digest)]),
                [stolen])),
            ("another notBefore", "`notBefore` is ", try put(procedure, capsule) { $0.notBefore = $0.notBefore.advanced(bySeconds: -60) }),
            ("a quorum of nobody", "`k`", try put(procedure, capsule) { $0.k = 0 }),
            ("a quorum beyond the committee", "4 of 3 members cannot open", try put(procedure, capsule) { $0.k = 4 }),
            ("bytes behind a share", "the sealed share of member 1: ", try put(procedure, capsule) { $0.reshare(0) { $0 += [0] } }),
            ("a share cut short", "the sealed share of member 2: ", try put(procedure, capsule) { $0.reshare(1) { $0.removeLast() } }),
            ("a share of another shape", "the sealed share of member 3: ", try put(procedure, capsule) { $0.reshare(2) { $0[5] ^= 1 } }),
            ("a share with a second recipient", "the sealed share of member 1: ", try put(procedure, capsule) { fields in
                let two = try Self.sealed(to: procedure.voters[0], procedure.voters[1], length: Self.shareLength(capsule, 1))
                fields.reshare(0) { $0 = two }
            }),
            ("a share with a tag of four bytes", "the sealed share of member 1: ", try put(procedure, capsule) { $0.reshare(0) { $0 = Self.shortened($0) } }),
            ("T with a tag of four bytes", "the platform's secret: ", try put(procedure, capsule) {
                $0.timeLock = .init(certificate: $0.timeLock.certificate, secret: Self.shortened($0.timeLock.secret))
            }),
            ("a share sealed to another member", "the sealed share of member 1: ", try put(procedure, capsule) { fields in
                let other = fields.members[1].share
                fields.reshare(0) { $0 = other }
            }),
            ("a private key of another shape", "the sealed key: ", try put(procedure, capsule) { $0.sealedKey += [0x30, 0x00] }),
            ("bytes behind T", "the platform's secret: ", try put(procedure, capsule) {
                $0.timeLock = .init(certificate: $0.timeLock.certificate, secret: $0.timeLock.secret + [0])
            }),
            ("another capsule's digest", "its capsule is not the one that the key set names", try procedure.put(keySet, [stolen])),
            ("a capsule too many", "the capsules are not those of the key set's parts", try procedure.put(keySet, [capsule, capsule])),
            ("no capsule", "the capsules are not those of the key set's parts", try procedure.put(keySet, [])),
        ]
        for (name, says, answer) in refused {
            #expect(answer.status == 422 && answer.problem == "keys", "\(name): \(answer)")
            #expect(answer["detail"].contains(says), "\(name): \(answer)")
        }
        #expect(try stage.events("keys-set").count == 1)
        // The one that all of these are made from is good.
        #expect(try procedure.put(keySet, capsules).status == 200)
    }

    @Test func acceptancesAndPublication() throws {
        let procedure = try Procedure(stage)
        try procedure.seal()
        #expect(try procedure.publish().status == 409)
        #expect(try procedure.accept(1).status == 201)
        #expect(try procedure.accept(1).problem == "already-done")
        #expect(try procedure.publish().status == 409)
        // Signed by no member, or by one in another's name.
        let acceptance = Acceptance(consultation: procedure.id, fingerprint: procedure.fingerprint, number: 2)
        for voter in [try Voter("Intrus"), procedure.voters[2]] {
            let answer = try stage.openers[1].post(
                procedure.path + "/acceptances", ["signed": Data(try voter.sign(acceptance)).base64EncodedString()])
            #expect([403, 422].contains(answer.status), "\(answer)")
        }
        for number in [2, 3] { #expect(try procedure.accept(number).status == 201) }
        let wrong = try stage.buyer.post(procedure.path + "/publication", ["fingerprint": String(repeating: "0", count: 64)])
        #expect(wrong.status == 422 && wrong.problem == "fingerprint", "\(wrong)")
        #expect(try procedure.publish().status == 200)
        #expect(try procedure.publish().status == 409)
    }

    // MARK: What only its member can see

    /// The daemon sees the shape of a sealed share and no more: a wrong one is its member's tool's to refuse, by name.
    @Test func aShareThatWasDealtWrongIsNotAccepted() throws {
        let cast = try Cast(at: stage.instance)
        let consultation = try cast.draft()
        let member = cast.members[0]
        let certificates = try cast.members.map { try Certificate(pem: Array(Data(contentsOf: URL(filePath: $0.certificate)))) }
        let platform = try cast.buyer.curl.get("/api/v1/platform")
        let timeLock = try Certificate(der: Array(Data(base64Encoded: platform["timeLock"]) ?? Data()))
        func ceremony(_ id: String) throws -> Capsule {
            try Ceremony.make(
                consultation: Identifier(id), notBefore: Instant(parsing: consultation.deadline), parts: ["offer"],
                members: certificates.map { CommitteeMember(name: $0.commonName ?? "", certificate: $0) }, k: 2,
                timeLock: timeLock, recovery: nil, now: Session.now
            ).capsules[0]
        }
        let capsule = try ceremony(consultation.id)
        let random = try Random.bytes(Self.shareLength(capsule, 1))
        let noise = try SealedObject.seal(random.span, to: certificates[0])
        let copied = try ceremony(BackedUpEnvelope.text("c2")).members[0].share
        for share in [copied, noise] {
            var fields = Fields(capsule)
            fields.reshare(0) { $0 = share }
            let dealt = fields.capsule
            let keySet = KeySet(
                consultation: dealt.consultation,
                parts: [KeySet.Part(part: "offer", certificate: Digest(dealt.certificate), capsule: dealt.digest)])
            let put = try cast.buyer.curl.put(
                consultation.path + "/keys",
                ["keySet": Data(keySet.canonicalBytes).base64EncodedString(), "capsules": [Data(dealt.canonicalBytes).base64EncodedString()]])
            #expect(put.status == 200, "\(put)")
            let outcome = try member.sceau(
                ["share", "accept", consultation.id, "--key", member.key ?? "", "--fingerprint", keySet.fingerprint.hex],
                environment: ["SCEAU_HOME": member.folder.path("home-\(keySet.fingerprint.hex)")])
            #expect(outcome.status == 4 && outcome.err.hasPrefix("sceau: error: your share does not hold"), "\(outcome)")
            #expect(outcome.err.contains("it was dealt for something else"), "\(outcome)")
        }
        #expect(try stage.events("key-accepted").isEmpty)
    }

    // MARK: Making wrong ones

    /// Bytes of the share object of this member.
    private static func shareLength(_ capsule: Capsule, _ number: Int) -> Int {
        let object = [
            "certificate": String(repeating: "0", count: 64), "consultation": capsule.consultation.text, "format": "sceau/share/1",
            "notBefore": "\(capsule.notBefore)", "part": capsule.part, "share": String(repeating: "A", count: 44),
        ].mapValues { JSON.string($0) }
        return JSON.object(object.merging(["number": .integer(Int64(number))]) { $1 }).encoded().count
    }

    /// Stock openssl's AuthEnvelopedData for two.
    private static func sealed(to first: Voter, _ second: Voter, length: Int) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let content = try folder.write("content", Data(try Random.bytes(length)))
        var arguments = ["cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER", "-in", content, "-out", folder.path("cms")]
        for (index, voter) in [first, second].enumerated() {
            let certificate = try folder.write("\(index).crt", voter.certificate.pem)
            arguments += ["-recip", certificate, "-keyopt", "ecdh_kdf_md:sha256"]
        }
        try Shell.check("openssl", arguments)
        return try Array(Data(contentsOf: folder.url.appending(path: "cms")))
    }

    /// The same CMS, its GCM tag cut to four bytes and said to be so: what OpenSSL's own parser accepts.
    private static func shortened(_ sealed: [UInt8]) -> [UInt8] {
        var bytes = Array(sealed.dropLast(18)) + [0x04, 0x04] + sealed.suffix(16).prefix(4)
        // aes-ICVlen behind the nonce of twelve bytes.
        guard let nonce = bytes.indices.dropLast(17).last(where: { bytes[$0...].starts(with: [0x30, 0x11, 0x04, 0x0c]) })
        else { return bytes }
        bytes[nonce + 18] = 4
        // ContentInfo, [0], AuthEnvelopedData: each of a length in two bytes.
        for place in [0, 4 + 13, 4 + 13 + 4] where bytes[place + 1] == 0x82 {
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            bytes[place + 2] = UInt8((length - 12) >> 8)
            bytes[place + 3] = UInt8((length - 12) & 0xff)
        }
        return bytes
    }
}
